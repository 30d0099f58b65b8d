using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;
using ModelServer.Wire;

namespace ModelServer;

/// <summary>Answers requests: records each, finds its reply and plays it.</summary>
internal sealed class ModelEndpoints(ModelScript script, Gates gates, CancellationToken stopping)
{
    private readonly ReplyChooser _chooser = new(script);
    private readonly Lock _lock = new();
    private readonly List<RecordedRequest> _requests = [];
    private int _calls;

    public Tally Received { get; } = new();

    public Tally Disconnects { get; } = new();

    public IReadOnlyList<RecordedRequest> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    public async Task AnswerAsync(HttpContext context)
    {
        RecordedRequest recorded;
        try
        {
            recorded = await RecordAsync(context);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            Disconnects.Add();
            return;
        }

        string path = context.Request.Path.Value ?? "";
        if (recorded.Method == "GET" && path.EndsWith("/models", StringComparison.Ordinal)) await WriteAsync(context, 200, Models());
        else if (recorded.Method == "POST" && path.EndsWith("/chat/completions", StringComparison.Ordinal)) await AnswerAsync(context, WireApi.Chat, recorded);
        else if (recorded.Method == "POST" && path.EndsWith("/messages", StringComparison.Ordinal)) await AnswerAsync(context, WireApi.Messages, recorded);
        else if (recorded.Method == "POST" && path.EndsWith("/responses", StringComparison.Ordinal)) await AnswerAsync(context, WireApi.Responses, recorded);
        else await WriteAsync(context, 404, Errors.Body(WireApi.Chat, 404, "not_found", $"No route for {recorded.Method} {path}"));
    }

    private async Task<RecordedRequest> RecordAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value.ToArray()), StringComparer.OrdinalIgnoreCase);
        var recorded = new RecordedRequest(
            context.Request.Method, context.Request.Path + context.Request.QueryString.Value, headers, body.ToArray());
        lock (_lock) _requests.Add(recorded);

        // Clients look for models whenever they like.
        if (recorded.IsModelCall) Received.Add();
        return recorded;
    }

    private async Task AnswerAsync(HttpContext context, WireApi api, RecordedRequest recorded)
    {
        int call = Interlocked.Increment(ref _calls);
        ModelRequest request;
        try
        {
            JsonElement body = recorded.Json();
            if (RequestRules.Problem(api, body, recorded.Headers) is { } problem)
            {
                await WriteAsync(context, 400, Errors.Body(api, 400, null, problem));
                return;
            }
            request = ModelRequest.Read(api, call, body, recorded.Body.Length);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            await WriteAsync(context, 400, Errors.Body(api, 400, null, "The body is not a request: " + problem.Message));
            return;
        }

        if (_chooser.Choose(request) is { } reply) await PlayAsync(context, reply, request);
        else await WriteAsync(context, 400, Errors.Body(api, 400, "script_exhausted", $"The script has no reply for call {call}."));
    }

    private async Task PlayAsync(HttpContext context, Reply reply, ModelRequest request)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var output = new ReplyOutput(context, request, reply.BytesPerWrite, either.Token);
        try
        {
            await new ReplyPlayer(reply, request, output, gates).PlayAsync(reply.Steps);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // A held or delayed reply whose client left, or a server that stops.
            if (stopping.IsCancellationRequested) context.Abort();
        }
        if (context.RequestAborted.IsCancellationRequested && output is { Dropped: false, Ending: false } && !stopping.IsCancellationRequested)
            Disconnects.Add();
    }

    private ReadOnlyMemory<byte> Models() => Json.Object(json =>
    {
        json.WriteString("object", "list");
        json.List("data", () =>
        {
            foreach (string model in script.Models)
                json.Item(() =>
                {
                    json.WriteString("id", model);
                    json.WriteString("object", "model");
                    json.WriteString("type", "model");
                    json.WriteString("display_name", model);
                    json.WriteNumber("created", 0);
                    json.WriteString("owned_by", "script");
                });
        });
        json.WriteBoolean("has_more", false);
    });

    private static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
