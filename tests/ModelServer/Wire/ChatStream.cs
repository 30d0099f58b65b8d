using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Streams a chat completion: unnamed events, the role in the first delta, the usage in a chunk without choices.</summary>
internal sealed class ChatStream(ReplyOutput output, ModelRequest request) : IReplyWriter
{
    private bool _begun;
    private bool _thinking;

    public Task BeginAsync()
    {
        if (_begun) return Task.CompletedTask;
        _begun = true;
        return DeltaAsync(json =>
        {
            json.WriteString("role", "assistant");
            json.WriteString("content", "");
        });
    }

    public Task TextAsync(string piece) => DeltaAsync(json => json.WriteString("content", piece));

    public Task ReasoningAsync(string piece, ReasoningSpelling spelling)
    {
        if (spelling != ReasoningSpelling.Think) return DeltaAsync(json => ChatJson.Reasoning(json, piece, spelling, null));
        bool first = !_thinking;
        _thinking = true;
        return TextAsync(first ? "<think>" + piece : piece);
    }

    public Task EndReasoningAsync(ReasoningSpelling spelling, string? signature)
    {
        if (_thinking)
        {
            _thinking = false;
            return TextAsync("</think>\n\n");
        }
        bool details = spelling is ReasoningSpelling.ReasoningDetails or ReasoningSpelling.OpenRouter;
        if (signature is null || !details) return Task.CompletedTask;
        return DeltaAsync(json => ChatJson.Reasoning(json, "", ReasoningSpelling.ReasoningDetails, signature));
    }

    public Task RedactedReasoningAsync(string data) =>
        DeltaAsync(json => json.List("reasoning_details", () => ChatJson.Redacted(json, data)));

    public Task BeginCallAsync(ScriptedCall call, int index, string arguments) =>
        DeltaAsync(json => json.List("tool_calls", () => ChatJson.Call(json, call.Id, call.Name, arguments, call.Index ?? index)));

    public Task ArgumentsAsync(ScriptedCall call, int index, string piece) =>
        DeltaAsync(json => json.List("tool_calls", () => json.Item(() =>
        {
            json.WriteNumber("index", call.Index ?? index);
            json.Object("function", () => json.WriteString("arguments", piece));
        })));

    public Task KeepAliveAsync() => output.WriteAsync(": keep-alive\n\n"u8.ToArray());

    public Task ErrorAsync(ErrorStep error) =>
        DataAsync(Json.Object(json => Errors.Chat(json, error.ErrorType, error.Message)));

    public async Task FinishAsync(string reason, ScriptedUsage? usage)
    {
        await ChunkAsync(json =>
        {
            json.List("choices", () => json.Item(() =>
            {
                json.WriteNumber("index", 0);
                json.Object("delta", () => { });
                json.WriteString("finish_reason", reason);
            }));
            NoUsageYet(json);
        });
        if (usage is not null && request.IncludeUsage)
            await ChunkAsync(json =>
            {
                json.List("choices", () => { });
                ChatJson.Usage(json, usage);
            });
        output.MarkEnding();
        await DataAsync("[DONE]"u8.ToArray());
    }

    private async Task DeltaAsync(Action<Utf8JsonWriter> delta)
    {
        await BeginAsync();
        await ChunkAsync(json =>
        {
            json.List("choices", () => json.Item(() =>
            {
                json.WriteNumber("index", 0);
                json.Object("delta", () => delta(json));
                json.WriteNull("finish_reason");
            }));
            NoUsageYet(json);
        });
    }

    /// <summary>A stream that ends in a usage chunk has a null in all others.</summary>
    private void NoUsageYet(Utf8JsonWriter json)
    {
        if (request.IncludeUsage) json.WriteNull("usage");
    }

    private Task ChunkAsync(Action<Utf8JsonWriter> fields) => DataAsync(Json.Object(json =>
    {
        ChatJson.Envelope(json, request, "chat.completion.chunk");
        fields(json);
    }));

    private Task DataAsync(ReadOnlyMemory<byte> data)
    {
        byte[] line = [.. "data: "u8, .. data.Span, .. "\n\n"u8];
        return output.WriteAsync(line);
    }
}
