using Gateway.Agent.Logins;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Talks to Responses endpoints: <c>POST {base}/responses</c>.</summary>
internal sealed class ResponsesClient(ModelHttp http) : IModelClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        var endpoint = request.Endpoint;
        var body = ResponsesRequestWriter.Write(request);
        await ModelCall.RunAsync(
            http,
            endpoint,
            () => Message(request, body),
            body.Length,
            ConnectTimeout,
            () => new ResponsesEventReader(reply, ResponsesReasoning.IssuerOf(endpoint), endpoint.ApiKey),
            reply,
            cancellationToken);
    }

    private static HttpRequestMessage Message(ModelRequest request, ReadOnlyMemory<byte> body)
    {
        var message = RequestJson.Post(request.Endpoint.BaseUrl.TrimEnd('/') + "/responses", body);
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

        bool chatGpt = endpoint.Provider == "openai-codex";
        message.Headers.TryAddWithoutValidation("User-Agent", chatGpt ? "codex_cli_rs/0.0.0 (tui-gateway)" : "tui-gateway");
        if (endpoint.Provider == "copilot")
        {
            CopilotHeaders.Add(message);
        }

        if (chatGpt)
        {
            // The service serves the Codex client only, and wants to know which of the user's accounts pays.
            message.Headers.TryAddWithoutValidation("originator", "codex_cli_rs");
            if (AccountOf(endpoint.ApiKey) is { } account)
            {
                message.Headers.TryAddWithoutValidation("ChatGPT-Account-ID", account);
            }
        }

        // A key from another program's row may be anything; a header may not.
        if (request.SessionKey is not { Length: > 0 } key || !key.All(c => c is > ' ' and <= '~'))
        {
            return;
        }

        if (ModelTraits.IsXai(endpoint))
        {
            message.Headers.TryAddWithoutValidation("x-grok-conv-id", key);
        }
        else if (chatGpt)
        {
            message.Headers.TryAddWithoutValidation("session_id", key);
            message.Headers.TryAddWithoutValidation("x-client-request-id", key);
        }
    }

    private static string? AccountOf(string token) =>
        StoredLogins.Claims(token) is { } claims
        && AuthFile.Text(AuthFile.Member(AuthFile.Member(claims, "https://api.openai.com/auth"), "chatgpt_account_id")) is { } account
        && account.All(c => c is > ' ' and <= '~')
            ? account
            : null;
}
