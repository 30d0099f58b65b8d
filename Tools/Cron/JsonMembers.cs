using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Tools.Cron;

/// <summary>A JSON object of a file that other programs write too: whatever is not set stays as it was written, known here or not.
/// Of members with the same name the last one counts.</summary>
internal sealed class JsonMembers
{
    private readonly OrderedDictionary<string, (JsonElement Value, bool Stored)> _members = new(StringComparer.Ordinal);

    /// <summary>An object without members.</summary>
    public JsonMembers()
    {
    }

    /// <summary>Takes the members of an object.</summary>
    /// <param name="stored">The object, which no document may take back.</param>
    /// <exception cref="InvalidOperationException">A name is no text.</exception>
    public JsonMembers(JsonElement stored)
    {
        foreach (var member in stored.EnumerateObject()) _members[member.Name] = (member.Value, true);
    }

    /// <summary>A member; undefined when it is not there.</summary>
    public JsonElement this[string name] => _members.TryGetValue(name, out var member) ? member.Value : default;

    /// <summary>A text; null when it is absent or none.</summary>
    public string? Text(string name) => ArgumentText.OrNull(this[name]);

    /// <summary>A whole number; null when it is absent or none.</summary>
    public int? Number(string name) => this[name] is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : null;

    /// <summary>A list of texts, or a single one; what is no text is left out.</summary>
    public IReadOnlyList<string> Texts(string name) => this[name] switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => ArgumentText.OrNull(item)).OfType<string>()],
        { ValueKind: JsonValueKind.String } one when ArgumentText.OrNull(one) is { } text => [text],
        _ => [],
    };

    /// <summary>Sets a text, or null.</summary>
    public void Set(string name, string? value) => Set(name, json => json.WriteStringValue(value));

    /// <summary>Sets a switch.</summary>
    public void Set(string name, bool value) => Set(name, json => json.WriteBooleanValue(value));

    /// <summary>Sets a list of texts, or null.</summary>
    public void Set(string name, IReadOnlyList<string>? values) => Set(name, json =>
    {
        if (values is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    });

    /// <summary>Sets a member to one value that is written.</summary>
    public void Set(string name, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        _members[name] = (document.RootElement.Clone(), false);
    }

    /// <summary>Writes the object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="replacement">A member that is written in another way, and how.</param>
    public void Write(Utf8JsonWriter json, (string Name, Action Write)? replacement = null)
    {
        json.WriteStartObject();
        foreach (var (name, (value, stored)) in _members)
        {
            json.WritePropertyName(name);
            if (name == replacement?.Name) replacement.Value.Write();
            else if (stored) json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
            else value.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
