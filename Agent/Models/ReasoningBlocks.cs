using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Sends <see cref="ConversationMessage.ReasoningDetailsJson"/> back, to each format only the elements it has made itself: rows of
/// other formats and of other programs stand in the same column.</summary>
internal static class ReasoningBlocks
{
    /// <summary>Writes the member <c>reasoning_details</c> of a chat-completions message with the elements whose type begins with
    /// <c>reasoning.</c>; nothing when there are none.</summary>
    public static void WriteForChat(Utf8JsonWriter writer, string json)
    {
        using var document = Parse(json);
        if (document is null)
        {
            return;
        }

        var any = false;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (!TypeOf(element).StartsWith("reasoning.", StringComparison.Ordinal))
            {
                continue;
            }

            if (!any)
            {
                writer.WriteStartArray("reasoning_details"u8);
                any = true;
            }

            // Raw, so that the bytes are the same in every request.
            writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
        }

        if (any)
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>Writes Anthropic's blocks as content: signed and sealed ones as they came, unsigned ones as text, because the service
    /// refuses them otherwise.</summary>
    public static void WriteForAnthropic(Utf8JsonWriter writer, string json)
    {
        using var document = Parse(json);
        if (document is null)
        {
            return;
        }

        foreach (var block in document.RootElement.EnumerateArray())
        {
            switch (TypeOf(block))
            {
                case "redacted_thinking" when Text(block, "data") is { Length: > 0 }:
                    Copy(writer, block, "data");
                    break;
                case "thinking" when Text(block, "signature") is { Length: > 0 } && Text(block, "thinking") is not null:
                    Copy(writer, block, "thinking", "signature");
                    break;
                case "thinking" when Text(block, "thinking") is { Length: > 0 } thought:
                    RequestJson.WriteTextPart(writer, JsonText.WithoutLoneSurrogates(thought), CacheMark.None);
                    break;
            }
        }
    }

    // Other programs put markers of their own into the blocks, which the service refuses there.
    private static void Copy(Utf8JsonWriter writer, JsonElement block, params ReadOnlySpan<string> members)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, TypeOf(block));
        foreach (var member in members)
        {
            writer.WritePropertyName(member);
            writer.WriteRawValue(block.GetProperty(member).GetRawText(), skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    // A damaged row of the store must not make the conversation unusable.
    private static JsonDocument? Parse(string json)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        return null;
    }

    private static string TypeOf(JsonElement element) => Text(element, "type") ?? "";

    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates.
            return null;
        }
    }
}
