using System.Text;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Reads Anthropic stream events, and whole messages of servers that do not stream, into a reply.</summary>
/// <param name="reply">What to fill.</param>
/// <param name="secret">The credential, to be kept out of error texts.</param>
internal sealed class AnthropicEventReader(ReplyAssembler reply, string secret) : IEventReader
{
    private readonly JsonText _text = new();
    private readonly List<ThinkingBlock> _thinking = [];

    /// <inheritdoc/>
    public bool Done { get; private set; }

    /// <inheritdoc/>
    public ModelError? Error { get; private set; }

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        Utf8JsonReader delta = default, usage = default;
        bool hasDelta = false, hasUsage = false;
        var kind = EventKind.Other;
        var index = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isIndex = reader.ValueTextEquals("index"u8);
            var isDelta = reader.ValueTextEquals("delta"u8);
            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                kind = KindOf(ref reader);
            }
            else if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            {
                index = number;
            }
            else if (isDelta && reader.TokenType == JsonTokenType.StartObject)
            {
                delta = reader;
                hasDelta = true;
            }
            else if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                usage = reader;
                hasUsage = true;
            }

            reader.Skip();
        }

        switch (kind)
        {
            case EventKind.BlockDelta when hasDelta:
                ReadBlockDelta(ref delta, index);
                break;
            case EventKind.MessageDelta:
                if (hasDelta)
                {
                    ReadMessageDelta(ref delta);
                }

                if (hasUsage)
                {
                    reply.Usage = UsageReader.ReadAnthropic(ref usage, reply.Usage);
                }

                break;
            case EventKind.MessageStop:
                Done = true;
                break;
            case EventKind.BlockStart or EventKind.MessageStart or EventKind.Message or EventKind.Error:
                ReadRare(kind, data, index);
                break;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        // Some imitations of the service leave message_stop out.
        Done |= reply.FinishReason is not null;
        if (_thinking.Count == 0)
        {
            return;
        }

        reply.ReasoningDetailsJson = Encoding.UTF8.GetString(RequestJson.Build(writer =>
        {
            writer.WriteStartArray();
            foreach (var block in _thinking)
            {
                block.Write(writer);
            }

            writer.WriteEndArray();
        }).Span);
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    private void ReadBlockDelta(ref Utf8JsonReader reader, int index)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isText = reader.ValueTextEquals("text"u8);
            var isJson = reader.ValueTextEquals("partial_json"u8);
            var isThinking = reader.ValueTextEquals("thinking"u8);
            var isSignature = reader.ValueTextEquals("signature"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                reader.Skip();
            }
            else if (isText)
            {
                reply.AppendContent(_text.Decode(ref reader));
            }
            else if (isJson)
            {
                reply.Tools.AddArguments(reply.Tools.Locate(index, null, hasName: false), _text.Decode(ref reader));
            }
            else if (isThinking)
            {
                var thought = _text.Decode(ref reader);
                Block(index).Text.Append(thought);
                reply.AppendReasoning(thought);
            }
            else if (isSignature)
            {
                Block(index).Signature.Append(_text.Decode(ref reader));
            }
        }
    }

    private void ReadMessageDelta(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = reader.ValueTextEquals("stop_reason"u8);
            reader.Read();
            if (isReason && reader.TokenType == JsonTokenType.String)
            {
                reply.FinishReason = FinishReasonOf(reader.GetString());
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Events that come once per block or message: no need to save allocations.</summary>
    private void ReadRare(EventKind kind, ReadOnlySpan<byte> data, int index)
    {
        var whole = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref whole);
        var root = document.RootElement;
        switch (kind)
        {
            case EventKind.Error:
                Error = ProviderError.InStream(root, secret);
                break;
            case EventKind.MessageStart when root.TryGetProperty("message", out var started):
                ReadUsage(started);
                break;
            case EventKind.BlockStart when root.TryGetProperty("content_block", out var block):
                StartBlock(block, index, whole: false);
                break;
            case EventKind.Message:
                ReadWholeMessage(root);
                break;
        }
    }

    private void ReadWholeMessage(JsonElement root)
    {
        var index = 0;
        if (root.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in content.EnumerateArray())
            {
                StartBlock(block, index++, whole: true);
            }
        }

        ReadUsage(root);
        reply.FinishReason = FinishReasonOf(Text(root, "stop_reason"));
        Done = true;
    }

    private void StartBlock(JsonElement block, int index, bool whole)
    {
        switch (Text(block, "type"))
        {
            case "text":
                reply.AppendContent(Text(block, "text"));
                break;
            case "thinking":
                var thinking = Block(index);
                thinking.Text.Append(Text(block, "thinking"));
                thinking.Signature.Append(Text(block, "signature"));
                reply.AppendReasoning(Text(block, "thinking"));
                break;
            case "redacted_thinking":
                Block(index).Data = Text(block, "data");
                break;
            case "tool_use":
                var slot = reply.Tools.Locate(index, Text(block, "id"), hasName: true);
                reply.Tools.AddName(slot, Text(block, "name"));

                // The start of a streamed block has an empty input; the real one follows in pieces.
                if (block.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Object && (whole || input.GetRawText() != "{}"))
                {
                    reply.Tools.AddArguments(slot, input.GetRawText());
                }

                break;
        }
    }

    private void ReadUsage(JsonElement message)
    {
        if (message.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(usage.GetRawText()));
            reader.Read();
            reply.Usage = UsageReader.ReadAnthropic(ref reader, reply.Usage);
        }
    }

    private ThinkingBlock Block(int index)
    {
        var block = _thinking.Find(known => known.Index == index);
        if (block is null)
        {
            block = new ThinkingBlock(index);
            _thinking.Add(block);
        }

        return block;
    }

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static EventKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("content_block_delta"u8) ? EventKind.BlockDelta
        : reader.ValueTextEquals("content_block_start"u8) ? EventKind.BlockStart
        : reader.ValueTextEquals("message_start"u8) ? EventKind.MessageStart
        : reader.ValueTextEquals("message_delta"u8) ? EventKind.MessageDelta
        : reader.ValueTextEquals("message_stop"u8) ? EventKind.MessageStop
        : reader.ValueTextEquals("message"u8) ? EventKind.Message
        : reader.ValueTextEquals("error"u8) ? EventKind.Error
        : EventKind.Other;

    private static string FinishReasonOf(string? reason) => reason switch
    {
        "tool_use" => "tool_calls",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "refusal" => "content_filter",
        _ => "stop",
    };

    private enum EventKind
    {
        Other,
        MessageStart,
        BlockStart,
        BlockDelta,
        MessageDelta,
        MessageStop,
        Message,
        Error,
    }

    private sealed class ThinkingBlock(int index)
    {
        public int Index => index;

        public StringBuilder Text { get; } = new();

        public StringBuilder Signature { get; } = new();

        public string? Data { get; set; }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            if (Data is not null)
            {
                writer.WriteString("type"u8, "redacted_thinking"u8);
                writer.WriteString("data"u8, Data);
            }
            else
            {
                writer.WriteString("type"u8, "thinking"u8);
                writer.WriteString("thinking"u8, Text.ToString());
                if (Signature.Length != 0)
                {
                    writer.WriteString("signature"u8, Signature.ToString());
                }
            }

            writer.WriteEndObject();
        }
    }
}
