using System.Text;
using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Streams a response: named and numbered events, one output item open at a time, the whole response again at the end.</summary>
internal sealed class ResponsesStream(ReplyOutput output, ModelRequest request) : IReplyWriter
{
    private readonly List<ReadOnlyMemory<byte>> _items = [];
    private readonly StringBuilder _text = new();
    private bool _begun;
    private int _sequence;
    private string? _open;
    private ScriptedCall? _call;
    private ResponsesItem? _item;

    private ResponsesItem Item => _item!;

    public async Task BeginAsync()
    {
        if (_begun) return;
        _begun = true;
        foreach (string type in (string[])["response.created", "response.in_progress"])
            await EventAsync(type, json => json.Object("response", () => ResponsesJson.Response(json, request, null, [], null)));
    }

    public async Task TextAsync(string piece)
    {
        if (_open != "message")
        {
            await OpenAsync("message", item => item.Message(null));
            await PartAsync("response.content_part.added", Item.MessageId, "content_index", json => ResponsesJson.TextPart(json, ""));
        }
        await DeltaAsync("response.output_text.delta", Item.MessageId, piece, json =>
        {
            json.WriteNumber("content_index", 0);
            json.List("logprobs", () => { });
        });
    }

    public async Task ReasoningAsync(string piece, ReasoningSpelling spelling)
    {
        if (_open != "reasoning")
        {
            await OpenAsync("reasoning", item => item.Reasoning(null, null));
            await PartAsync("response.reasoning_summary_part.added", Item.ReasoningId, "summary_index", json => ResponsesJson.SummaryPart(json, ""));
        }
        await DeltaAsync("response.reasoning_summary_text.delta", Item.ReasoningId, piece, json => json.WriteNumber("summary_index", 0));
    }

    /// <summary>The signature is what the encrypted content stands for here.</summary>
    public Task EndReasoningAsync(ReasoningSpelling spelling, string? signature) =>
        _open == "reasoning" && signature is not null ? CloseAsync(signature) : Task.CompletedTask;

    public async Task RedactedReasoningAsync(string data)
    {
        await OpenAsync("reasoning", item => item.Reasoning(null, null));
        await CloseAsync(data);
    }

    public async Task BeginCallAsync(ScriptedCall call, int index, string arguments)
    {
        await OpenAsync("function_call", item => item.Call(call, null));
        _call = call;
        if (arguments.Length > 0) await ArgumentsAsync(call, index, arguments);
    }

    public Task ArgumentsAsync(ScriptedCall call, int index, string piece) =>
        DeltaAsync("response.function_call_arguments.delta", Item.CallItemId, piece, _ => { });

    public Task KeepAliveAsync() => output.WriteAsync(": keep-alive\n\n"u8.ToArray());

    public async Task ErrorAsync(ErrorStep error)
    {
        await BeginAsync();
        await EventAsync("error", json => Errors.Chat(json, error.ErrorType, error.Message));
    }

    public async Task FinishAsync(string reason, ScriptedUsage? usage)
    {
        await CloseAsync(null);
        output.MarkEnding();
        await EventAsync(
            reason is "length" or "content_filter" ? "response.incomplete" : "response.completed",
            json => json.Object("response", () => ResponsesJson.Response(json, request, reason, _items, usage)));
    }

    private async Task OpenAsync(string type, Func<ResponsesItem, ReadOnlyMemory<byte>> begun)
    {
        await BeginAsync();
        await CloseAsync(null);
        _open = type;
        _item = new ResponsesItem(request, _items.Count);
        await ItemAsync("response.output_item.added", begun(Item));
    }

    private async Task CloseAsync(string? encrypted)
    {
        if (_open is null) return;
        string text = _text.ToString(), type = _open;
        _text.Clear();
        _open = null;
        switch (type)
        {
            case "message":
                await DoneAsync("response.output_text.done", Item.MessageId, "text", text, json =>
                {
                    json.WriteNumber("content_index", 0);
                    json.List("logprobs", () => { });
                });
                await PartAsync("response.content_part.done", Item.MessageId, "content_index", json => ResponsesJson.TextPart(json, text));
                await EndItemAsync(Item.Message(text));
                break;
            case "reasoning":
                if (text.Length > 0)
                {
                    await DoneAsync("response.reasoning_summary_text.done", Item.ReasoningId, "text", text, json => json.WriteNumber("summary_index", 0));
                    await PartAsync("response.reasoning_summary_part.done", Item.ReasoningId, "summary_index", json => ResponsesJson.SummaryPart(json, text));
                }
                await EndItemAsync(Item.Reasoning(text, encrypted));
                break;
            default:
                await DoneAsync("response.function_call_arguments.done", Item.CallItemId, "arguments", text, json => json.WriteString("name", _call!.Name));
                await EndItemAsync(Item.Call(_call!, text));
                break;
        }
    }

    private async Task EndItemAsync(ReadOnlyMemory<byte> item)
    {
        _items.Add(item);
        await ItemAsync("response.output_item.done", item);
    }

    private Task ItemAsync(string type, ReadOnlyMemory<byte> item) => EventAsync(type, json =>
    {
        json.WriteNumber("output_index", Item.Index);
        json.WritePropertyName("item");
        json.WriteRawValue(item.Span);
    });

    private Task PartAsync(string type, string id, string indexName, Action<Utf8JsonWriter> part) => EventAsync(type, json =>
    {
        json.WriteString("item_id", id);
        json.WriteNumber("output_index", Item.Index);
        json.WriteNumber(indexName, 0);
        json.Object("part", () => part(json));
    });

    private Task DeltaAsync(string type, string id, string piece, Action<Utf8JsonWriter> fields)
    {
        _text.Append(piece);
        return DoneAsync(type, id, "delta", piece, fields);
    }

    private Task DoneAsync(string type, string id, string name, string text, Action<Utf8JsonWriter> fields) => EventAsync(type, json =>
    {
        json.WriteString("item_id", id);
        json.WriteNumber("output_index", Item.Index);
        fields(json);
        json.WriteString(name, text);
    });

    private async Task EventAsync(string type, Action<Utf8JsonWriter> fields)
    {
        ReadOnlyMemory<byte> data = Json.Object(json =>
        {
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _sequence++);
            fields(json);
        });
        byte[] text = [.. "event: "u8, .. Encoding.UTF8.GetBytes(type), .. "\ndata: "u8, .. data.Span, .. "\n\n"u8];
        await output.WriteAsync(text);
    }
}
