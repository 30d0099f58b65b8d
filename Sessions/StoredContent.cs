using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Sessions;

/// <summary>The text of stored messages, whoever wrote them (STATE.md 3.4): content parts become text, and memory that an older
/// program put around a message is taken off.</summary>
internal static partial class StoredContent
{
    private const string NoteStart = "[System note: The following is recalled memory context, NOT new user input.";

    /// <summary>A message's content as text. A list of content parts becomes its texts, with a note in the place of each image.</summary>
    public static string? Text(string? content)
    {
        if (content is null || !content.AsSpan().TrimStart().StartsWith("[{")) return content;
        try
        {
            using var document = JsonDocument.Parse(content);
            var text = new StringBuilder();
            foreach (var part in document.RootElement.EnumerateArray())
            {
                if (PartText(part) is not { } piece) return content;
                if (text.Length > 0 && piece.Length > 0) text.Append('\n');
                text.Append(piece);
            }

            return text.ToString();
        }
        catch (JsonException)
        {
            return content;
        }
    }

    /// <summary>Takes recalled memory off what a user or a model said.</summary>
    public static string? WithoutMemory(string? content)
    {
        if (content is null || !(content.Contains("memory-context", StringComparison.OrdinalIgnoreCase) || content.Contains(NoteStart, StringComparison.OrdinalIgnoreCase))) return content;
        return Tag().Replace(Note().Replace(Fence().Replace(content, ""), ""), "").Trim();
    }

    // Null for anything that is no content part: then the text only looks like a list of them.
    private static string? PartText(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type"u8, out var type) || type.ValueKind != JsonValueKind.String) return null;
        return type.GetString() switch
        {
            "text" or "input_text" or "output_text" => part.TryGetProperty("text"u8, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null,
            "image_url" or "input_image" or "image" => "[User attached image]",
            _ => null,
        };
    }

    [GeneratedRegex("<memory-context>.*?</memory-context>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\[System note: The following is recalled memory context, NOT new user input\.[^\]]*\]", RegexOptions.IgnoreCase)]
    private static partial Regex Note();

    [GeneratedRegex("</?memory-context>", RegexOptions.IgnoreCase)]
    private static partial Regex Tag();
}
