using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Talks to Anthropic and compatible endpoints: <c>POST {base}/v1/messages</c>.</summary>
internal sealed class AnthropicMessagesClient(ModelHttp http) : IModelClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        var endpoint = request.Endpoint;
        var body = AnthropicRequestWriter.Write(request);
        await ModelCall.RunAsync(
            http, endpoint, () => Message(request, body), body.Length, ConnectTimeout, () => new AnthropicEventReader(reply, endpoint.ApiKey), reply, cancellationToken);
    }

    private static HttpRequestMessage Message(ModelRequest request, ReadOnlyMemory<byte> body)
    {
        var message = RequestJson.Post(Address(request.Endpoint), body);
        AddHeaders(message, request);
        return message;
    }

    /// <summary>Whether a key is an OAuth token of Anthropic's (CONFIG.md 4.3); those travel as a bearer token.</summary>
    internal static bool IsOAuthToken(string key) =>
        (key.StartsWith("sk-ant-", StringComparison.Ordinal) && !key.StartsWith("sk-ant-api", StringComparison.Ordinal))
        || key.StartsWith("eyJ", StringComparison.Ordinal)
        || key.StartsWith("cc-", StringComparison.Ordinal);

    private static string Address(ModelEndpoint endpoint)
    {
        var root = endpoint.BaseUrl.TrimEnd('/');
        root = root.EndsWith("/v1", StringComparison.Ordinal) ? root : root + "/v1";
        var query = ModelTraits.IsHost(endpoint, "azure.com") ? "?api-version=2025-04-15" : "";
        return root + "/messages" + query;
    }

    private static void AddHeaders(HttpRequestMessage message, ModelRequest request)
    {
        var endpoint = request.Endpoint;
        var miniMax = ModelTraits.IsMiniMax(endpoint);
        var oauth = ModelTraits.IsNativeAnthropic(endpoint) && IsOAuthToken(endpoint.ApiKey);
        if (endpoint.ApiKey.Length != 0 && endpoint.ApiKey != "no-key-required")
        {
            if (miniMax || oauth)
            {
                RequestJson.AddCredential(message, "Authorization", "Bearer " + endpoint.ApiKey);
            }
            else
            {
                RequestJson.AddCredential(message, "x-api-key", endpoint.ApiKey);
            }
        }

        var headers = message.Headers;
        headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        headers.TryAddWithoutValidation("User-Agent", ModelTraits.IsHost(endpoint, "api.kimi.com") ? "claude-code/0.1.0" : "tui-gateway");
        var betas = "interleaved-thinking-2025-05-14";
        if (!miniMax)
        {
            betas += ",fine-grained-tool-streaming-2025-05-14";
            betas += oauth ? ",claude-code-20250219,oauth-2025-04-20" : ",context-1m-2025-08-07";
            if (AnthropicRequestWriter.IsFast(request))
            {
                betas += ",fast-mode-2026-02-01";
            }
        }

        headers.TryAddWithoutValidation("anthropic-beta", betas);
    }
}
