using System.Text;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Finds message and code in the error shapes of providers:
/// <c>{"error":{"message","code","type","metadata":{"raw"}}}</c>, <c>{"error":"…"}</c>, <c>{"message"}</c>, <c>{"detail"}</c>, or plain text.</summary>
internal static class ErrorBody
{
    /// <summary>Message and code of an error response; "" for what it does not have. The message is not yet redacted.</summary>
    public static (string Message, string Code) Parse(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (JsonDocument.TryParseValue(ref reader, out var document))
            {
                using (document)
                {
                    // "404 page not found" begins like JSON, too.
                    if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String)
                    {
                        return Parse(document.RootElement);
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: a proxy's page or a line of text.
        }

        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 2000)]).Trim();
        return (text.StartsWith('<') ? "" : text, "");
    }

    /// <summary>Message and code of an error object or of an object that contains one.</summary>
    public static (string Message, string Code) Parse(JsonElement root)
    {
        // Gemini's compatible endpoint wraps the object in an array.
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        if (root.ValueKind == JsonValueKind.String)
        {
            return (Text(root), "");
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return ("", "");
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
        {
            return Parse(error);
        }

        var message = Member(root, "message");
        if (message.Length == 0)
        {
            message = Member(root, "detail");
        }

        var code = Member(root, "code");
        var type = Member(root, "type");
        if (root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && Member(metadata, "raw") is { Length: > 0 } raw)
        {
            // OpenRouter: what the provider behind it said.
            var inner = Parse(Encoding.UTF8.GetBytes(raw)).Message;
            message = inner.Length == 0 || message.Contains(inner, StringComparison.Ordinal) ? message : $"{message}: {inner}";
        }

        return (message, code.Length != 0 ? code : type);
    }

    private static string Member(JsonElement parent, string name) => parent.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => Text(value),
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        }
        : "";

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates.
            return value.GetRawText();
        }
    }
}
