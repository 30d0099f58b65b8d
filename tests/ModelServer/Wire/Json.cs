using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelServer.Wire;

/// <summary>JSON the way providers write it: compact, and text beyond ASCII as it is.</summary>
internal static class Json
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one JSON object.</summary>
    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>Writes a field that is an object.</summary>
    public static void Object(this Utf8JsonWriter writer, string name, Action fields)
    {
        writer.WriteStartObject(name);
        fields();
        writer.WriteEndObject();
    }

    /// <summary>Writes an object inside a list.</summary>
    public static void Item(this Utf8JsonWriter writer, Action fields)
    {
        writer.WriteStartObject();
        fields();
        writer.WriteEndObject();
    }

    /// <summary>Writes a field that is a list.</summary>
    public static void List(this Utf8JsonWriter writer, string name, Action items)
    {
        writer.WriteStartArray(name);
        items();
        writer.WriteEndArray();
    }
}
