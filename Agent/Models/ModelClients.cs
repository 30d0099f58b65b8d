using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>The clients of all wire formats.</summary>
internal static class ModelClients
{
    /// <summary>Gives the client of a format; all share these connections.</summary>
    /// <param name="http">The connections.</param>
    /// <param name="signedIn">Makes a client keep logins valid and change credentials; null for one that uses the key as it stands.</param>
    public static Func<ApiMode, IModelClient> Over(ModelHttp http, Func<IModelClient, IModelClient>? signedIn = null)
    {
        signedIn ??= client => client;
        var chat = signedIn(new ChatCompletionsClient(http));
        var anthropic = signedIn(new AnthropicMessagesClient(http));
        var responses = signedIn(new ResponsesClient(http));
        return mode => mode switch
        {
            ApiMode.AnthropicMessages => anthropic,
            ApiMode.CodexResponses => responses,
            _ => chat,
        };
    }
}
