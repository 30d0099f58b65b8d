using Gateway.Agent.Logins;

namespace Gateway.Agent.Models;

/// <summary>Talks to OpenAI-compatible endpoints: <c>POST {base}/chat/completions</c>.</summary>
internal sealed class ChatCompletionsClient(ModelHttp http) : IModelClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        var endpoint = request.Endpoint;
        var body = ChatRequestWriter.Write(request);
        await ModelCall.RunAsync(
            http, endpoint, () => Message(request, body), body.Length, ConnectTimeout, () => new ChatChunkReader(reply, endpoint.ApiKey), reply, cancellationToken);
    }

    private static HttpRequestMessage Message(ModelRequest request, ReadOnlyMemory<byte> body)
    {
        var message = RequestJson.Post(request.Endpoint.BaseUrl.TrimEnd('/') + "/chat/completions", body);
        AddHeaders(message, request);
        return message;
    }

    private static void AddHeaders(HttpRequestMessage message, ModelRequest request)
    {
        var endpoint = request.Endpoint;
        if (endpoint.ApiKey.Length != 0 && endpoint.ApiKey != "no-key-required")
        {
            RequestJson.AddCredential(message, "Authorization", "Bearer " + endpoint.ApiKey);
        }

        var headers = message.Headers;
        if (ModelTraits.IsHost(endpoint, "api.kimi.com"))
        {
            headers.TryAddWithoutValidation("User-Agent", "claude-code/0.1.0");
        }
        else
        {
            headers.TryAddWithoutValidation("User-Agent", "tui-gateway");
        }

        if (endpoint.Provider == "copilot")
        {
            CopilotHeaders.Add(message);
        }
        else if (endpoint.Provider == "qwen-oauth")
        {
            headers.TryAddWithoutValidation("X-DashScope-AuthType", "qwen-oauth");
        }

        if (ModelTraits.IsOpenRouter(endpoint))
        {
            headers.TryAddWithoutValidation("HTTP-Referer", "https://hermes-agent.nousresearch.com");
            headers.TryAddWithoutValidation("X-OpenRouter-Title", "Hermes Agent");
            headers.TryAddWithoutValidation("X-OpenRouter-Categories", "productivity,cli-agent");
            if (endpoint.Model.Contains("claude", StringComparison.OrdinalIgnoreCase))
            {
                headers.TryAddWithoutValidation("x-anthropic-beta", "fine-grained-tool-streaming-2025-05-14");
            }
        }
        else if (ModelTraits.IsVercel(endpoint))
        {
            headers.TryAddWithoutValidation("HTTP-Referer", "https://hermes-agent.nousresearch.com");
            headers.TryAddWithoutValidation("X-Title", "Hermes Agent");
        }
    }
}
