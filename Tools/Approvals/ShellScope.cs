namespace Gateway.Tools.Approvals;

/// <summary>What is known of a script's variables, functions and directory without running it.</summary>
/// <param name="surroundings">Where the script runs, and with which variables.</param>
internal sealed partial class ShellScope(JudgedCommand surroundings)
{
    private const int LongestValue = 4096;
    private const int MostVariables = 256;
    private const int MostChoices = 32;
    private const int MostReferences = 8;
    private const int MostWritten = 64;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _choices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _references = new(StringComparer.Ordinal);
    private readonly List<string> _written = [];
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);

    // Characters that values of variables may still take up: a long one that is used without end would fill the memory.
    private long _room = 1_000_000;

    /// <summary>Absolute directory the script is in, beginning with / or ~; null when it is not known.</summary>
    public string? Directory { get; set; } = FromHome(surroundings.Directory is { } start ? SystemPaths.Shorten(start) : null, surroundings.Home);

    /// <summary>Absolute paths of files that the script writes, moves or removes, as far as they can be known.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <summary>Scripts inside scripts that are still looked into for what they print; keeps nesting from costing more than its length.</summary>
    public int Evaluations { get; set; } = 64;

    /// <summary>Whether something was left out because it would have taken too long or too much room.</summary>
    public bool LostTrack { get; set; }

    /// <summary>Whether the next assignments may or may not happen: in a branch, a subshell or a part of a pipeline.</summary>
    public bool IsUncertain { get; set; }

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
        string? before = _variables.GetValueOrDefault(name);
        IReadOnlyList<string> earlier = IsUncertain && before is not null && before != value && !value.StartsWith(before, StringComparison.Ordinal)
            ? [before, .. Choices(name)]
            : [];
        _choices.Remove(name);
        _filled.Remove(name);
        Keep(name, value);
        if (earlier.Count > 0) SetChoices(name, value, earlier);
    }

    /// <summary>The value of a variable; null when it has none as far as is known.</summary>
    public string? Get(string name)
    {
        if (name is "HOME" or "home") return "$HOME";
        if (_variables.TryGetValue(Referred(name), out string? value)) return value;
        if (name == "PWD") return Directory;
        return name is "IFS" or "SHELL" or "_" ? null : surroundings.Variables.GetValueOrDefault(name) is { } given ? Bounded(given) : null;
    }

    /// <summary>Keeps the values that a variable has one after the other, in the turns of a loop.</summary>
    public void SetChoices(string name, IReadOnlyList<string> values)
    {
        name = Referred(name);
        _choices.Remove(name);
        _filled.Remove(name);
        bool isUnknown = values.Any(value => value.Length == 0 || UnreadText.IsIn(value) || value.Replace("$HOME", "", StringComparison.Ordinal).Contains('$'));
        isUnknown |= values.Count > MostChoices || values.Sum(value => value.Length + 1) > LongestValue;
        Keep(name, string.Join(' ', values) + (isUnknown ? UnreadText.Whole : ""));
        if (isUnknown) MarkFilled(name);
        else if (values.Count > 1) _choices[name] = values;
    }

    /// <summary>The values that a variable has one after the other; none when it has only one.</summary>
    public IReadOnlyList<string> Choices(string name) => _choices.GetValueOrDefault(Referred(name)) ?? [];

    /// <summary>Takes note that a variable gets what only shows when the script runs.</summary>
    public void Fill(string name)
    {
        name = Referred(name);
        _choices.Remove(name);
        Keep(name, UnreadText.Whole);
        MarkFilled(name);
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
        bool fits = body.Length <= LongestValue && (_functions.Count < MostVariables || _functions.ContainsKey(name));
        if (fits) _functions[name.ToLowerInvariant()] = body;
        else LostTrack = true;
    }

    /// <summary>What a function or alias stands for; null when there is none of that name.</summary>
    public string? Defined(string name) => _functions.GetValueOrDefault(name);

    /// <summary>Follows a <c>cd</c>.</summary>
    /// <param name="path">Where to; null: that only shows when the script runs.</param>
    public void Enter(string? path)
    {
        if (path is null || UnreadText.IsIn(path)) Directory = null;
        else Directory = path.Length == 0 ? "~" : Absolute(path);
    }

    /// <summary>Takes note of a file that the script writes, moves or removes.</summary>
    /// <param name="file">As written.</param>
    public void Write(string file)
    {
        if (file.Length == 0 || file[0] is '-' or '&' or '<' or '>' || UnreadText.IsIn(file) || file.AsSpan().IndexOfAny('*', '?', '[') >= 0) return;
        if (Absolute(file) is not { } path) return;
        if (path[0] == '~') path = surroundings.Home is { } home && (path.Length == 1 || path[1] == '/') ? home + path[1..] : "";
        if (path.Length == 0 || _written.Contains(path)) return;
        if (_written.Count < MostWritten) _written.Add(path);
        else LostTrack = true;
    }

    /// <summary>A file that is written to, from the root when it is one of the system's; otherwise as written.</summary>
    /// <param name="file">As written; of a <c>name=file</c> the value is looked at.</param>
    public string Target(string file)
    {
        if (file.IndexOf('=') is > 0 and var sign && file.AsSpan(0, sign).IndexOf('/') < 0) return file[..(sign + 1)] + Target(file[(sign + 1)..]);
        string path = SystemPaths.Shorten(file);
        if (path.Length == 0 || path[0] is '$' or '-' or '<' or '>' or '&' || Absolute(path) is not { } whole) return path;
        return path[0] is '/' or '~' || SystemPaths.IsSystemFolder(whole) || Directory == "/" ? whole : path;
    }

    /// <summary>What an operand of <c>rm</c> comes to for the patterns: one that takes in a guarded folder becomes that folder.</summary>
    /// <param name="operand">As written.</param>
    public string Operand(string operand)
    {
        bool isBelowHome = operand.StartsWith("$HOME/", StringComparison.OrdinalIgnoreCase) && operand.Contains("/.");
        string path = isBelowHome ? SystemPaths.Shorten("~" + operand[5..]) : SystemPaths.Shorten(operand);
        if (path.Length == 0 || path[0] is '/' or '~' or '$' or '-') return path.Length > 0 && path[0] == '/' && path.AsSpan().IndexOfAny('*', '?', '[') >= 0 ? SystemPaths.Guarded(path) ?? path : path;
        if (Absolute(path) is not { } whole) return path;
        return SystemPaths.Guarded(whole) ?? (Directory is { } directory && SystemPaths.IsSystemFolder(directory) && directory != "/" ? whole : path);
    }

    private void Keep(string name, string value)
    {
        if (_variables.Count < MostVariables || _variables.ContainsKey(name)) _variables[name] = Bounded(value);
        else LostTrack = true;
    }

    private void SetChoices(string name, string value, IReadOnlyList<string> earlier)
    {
        string[] all = [value, .. earlier.Take(MostChoices - 1)];
        if (all.Any(UnreadText.IsIn)) MarkFilled(name);
        else _choices[name] = all;
    }

    private void MarkFilled(string name)
    {
        if (_filled.Count < MostVariables) _filled.Add(name);
        else LostTrack = true;
    }

    // A value that is too long to be kept is one that cannot be read.
    private static string Bounded(string value) => value.Length <= LongestValue ? value : UnreadText.Whole;

    private string Referred(string name)
    {
        for (int hop = 0; hop < MostReferences && _references.TryGetValue(name, out string? other); hop++) name = other;
        return name;
    }

    // A path from the root or the home; null when it starts from what is not known.
    private string? Absolute(string path)
    {
        if (path.StartsWith("$HOME", StringComparison.OrdinalIgnoreCase)) path = "~" + path[5..];
        if (path[0] == '$' || (path[0] is not ('/' or '~') && Directory is null)) return null;
        if (path[0] is not ('/' or '~')) path = Directory + "/" + path;
        if (surroundings.Home is { Length: > 1 } home && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))) path = home + path[1..];
        return FromHome(SystemPaths.Shorten(path), surroundings.Home);
    }

    private static string? FromHome(string? path, string? home)
    {
        if (path is null || home is not { Length: > 1 }) return path;
        home = SystemPaths.Shorten(home);
        if (path == home) return "~";
        return path.StartsWith(home + "/", StringComparison.Ordinal) ? "~" + path[home.Length..] : path;
    }
}
