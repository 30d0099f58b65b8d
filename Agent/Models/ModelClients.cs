using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>The clients of all wire formats.</summary>
internal static class ModelClients
{
    /// <summary>Gives the client of a format; all share these connections.</summary>
    public static Func<ApiMode, IModelClient> Over(ModelHttp http)
    {
        var chat = new ChatCompletionsClient(http);
        var anthropic = new AnthropicMessagesClient(http);
        var responses = new ResponsesClient(http);
        return mode => mode switch
        {
            ApiMode.AnthropicMessages => anthropic,
            ApiMode.CodexResponses => responses,
            _ => chat,
        };
    }
}
