using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Lays out a tool result for a reader of lines: JSON is one line for every result, of which read_file shows the beginning.</summary>
internal static class ReadableText
{
    /// <summary>Members of an object one below the other, their texts as they are; other JSON indented; what follows it, and other text,
    /// unchanged.</summary>
    public static string Of(string text)
    {
        if (Parse(text, out string rest) is not { } document) return text;
        using (document)
        {
            if (document.RootElement.ValueKind == JsonValueKind.Array) return Indented(document.RootElement) + rest;
            var readable = new StringBuilder();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                bool isText = member.Value.ValueKind == JsonValueKind.String;
                string value = isText ? TextOf(member.Value) : Indented(member.Value);
                readable.Append(member.Name).Append(value.Contains('\n', StringComparison.Ordinal) ? ":\n" : ": ").Append(value).Append('\n');
            }

            return readable.Append(rest).ToString();
        }
    }

    // Services answer with JSON in a text of the JSON.
    private static string TextOf(JsonElement value)
    {
        string text = ArgumentText.OrNull(value) ?? value.GetRawText();
        if (text.Contains('\n', StringComparison.Ordinal) || Parse(text, out string rest) is not { } document) return text;
        using (document) return rest.Length > 0 ? text : Indented(document.RootElement);
    }

    private static JsonDocument? Parse(string text, out string rest)
    {
        rest = "";
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..]) return null;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            var reader = new Utf8JsonReader(bytes);
            if (!JsonDocument.TryParseValue(ref reader, out var document)) return null;
            rest = Encoding.UTF8.GetString(bytes.AsSpan((int)reader.BytesConsumed));
            return document;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Indented(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true })) value.WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
