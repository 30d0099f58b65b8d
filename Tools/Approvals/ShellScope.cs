using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>What a script has told about its variables and its directory, as far as that can be told without running it.</summary>
internal sealed partial class ShellScope
{
    private const int LongestValue = 4096;
    private const int MostVariables = 256;
    private const int MostChoices = 32;
    private const int MostReferences = 8;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _choices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _references = new(StringComparer.Ordinal);
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);

    // Characters that values of variables may still take up: a long one that is used without end would fill the memory.
    private long _room = 1_000_000;

    /// <summary>Absolute directory that a <c>cd</c> led to, beginning with / or ~; null when it is not known.</summary>
    public string? Directory { get; private set; }

    /// <summary>Scripts inside scripts that are still looked into for what they print; keeps nesting from costing more than its length.</summary>
    public int Evaluations { get; set; } = 64;

    /// <summary>Whether something was left out because it would have taken too long or too much room.</summary>
    public bool LostTrack { get; set; }

    /// <summary>Takes a value into a script.</summary>
    /// <returns>The value; "" when there is no room left for it.</returns>
    public string Expand(string value)
    {
        _room -= value.Length;
        LostTrack |= _room < 0;
        return _room < 0 ? "" : value;
    }

    /// <summary>Keeps the value of a variable.</summary>
    public void Set(string name, string value)
    {
        name = Referred(name);
        _choices.Remove(name);
        if (value.Length <= LongestValue && (_variables.Count < MostVariables || _variables.ContainsKey(name))) _variables[name] = value;
    }

    /// <summary>The value of a variable; null when the script does not tell.</summary>
    public string? Get(string name) => name is "HOME" or "home" ? "$HOME" : _variables.GetValueOrDefault(Referred(name));

    /// <summary>Keeps the values that a variable has one after the other, in the turns of a loop.</summary>
    public void SetChoices(string name, IReadOnlyList<string> values)
    {
        Set(name, string.Join(' ', values));
        if (values.Count > MostChoices || values.Sum(value => value.Length + 1) > LongestValue || values.Any(value => value.Length == 0 || value.Replace("$HOME", "", StringComparison.Ordinal).Contains('$'))) Fill(name);
        else if (values.Count > 1) _choices[Referred(name)] = values;
    }

    /// <summary>The values that a variable has one after the other; none when it has only one.</summary>
    public IReadOnlyList<string> Choices(string name) => _choices.GetValueOrDefault(Referred(name)) ?? [];

    /// <summary>Takes note that a variable gets what only shows when the script runs.</summary>
    public void Fill(string name)
    {
        if (_filled.Count < MostVariables) _filled.Add(Referred(name));
    }

    /// <summary>Whether a variable got that.</summary>
    public bool IsFilled(string name) => _filled.Contains(Referred(name));

    /// <summary>Takes note that a variable is another name of another one.</summary>
    public void Refer(string name, string other)
    {
        if (_references.Count < MostVariables && name != other) _references[name] = other;
    }

    /// <summary>Keeps what a function or alias stands for.</summary>
    public void Define(string name, string body)
    {
        if (body.Length <= LongestValue && _functions.Count < MostVariables) _functions[name.ToLowerInvariant()] = body;
    }

    /// <summary>What a function or alias stands for; null when there is none of that name.</summary>
    public string? Defined(string name) => _functions.GetValueOrDefault(name);

    /// <summary>Follows a <c>cd</c>.</summary>
    public void Enter(string path) => Directory = path.Length == 0 ? "~" : path[0] is '/' or '~' or '$' || Directory is null ? Absolute(path) : SystemPaths.Shorten(Directory + "/" + path);

    /// <summary>Reads the parameter behind a <c>$</c>.</summary>
    /// <param name="rest">What stands behind it.</param>
    /// <param name="length">How many characters belong to it; 0 when it is no parameter whose value is known.</param>
    /// <returns>Its value.</returns>
    public string Read(ReadOnlySpan<char> rest, out int length)
    {
        length = 0;
        if (rest.Length == 0) return "";
        if (rest[0] is '@' or '*' or (>= '1' and <= '9'))
        {
            // Positional parameters: empty in a fresh shell.
            length = 1;
            return Get(rest[0] == '*' ? "@" : rest[..1].ToString()) ?? "";
        }

        int start = rest[0] == '{' ? 1 : 0, end = start;
        if (start == 1 && rest.Length > 1 && rest[1] == '!') return Indirect(rest, out length);
        while (end < rest.Length && (char.IsAsciiLetterOrDigit(rest[end]) || rest[end] == '_')) end++;
        if (end == start) return "";
        string? value = Get(rest[start..end].ToString());
        if (start == 0)
        {
            length = value is null ? 0 : end;
            return value ?? "";
        }

        int close = rest[end..].IndexOf('}');
        if (close < 0) return "";
        var change = rest.Slice(end, close).ToString();

        // All of these begin at the root.
        if (value is null or "$HOME" && change == ":0:1" && rest[start..end] is "PATH" or "HOME" or "PWD" or "SHELL" or "path" or "home" or "pwd" or "shell") value = "/";
        if (value is null && Fallback().Match(change) is { Success: true } given)
        {
            value = given.Groups[1].Value;
            if (change.TrimStart(':').StartsWith('=')) Set(rest[start..end].ToString(), value);
        }

        if (value is null) return "";
        length = end + close + 1;
        return Changed(value, change);
    }

    private string Referred(string name)
    {
        for (int hop = 0; hop < MostReferences && _references.TryGetValue(name, out string? other); hop++) name = other;
        return name;
    }

    private string Indirect(ReadOnlySpan<char> rest, out int length)
    {
        int close = rest.IndexOf('}');
        string? value = close < 0 ? null : Get(rest[2..close].ToString()) is { } name ? Get(name) : null;
        length = value is null ? 0 : close + 1;
        return value ?? "";
    }

    private static string Changed(string value, string change)
    {
        if (Slice().Match(change) is { Success: true } slice)
        {
            int from = Math.Clamp(int.Parse(slice.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 0, value.Length);
            int count = slice.Groups[2].Success ? int.Parse(slice.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : value.Length;
            return value.Substring(from, Math.Min(count, value.Length - from));
        }

        if (Swap().Match(change) is { Success: true } swap) return PipedText.Swapped(value, swap.Groups[1].Value, swap.Groups[2].Value) ?? value;
        return change switch
        {
            [',', ..] => value.ToLowerInvariant(),
            ['^', ..] => value.ToUpperInvariant(),
            ['#', .. var head] when head.Length > 0 && value.StartsWith(head.TrimStart('#'), StringComparison.Ordinal) => value[head.TrimStart('#').Length..],
            ['%', .. var tail] when tail.Length > 0 && value.EndsWith(tail.TrimStart('%'), StringComparison.Ordinal) => value[..^tail.TrimStart('%').Length],
            _ => value,
        };
    }

    private static string? Absolute(string path) =>
        path.StartsWith("$HOME", StringComparison.OrdinalIgnoreCase) ? SystemPaths.Shorten("~" + path[5..]) : path[0] is '/' or '~' ? SystemPaths.Shorten(path) : null;

    [GeneratedRegex("^:?[-=](.*)$", RegexOptions.Singleline)]
    private static partial Regex Fallback();

    [GeneratedRegex("^: ?([0-9]{1,4})(?::([0-9]{1,4}))?$")]
    private static partial Regex Slice();

    [GeneratedRegex("^//?([^/]+)/(.*)$", RegexOptions.Singleline)]
    private static partial Regex Swap();
}
