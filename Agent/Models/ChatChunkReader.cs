using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Reads chat-completions chunks, and whole answers of servers that do not stream, into a reply.
/// Works on the bytes of the chunk; a text delta allocates nothing.</summary>
/// <param name="reply">What to fill.</param>
/// <param name="secret">The credential, to be kept out of error texts.</param>
internal sealed class ChatChunkReader(ReplyAssembler reply, string secret) : IEventReader
{
    private readonly JsonText _text = new();
    private ChatReasoningDetails? _details;

    /// <inheritdoc/>
    public bool Done { get; private set; }

    /// <inheritdoc/>
    public ModelError? Error { get; private set; }

    private bool _finished;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> data)
    {
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

        // One pass over the whole chunk finds the parts (and that it is valid JSON) before anything of it is passed on.
        Utf8JsonReader choices = default, usage = default, error = default, vendor = default;
        bool hasChoices = false, hasUsage = false, hasError = false, hasVendor = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isChoices = reader.ValueTextEquals("choices"u8);
            var isUsage = !isChoices && reader.ValueTextEquals("usage"u8);
            var isError = !isChoices && !isUsage && reader.ValueTextEquals("error"u8);
            var isVendor = !isChoices && !isUsage && !isError && reader.ValueTextEquals("x_groq"u8);
            reader.Read();
            if (isChoices && reader.TokenType == JsonTokenType.StartArray)
            {
                choices = reader;
                hasChoices = true;
            }
            else if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                usage = reader;
                hasUsage = true;
            }
            else if (isError && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String)
            {
                error = reader;
                hasError = true;
            }
            else if (isVendor && reader.TokenType == JsonTokenType.StartObject)
            {
                vendor = reader;
                hasVendor = true;
            }

            reader.Skip();
        }

        if (hasChoices)
        {
            ReadChoices(ref choices);
        }

        if (hasVendor)
        {
            ReadVendorUsage(ref vendor);
        }

        if (hasUsage)
        {
            reply.Usage = UsageReader.ReadChat(ref usage);
        }

        if (hasError)
        {
            using var document = JsonDocument.ParseValue(ref error);
            Error = ProviderError.InStream(document.RootElement, secret);
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        Done |= _finished;
        reply.ReasoningDetailsJson ??= _details?.ToJson();
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        var first = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            // Further choices are only sent when asked for, and we never ask.
            if (first)
            {
                ReadChoice(ref reader);
                first = false;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDelta = reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8);
            var isFinish = !isDelta && reader.ValueTextEquals("finish_reason"u8);
            reader.Read();
            if (isDelta && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadDelta(ref reader);
            }
            else if (isFinish && reader.TokenType == JsonTokenType.String)
            {
                _finished = true;
                reply.FinishReason = FinishReasonOf(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadDelta(ref Utf8JsonReader reader)
    {
        // Properties come in any order; reasoning is passed on before text, text before calls.
        Utf8JsonReader content = default, reasoning = default, details = default, calls = default;
        bool hasContent = false, hasReasoning = false, isContentField = false, hasDetails = false, hasCalls = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var part = PartOf(ref reader);
            reader.Read();
            switch (part)
            {
                case Part.Content when reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray && !IsEmptyString(ref reader):
                    content = reader;
                    hasContent = true;
                    break;
                case Part.Reasoning or Part.ReasoningContent when reader.TokenType is JsonTokenType.String && !hasReasoning && !IsEmptyString(ref reader):
                    reasoning = reader;
                    hasReasoning = true;
                    isContentField = part == Part.ReasoningContent;
                    break;
                case Part.Details when reader.TokenType == JsonTokenType.StartArray:
                    details = reader;
                    hasDetails = true;
                    break;
                case Part.Calls when reader.TokenType == JsonTokenType.StartArray:
                    calls = reader;
                    hasCalls = true;
                    break;
            }

            reader.Skip();
        }

        if (hasReasoning)
        {
            reply.AppendReasoning(_text.Decode(ref reasoning));
            reply.HasReasoningContent |= isContentField;
        }

        if (hasDetails)
        {
            // OpenRouter sends the same text in both places; one of them is enough to show.
            (_details ??= new ChatReasoningDetails(reply)).Read(ref details, _text, shown: !hasReasoning);
        }

        if (hasContent)
        {
            ReadContent(ref content);
        }

        if (hasCalls)
        {
            ChatToolCallReader.Read(ref calls, reply.Tools, _text);
        }
    }

    private static Part PartOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("content"u8) ? Part.Content
        : reader.ValueTextEquals("tool_calls"u8) ? Part.Calls
        : reader.ValueTextEquals("reasoning_content"u8) ? Part.ReasoningContent
        : reader.ValueTextEquals("reasoning"u8) || reader.ValueTextEquals("reasoning_text"u8) ? Part.Reasoning
        : reader.ValueTextEquals("reasoning_details"u8) ? Part.Details
        : reader.ValueTextEquals("refusal"u8) ? Part.Content
        : Part.Other;

    private static bool IsEmptyString(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty;

    private void ReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            reply.AppendContent(_text.Decode(ref reader));
            return;
        }

        // A list of parts (Mistral): {"type":"text","text":…} and {"type":"thinking","thinking":[{"text":…}]}.
        using var parts = JsonDocument.ParseValue(ref reader);
        foreach (var part in parts.RootElement.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            if (part.TryGetProperty("thinking", out var thinking))
            {
                if (thinking.ValueKind == JsonValueKind.Array)
                {
                    foreach (var piece in thinking.EnumerateArray())
                    {
                        reply.AppendReasoning(TextOf(piece));
                    }
                }
                else if (thinking.ValueKind == JsonValueKind.String)
                {
                    reply.AppendReasoning(thinking.GetString());
                }
            }
            else
            {
                reply.AppendContent(TextOf(part));
            }
        }
    }

    private static string? TextOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private void ReadVendorUsage(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                reply.Usage = UsageReader.ReadChat(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static string FinishReasonOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("tool_calls"u8) || reader.ValueTextEquals("function_call"u8) ? "tool_calls"
        : reader.ValueTextEquals("length"u8) || reader.ValueTextEquals("max_tokens"u8) ? "length"
        : reader.ValueTextEquals("content_filter"u8) ? "content_filter"
        : "stop";

    private enum Part
    {
        Other,
        Content,
        Reasoning,
        ReasoningContent,
        Details,
        Calls,
    }
}
