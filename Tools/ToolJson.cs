using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Tools;

/// <summary>Writes the JSON objects that tools answer with, and reads what models pass to them.</summary>
internal static class ToolJson
{
    /// <summary>An object as text.</summary>
    public static string Object(Action<Utf8JsonWriter> content, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented }))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A value on one line.</summary>
    public static string Compact(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) value.WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A call that failed.</summary>
    /// <param name="message">Why; told to the model and the client.</param>
    /// <param name="more">Further members for the model.</param>
    public static ToolResult Error(string message, Action<Utf8JsonWriter>? more = null) => new(
        Object(json =>
        {
            json.WriteString("error", message);
            more?.Invoke(json);
        }),
        message.Split('\n')[0]);

    /// <summary>A call that failed, of a tool whose answers say whether they succeeded.</summary>
    /// <param name="message">Why; told to the model and the client.</param>
    /// <param name="more">Further members for the model.</param>
    public static ToolResult Failure(string message, Action<Utf8JsonWriter>? more = null) => new(
        Object(json =>
        {
            json.WriteBoolean("success", false);
            json.WriteString("error", message);
            more?.Invoke(json);
        }),
        message.Split('\n')[0]);

    /// <summary>Writes a list of texts.</summary>
    public static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>A text argument; null when it is absent or no text.</summary>
    public static string? Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? ArgumentText.OrNull(value) : null;

    /// <summary>A whole number; null when it is absent or none.</summary>
    public static int? Number(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)) return null;
        return double.IsFinite(number) ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
    }

    /// <summary>A switch; off when it is absent or none.</summary>
    public static bool Flag(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
