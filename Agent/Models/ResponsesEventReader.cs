using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Reads Responses stream events, and whole responses of servers that do not stream, into a reply.
/// Works on the bytes of the event; a text delta allocates nothing.</summary>
/// <param name="reply">What to fill.</param>
/// <param name="issuer">Mark for the reasoning items of this endpoint.</param>
/// <param name="secret">The credential, to be kept out of error texts.</param>
internal sealed class ResponsesEventReader(ReplyAssembler reply, string issuer, string secret) : IEventReader
{
    private readonly JsonText _text = new();
    private readonly ResponsesItemReader _items = new(reply);

    /// <inheritdoc/>
    public bool Done { get; private set; }

    /// <inheritdoc/>
    public ModelError? Error { get; private set; }

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> data)
    {
        // The service itself ends without it; servers that imitate it need not.
        if (data.Trim((byte)' ').SequenceEqual("[DONE]"u8))
        {
            Done = true;
            return;
        }

        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        // One pass over the whole event finds the parts (and that it is valid JSON) before anything of it is passed on.
        Utf8JsonReader delta = default;
        var hasDelta = false;
        var kind = EventKind.Whole;
        int? index = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isIndex = !isType && reader.ValueTextEquals("output_index"u8);
            var isDelta = !isType && !isIndex && reader.ValueTextEquals("delta"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                kind = KindOf(ref reader);
            }
            else if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            {
                index = number;
            }
            else if (isDelta && reader.TokenType == JsonTokenType.String)
            {
                delta = reader;
                hasDelta = true;
            }

            reader.Skip();
        }

        switch (kind)
        {
            case EventKind.Text when hasDelta:
                _items.AddText(_text.Decode(ref delta));
                break;
            case EventKind.Reasoning when hasDelta:
                _items.AddReasoning(_text.Decode(ref delta));
                break;
            case EventKind.Arguments when hasDelta:
                _items.AddArguments(index, _text.Decode(ref delta));
                break;
            case EventKind.SummaryPartAdded:
                _items.BeginReasoningPart();
                break;
            case EventKind.ItemAdded or EventKind.ItemDone or EventKind.ArgumentsDone or EventKind.End or EventKind.Error or EventKind.Whole:
                ReadRare(kind, data, index);
                break;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        if (_items.Reasoning.Count != 0)
        {
            reply.ReasoningDetailsJson = ResponsesReasoning.Pack(_items.Reasoning, issuer);
        }

        reply.MessageItemsJson = ResponsesMessages.Pack(_items.Messages, issuer);
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    /// <summary>Events that come once per item or response: no need to save allocations.</summary>
    private void ReadRare(EventKind kind, ReadOnlySpan<byte> data, int? index)
    {
        var whole = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref whole);
        var root = document.RootElement;
        switch (kind)
        {
            case EventKind.ItemAdded when root.TryGetProperty("item"u8, out var added):
                _items.Begin(added, index);
                break;
            case EventKind.ItemDone when root.TryGetProperty("item"u8, out var done):
                _items.End(done, index);
                break;
            case EventKind.ArgumentsDone:
                _items.EndArguments(index, Text(root, "arguments"));
                break;
            case EventKind.End when root.TryGetProperty("response"u8, out var response):
                ReadEnd(response);
                break;
            case EventKind.Whole:
                ReadEnd(root);
                break;
            case EventKind.Error:
                Fail(root);
                break;
        }
    }

    private void ReadEnd(JsonElement response)
    {
        if (response.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (response.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(usage));
            reader.Read();
            reply.Usage = UsageReader.ReadResponses(ref reader);
        }

        var status = Text(response, "status");
        if (status is "failed" or "cancelled" || (response.TryGetProperty("error"u8, out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String))
        {
            Fail(response);
            return;
        }

        if (!_items.Any && response.TryGetProperty("output"u8, out var output) && output.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in output.EnumerateArray())
            {
                _items.Begin(item, index);
                _items.End(item, index++);
            }
        }

        // A stray object without any of the members of a response is none.
        if (status.Length == 0 && !_items.Any)
        {
            return;
        }

        reply.FinishReason = status == "incomplete" ? IncompleteReason(response, reply.Tools.Any) : reply.Tools.Any ? "tool_calls" : "stop";
        Done = true;
    }

    private void Fail(JsonElement root)
    {
        Error = ProviderError.InStream(root, secret);
    }

    // A call that was cut off is one that has to be made again; text can be gone on with.
    private static string IncompleteReason(JsonElement response, bool calls) =>
        response.TryGetProperty("incomplete_details"u8, out var details) && details.ValueKind == JsonValueKind.Object
        && Text(details, "reason") == "content_filter"
            ? "content_filter"
            : calls ? "length" : "incomplete";

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static EventKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("response.output_text.delta"u8) || reader.ValueTextEquals("response.refusal.delta"u8) ? EventKind.Text
        : reader.ValueTextEquals("response.function_call_arguments.delta"u8) ? EventKind.Arguments
        : reader.ValueTextEquals("response.reasoning_summary_text.delta"u8) || reader.ValueTextEquals("response.reasoning_text.delta"u8) ? EventKind.Reasoning
        : reader.ValueTextEquals("response.reasoning_summary_part.added"u8) ? EventKind.SummaryPartAdded
        : reader.ValueTextEquals("response.output_item.added"u8) ? EventKind.ItemAdded
        : reader.ValueTextEquals("response.output_item.done"u8) ? EventKind.ItemDone
        : reader.ValueTextEquals("response.function_call_arguments.done"u8) ? EventKind.ArgumentsDone
        : reader.ValueTextEquals("response.completed"u8) || reader.ValueTextEquals("response.incomplete"u8) || reader.ValueTextEquals("response.failed"u8) ? EventKind.End
        : reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("response.error"u8) ? EventKind.Error
        : EventKind.Other;

    private enum EventKind
    {
        Other,
        Text,
        Reasoning,
        Arguments,
        SummaryPartAdded,
        ItemAdded,
        ItemDone,
        ArgumentsDone,
        End,
        Error,

        /// <summary>No event but a response by itself.</summary>
        Whole,
    }
}
