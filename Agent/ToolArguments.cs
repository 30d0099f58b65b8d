using System.Text;
using System.Text.Json;
using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>A call's arguments: what the model wrote, made into one canonical JSON object (sorted keys, compact), so that the same
/// arguments are the same bytes in every later request.</summary>
/// <param name="Value">The object; undefined when <paramref name="Error"/> is set.</param>
/// <param name="Json">Its canonical text.</param>
/// <param name="Error">Why the text is no JSON object; null when it is one.</param>
/// <param name="Truncated">The text breaks off before its end.</param>
internal sealed record ToolArguments(JsonElement Value, string Json, string? Error = null, bool Truncated = false)
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads what a model wrote. Nothing at all is an empty object; trailing commas, raw control characters in strings
    /// and an object wrapped into a string are repaired.</summary>
    public static ToolArguments Parse(string text)
    {
        text = text.Trim();
        if (text is "" or "null" or "None")
        {
            text = "{}";
        }

        text = JsonText.WithoutLoneSurrogates(WithoutLoneEscapes(text));
        if (TryParse(text, out var document, out var error) || TryParse(EscapeControls(text), out document, out _))
        {
            using (document)
            {
                var root = document!.RootElement;
                if (root.ValueKind == JsonValueKind.Object)
                {
                    return Canonical(root);
                }

                if (root.ValueKind == JsonValueKind.String && TryParse(root.GetString() ?? "", out var inner, out _))
                {
                    using (inner)
                    {
                        if (inner!.RootElement.ValueKind == JsonValueKind.Object)
                        {
                            return Canonical(inner.RootElement);
                        }
                    }
                }
            }

            return new ToolArguments(default, "{}", "The arguments are not a JSON object");
        }

        return new ToolArguments(default, "{}", error, Truncated: !text.EndsWith('}') && !text.EndsWith(']'));
    }

    private static ToolArguments Canonical(JsonElement root)
    {
        var bytes = RequestJson.Build(writer => Write(writer, root));
        using var document = JsonDocument.Parse(bytes);
        return new ToolArguments(document.RootElement.Clone(), Encoding.UTF8.GetString(bytes.Span));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                // Of members with the same name the last one counts, as in most parsers.
                var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    members[member.Name] = member.Value;
                }

                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool TryParse(string text, out JsonDocument? document, out string? error)
    {
        try
        {
            document = JsonDocument.Parse(text, Lenient);
            error = null;
            return true;
        }
        catch (JsonException failure)
        {
            document = null;
            error = $"The text is not valid JSON at line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}";
            return false;
        }
    }

    /// <summary>Models write line breaks into strings as they are; JSON wants them escaped.</summary>
    private static string EscapeControls(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString && c == '\\' && i + 1 < text.Length)
            {
                result.Append(c).Append(text[++i]);
            }
            else if (inString && c < ' ')
            {
                result.Append("\\u").Append(((int)c).ToString("x4"));
            }
            else
            {
                inString ^= c == '"';
                result.Append(c);
            }
        }

        return result.ToString();
    }

    /// <summary>Replaces <c>\uD8xx</c> escapes that are no pair: valid JSON, but not text.</summary>
    private static string WithoutLoneEscapes(string text)
    {
        if (!text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }

        var result = new StringBuilder(text);
        for (var i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                continue;
            }

            if (Escape(text, i) is not { } unit)
            {
                i++;
                continue;
            }

            if (char.IsHighSurrogate(unit) && Escape(text, i + 6) is { } next && char.IsLowSurrogate(next))
            {
                i += 11;
                continue;
            }

            if (char.IsSurrogate(unit))
            {
                result.Remove(i, 6).Insert(i, "\\ufffd");
            }

            i += 5;
        }

        return result.ToString();
    }

    private static char? Escape(string text, int at) =>
        at + 6 <= text.Length && text[at] == '\\' && text[at + 1] == 'u'
        && ushort.TryParse(text.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit)
            ? (char)unit
            : null;
}
