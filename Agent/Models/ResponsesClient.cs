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
        var message = RequestJson.Post(endpoint.BaseUrl.TrimEnd('/') + "/responses", body);
        AddHeaders(message, request);
        using var reader = new ResponsesEventReader(reply, ResponsesReasoning.IssuerOf(endpoint), endpoint.ApiKey);
        await ModelCall.RunAsync(http, endpoint, message, body.Length, ConnectTimeout, reader, reply, cancellationToken);
    }

    private static void AddHeaders(HttpRequestMessage message, ModelRequest request)
    {
        var endpoint = request.Endpoint;
        if (endpoint.ApiKey.Length != 0 && endpoint.ApiKey != "no-key-required")
        {
            RequestJson.AddCredential(message, "Authorization", "Bearer " + endpoint.ApiKey);
        }

        message.Headers.TryAddWithoutValidation("User-Agent", "tui-gateway");

        // A key from another program's row may be anything; a header may not.
        if (ModelTraits.IsXai(endpoint) && request.SessionKey is { Length: > 0 } key && key.All(c => c is > ' ' and <= '~'))
        {
            message.Headers.TryAddWithoutValidation("x-grok-conv-id", key);
        }
    }
}
