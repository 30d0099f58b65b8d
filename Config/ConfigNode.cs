using System.Globalization;
using System.Text;

namespace Gateway.Config;

/// <summary>What a <see cref="ConfigNode"/> holds.</summary>
internal enum ConfigKind
{
    /// <summary>Nothing, or a key that is not there.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A 64-bit integer.</summary>
    Integer,

    /// <summary>A floating-point number, infinities and NaN included.</summary>
    Float,

    /// <summary>Text.</summary>
    Text,

    /// <summary>An ordered list.</summary>
    List,

    /// <summary>A map that keeps the order of the file.</summary>
    Map,
}

/// <summary>A value of the configuration file. Immutable; looking up what is not there gives <see cref="Null"/>, never an error.</summary>
internal sealed class ConfigNode
{
    private readonly object? _value;
    private readonly long _number;

    private ConfigNode(ConfigKind kind, object? value, long number = 0)
    {
        Kind = kind;
        _value = value;
        _number = number;
    }

    /// <summary>The empty value.</summary>
    public static ConfigNode Null { get; } = new(ConfigKind.Null, null);

    /// <summary>A map without entries.</summary>
    public static ConfigNode EmptyMap { get; } = new(ConfigKind.Map, new OrderedDictionary<string, ConfigNode>());

    /// <summary>What this value is.</summary>
    public ConfigKind Kind { get; }

    /// <summary>True for null and for keys that are not there.</summary>
    public bool IsNull => Kind == ConfigKind.Null;

    /// <summary>True for a map.</summary>
    public bool IsMap => Kind == ConfigKind.Map;

    /// <summary>The elements of a list; empty for anything else.</summary>
    public IReadOnlyList<ConfigNode> Items => _value as ConfigNode[] ?? [];

    /// <summary>The entries of a map in file order; empty for anything else.</summary>
    public IReadOnlyList<KeyValuePair<string, ConfigNode>> Entries =>
        _value as OrderedDictionary<string, ConfigNode> ?? (IReadOnlyList<KeyValuePair<string, ConfigNode>>)[];

    /// <summary>Makes a boolean.</summary>
    public static ConfigNode Of(bool value) => new(ConfigKind.Boolean, null, value ? 1 : 0);

    /// <summary>Makes an integer.</summary>
    public static ConfigNode Of(long value) => new(ConfigKind.Integer, null, value);

    /// <summary>Makes a floating-point number.</summary>
    public static ConfigNode Of(double value) => new(ConfigKind.Float, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Makes a text.</summary>
    public static ConfigNode Of(string value) => new(ConfigKind.Text, value);

    /// <summary>Makes a list; the elements are copied.</summary>
    public static ConfigNode Of(IEnumerable<ConfigNode> items) => new(ConfigKind.List, items.ToArray());

    /// <summary>Makes a map. Of entries with the same key the last one wins, in the place of the first.</summary>
    public static ConfigNode Of(IEnumerable<KeyValuePair<string, ConfigNode>> entries)
    {
        var map = new OrderedDictionary<string, ConfigNode>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            map[key] = value;
        }

        return new(ConfigKind.Map, map);
    }

    /// <summary>Follows keys down from here; <see cref="Null"/> when one is missing or something on the way is not a map.</summary>
    public ConfigNode Find(params ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var key in path)
        {
            if (node._value is not OrderedDictionary<string, ConfigNode> map || !map.TryGetValue(key, out node!))
            {
                return Null;
            }
        }

        return node;
    }

    /// <summary>True when this map has the key, whatever its value.</summary>
    public bool Has(string key) => _value is OrderedDictionary<string, ConfigNode> map && map.ContainsKey(key);

    /// <summary>A scalar as text (booleans as true/false); null for null, lists and maps.</summary>
    public string? AsString() => Kind switch
    {
        ConfigKind.Text => (string)_value!,
        ConfigKind.Boolean => _number != 0 ? "true" : "false",
        ConfigKind.Integer => _number.ToString(CultureInfo.InvariantCulture),
        ConfigKind.Float => Double.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Trimmed text of a scalar, or null when there is none; a boolean is not a text.</summary>
    public string? AsText() =>
        Kind == ConfigKind.Boolean || AsString()?.Trim() is not { Length: > 0 } text ? null : text;

    /// <summary>A boolean, a number as non-zero, or a text such as yes/no/on/off/1/0; anything else is the fallback.</summary>
    public bool AsBool(bool fallback) => Kind switch
    {
        ConfigKind.Boolean or ConfigKind.Integer => _number != 0,
        ConfigKind.Text => ((string)_value!).Trim().ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => fallback,
        },
        _ => fallback,
    };

    /// <summary>A whole number, also from text; null when it is none or does not fit 32 bits.</summary>
    public int? AsInt() => AsDouble() is { } number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;

    /// <summary>A finite number, also from text; null when it is none.</summary>
    public double? AsDouble()
    {
        double? number = Kind switch
        {
            ConfigKind.Integer => _number,
            ConfigKind.Float => Double,
            ConfigKind.Text when double.TryParse((string)_value!, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => null,
        };
        return number is { } value && double.IsFinite(value) ? value : null;
    }

    /// <summary>The exact integer; 0 for other kinds.</summary>
    public long Integer => Kind == ConfigKind.Integer ? _number : 0;

    /// <summary>The exact floating-point value, possibly infinite or NaN; 0 for other kinds.</summary>
    public double Double => Kind == ConfigKind.Float ? BitConverter.Int64BitsToDouble(_number) : 0;

    /// <summary>Replaces <c>${NAME}</c> in every text by the variable; unknown names stay as they are (CONFIG.md 1).</summary>
    public ConfigNode Expand(GatewayEnvironment environment) => Kind switch
    {
        ConfigKind.Text => ExpandText((string)_value!, environment) is var text && ReferenceEquals(text, _value) ? this : Of(text),
        ConfigKind.List => Of(Items.Select(item => item.Expand(environment))),
        ConfigKind.Map => Of(Entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Expand(environment)))),
        _ => this,
    };

    /// <summary>True when both hold the same kind and value; the order of a map does not matter.</summary>
    public bool DeepEquals(ConfigNode other) => Kind == other.Kind && Kind switch
    {
        ConfigKind.Text => (string)_value! == (string)other._value!,
        ConfigKind.List => Items.Count == other.Items.Count && Items.Zip(other.Items).All(pair => pair.First.DeepEquals(pair.Second)),
        ConfigKind.Map => Entries.Count == other.Entries.Count
            && Entries.All(entry => other.Has(entry.Key) && entry.Value.DeepEquals(other.Find(entry.Key))),
        _ => _number == other._number,
    };

    private static string ExpandText(string text, GatewayEnvironment environment)
    {
        var start = text.IndexOf("${", StringComparison.Ordinal);
        if (start < 0)
        {
            return text;
        }

        var result = new StringBuilder();
        var position = 0;
        while (start >= 0)
        {
            var end = text.IndexOf('}', start);
            if (end < 0)
            {
                break;
            }

            var replacement = environment.Get(text[(start + 2)..end]);
            result.Append(text, position, start - position).Append(replacement ?? text[start..(end + 1)]);
            position = end + 1;
            start = text.IndexOf("${", position, StringComparison.Ordinal);
        }

        return result.Append(text, position, text.Length - position).ToString();
    }
}
