using System.Text;
using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Streams an Anthropic message: named events, one content block open at a time.</summary>
/// <param name="output">Where the bytes go.</param>
/// <param name="request">What is answered.</param>
/// <param name="usage">The usage of the whole reply: its input half is already told at the start.</param>
internal sealed class MessagesStream(ReplyOutput output, ModelRequest request, ScriptedUsage? usage) : IReplyWriter
{
    private bool _begun;
    private int _block = -1;
    private string? _open;

    public async Task BeginAsync()
    {
        if (_begun) return;
        _begun = true;
        await EventAsync("message_start", json => json.Object("message", () =>
        {
            MessagesJson.Head(json, request);
            json.List("content", () => { });
            json.WriteNull("stop_reason");
            json.WriteNull("stop_sequence");
            json.Object("usage", () =>
            {
                MessagesJson.InputUsage(json, usage ?? new ScriptedUsage(0, 0, 0, 0, 0));
                json.WriteNumber("output_tokens", 1);
            });
        }));
        await KeepAliveAsync();
    }

    public async Task TextAsync(string piece)
    {
        await BlockAsync("text", json => json.WriteString("text", ""));
        await BlockDeltaAsync("text_delta", "text", piece);
    }

    public async Task ReasoningAsync(string piece, ReasoningSpelling spelling)
    {
        await BlockAsync("thinking", json =>
        {
            json.WriteString("thinking", "");
            json.WriteString("signature", "");
        });
        await BlockDeltaAsync("thinking_delta", "thinking", piece);
    }

    public async Task EndReasoningAsync(ReasoningSpelling spelling, string? signature)
    {
        // Unsigned reasoning may go on in the next step, in the same block.
        if (_open != "thinking" || signature is null) return;
        await BlockDeltaAsync("signature_delta", "signature", signature);
        await CloseBlockAsync();
    }

    public async Task RedactedReasoningAsync(string data)
    {
        await CloseBlockAsync();
        await BlockAsync("redacted_thinking", json => json.WriteString("data", data));
        await CloseBlockAsync();
    }

    public async Task BeginCallAsync(ScriptedCall call, int index, string arguments)
    {
        await CloseBlockAsync();
        await BlockAsync("tool_use", json =>
        {
            json.WriteString("id", call.Id ?? $"toolu_scripted_{request.Call}_{index}");
            json.WriteString("name", call.Name);
            json.Object("input", () => { });
        });
        if (arguments.Length > 0) await ArgumentsAsync(call, index, arguments);
    }

    public Task ArgumentsAsync(ScriptedCall call, int index, string piece) =>
        BlockDeltaAsync("input_json_delta", "partial_json", piece);

    public Task KeepAliveAsync() => EventAsync("ping", _ => { });

    public Task ErrorAsync(ErrorStep error) => EventAsync("error", json => Errors.Messages(json, error.ErrorType, error.Message));

    public async Task FinishAsync(string reason, ScriptedUsage? usage)
    {
        await CloseBlockAsync();
        await EventAsync("message_delta", json =>
        {
            json.Object("delta", () =>
            {
                json.WriteString("stop_reason", MessagesJson.StopReason(reason));
                json.WriteNull("stop_sequence");
            });
            if (usage is not null)
                json.Object("usage", () =>
                {
                    MessagesJson.InputUsage(json, usage);
                    json.WriteNumber("output_tokens", usage.Output);
                });
        });
        output.MarkEnding();
        await EventAsync("message_stop", _ => { });
    }

    private async Task BlockAsync(string type, Action<Utf8JsonWriter> fields)
    {
        await BeginAsync();
        if (_open == type) return;
        await CloseBlockAsync();
        _block++;
        _open = type;
        await EventAsync("content_block_start", json =>
        {
            json.WriteNumber("index", _block);
            json.Object("content_block", () =>
            {
                json.WriteString("type", type);
                fields(json);
            });
        });
    }

    private Task BlockDeltaAsync(string type, string field, string piece) => EventAsync("content_block_delta", json =>
    {
        json.WriteNumber("index", _block);
        json.Object("delta", () =>
        {
            json.WriteString("type", type);
            json.WriteString(field, piece);
        });
    });

    private async Task CloseBlockAsync()
    {
        if (_open is null) return;
        _open = null;
        await EventAsync("content_block_stop", json => json.WriteNumber("index", _block));
    }

    private async Task EventAsync(string type, Action<Utf8JsonWriter> fields)
    {
        ReadOnlyMemory<byte> data = Json.Object(json =>
        {
            json.WriteString("type", type);
            fields(json);
        });
        byte[] text = [.. "event: "u8, .. Encoding.UTF8.GetBytes(type), .. "\ndata: "u8, .. data.Span, .. "\n\n"u8];
        await output.WriteAsync(text);
    }
}
