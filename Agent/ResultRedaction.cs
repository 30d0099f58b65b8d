using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Masks known secrets in what tools answer, before it is stored, shown or sent (AGENT.md section 11).</summary>
internal static class ResultRedaction
{
    /// <summary>The result without secrets; the very one that was given when it has none.</summary>
    /// <param name="result">What a tool answered.</param>
    /// <param name="tool">Name of the tool: what file tools show is source code, and has to come back from the model as it was.</param>
    /// <param name="known">Values that are masked wherever they stand.</param>
    public static ToolResult Apply(ToolResult result, string tool, IReadOnlyList<string> known)
    {
        bool source = tool is "read_file" or "search_files" or "patch" or "write_file" or "skill_view" or "skill_manage";
        string Text(string text) => SecretMask.Redact(KnownSecrets.Redact(text, known), source || IsDiff(text));
        string? Optional(string? text) => text is null ? null : Text(text);

        var masked = result with
        {
            Content = Json(result.Content, source, Text) ?? Text(result.Content),
            Error = Optional(result.Error),
            Summary = Optional(result.Summary),
            InlineDiff = result.InlineDiff is null ? null : SecretMask.Redact(KnownSecrets.Redact(result.InlineDiff, known), inSource: true),
        };
        if (result.Todos?.Any(item => Text(item.Content) != item.Content) == true) masked = masked with { Todos = [.. result.Todos.Select(item => item with { Content = Text(item.Content) })] };
        return masked == result ? result : masked;
    }

    private static bool IsDiff(string text) =>
        text.StartsWith("diff --git ", StringComparison.Ordinal) || text.StartsWith("@@ -", StringComparison.Ordinal) || text.Contains("\n@@ -", StringComparison.Ordinal);

    // In JSON as text quotes are escaped and a mask could run over them, so each text in it is masked on its own. A hint may follow it.
    // Null when it is no object or list.
    private static string? Json(string content, bool source, Func<string, string> text)
    {
        int start = content.AsSpan().IndexOfAnyExcept(" \t\r\n");
        if (start < 0 || content[start] is not ('{' or '[')) return null;
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        try
        {
            var reader = new Utf8JsonReader(bytes);
            if (!JsonDocument.TryParseValue(ref reader, out var document)) return null;
            using (document)
            {
                var buffer = new ArrayBufferWriter<byte>(bytes.Length);
                bool indented = content.AsSpan(start + 1).StartsWith("\n ", StringComparison.Ordinal) || content.AsSpan(start + 1).StartsWith("\r\n ", StringComparison.Ordinal), changed = false;
                using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, Indented = indented }))
                    Write(json, document.RootElement, null, source, text, ref changed);
                string rest = Encoding.UTF8.GetString(bytes.AsSpan((int)reader.BytesConsumed)), after = rest.Trim().Length == 0 ? rest : text(rest);
                if (!changed) return after == rest ? content : Encoding.UTF8.GetString(bytes.AsSpan(0, (int)reader.BytesConsumed)) + after;
                return Encoding.UTF8.GetString(buffer.WrittenSpan) + after;
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, JsonElement element, string? name, bool source, Func<string, string> text, ref bool changed)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    string called = Name(member);
                    json.WritePropertyName(called);
                    Write(json, member.Value, called, source, text, ref changed);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Write(json, item, name, source, text, ref changed);
                json.WriteEndArray();
                break;
            case JsonValueKind.String when ArgumentText.OrNull(element) is { } value:
                bool secret = name is not null && SecretMask.IsCredentialName(name) && SecretLiteral.IsSecret(name, value, new LiteralForm(Quoted: true, Sure: false, source));
                string masked = secret ? SecretMask.Mask(value) : text(value);
                changed |= masked != value;
                json.WriteStringValue(masked);
                break;
            case JsonValueKind.String:
                // Half of a surrogate pair is no text, but what stands beside it is.
                string raw = element.GetRawText(), clean = text(raw);
                changed |= clean != raw;
                json.WriteRawValue(clean, skipInputValidation: true);
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }

    // Half of a surrogate pair in a name is legal JSON, but no text.
    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
