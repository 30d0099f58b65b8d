using System.Text.Json;

namespace ModelServer.Script;

/// <summary>Reads one JSON object of a script and complains about every field that nobody asked for:
/// a misspelt option that is silently ignored would make a test prove something else than it says.</summary>
internal sealed class Fields
{
    private readonly JsonElement _object;
    private readonly HashSet<string> _read = [];

    public Fields(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object) throw ScriptException.At(where, "must be an object");
        _object = element;
        Where = where;
    }

    public string Where { get; }

    public IEnumerable<string> Names => _object.EnumerateObject().Select(property => property.Name);

    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public JsonElement? Any(string name)
    {
        _read.Add(name);
        return _object.TryGetProperty(name, out JsonElement value) ? value : null;
    }

    public JsonElement Required(string name) => Any(name) ?? throw ScriptException.At(Where, $"\"{name}\" is missing");

    public string? Text(string name) => Any(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw ScriptException.At(Where, $"\"{name}\" must be a string"),
    };

    public string RequiredText(string name) => Text(name) ?? throw ScriptException.At(Where, $"\"{name}\" must be a string");

    public int? Number(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0) return number;
        throw ScriptException.At(Where, $"\"{name}\" must be a whole number");
    }

    public long Tokens(string name) => Number(name) ?? 0;

    public bool Flag(string name) => Any(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw ScriptException.At(Where, $"\"{name}\" must be true or false"),
    };

    /// <summary>A string, or a list of strings.</summary>
    public IReadOnlyList<string> Texts(string name) => Any(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } value => [value.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw ScriptException.At(Where, $"\"{name}\" must be a string or a list of strings"),
    };

    public IReadOnlyDictionary<string, string> Map(string name) =>
        Any(name) is { } value
            ? new Fields(value, $"{Where}.{name}").All()
            : new Dictionary<string, string>();

    /// <summary>Every element of a list with its place in the file.</summary>
    public IEnumerable<(JsonElement Item, string Where)> List(string name)
    {
        if (Any(name) is not { } list) yield break;
        if (list.ValueKind != JsonValueKind.Array) throw ScriptException.At(Where, $"\"{name}\" must be a list");
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray()) yield return (item, $"{Where}.{name}[{index++}]");
    }

    /// <summary>To be called when everything known has been read.</summary>
    public void Finish()
    {
        foreach (JsonProperty property in _object.EnumerateObject())
            if (!_read.Contains(property.Name)) throw ScriptException.Unknown(Where, property.Name, property.Value.ValueKind);
    }

    private Dictionary<string, string> All() => Names.ToDictionary(name => name, RequiredText);
}
