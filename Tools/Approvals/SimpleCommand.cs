using System.Buffers;
using System.Text;
using Gateway.Tools.Terminal;

namespace Gateway.Tools.Approvals;

/// <summary>One command of a script: its words without what may stand before the name.</summary>
internal sealed partial class SimpleCommand
{
    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private const int MostQuotations = 32;

    private readonly List<string> _scripts;
    private readonly List<ShellWord> _assignments;
    private readonly List<ShellWord> _words;
    private readonly bool _isAsked;

    /// <summary>Takes the words of a command. Scripts that it hands to a shell are added to <paramref name="scripts"/> by
    /// <see cref="CollectScripts"/>.</summary>
    public SimpleCommand(List<ShellWord> words, List<string> scripts)
    {
        _scripts = scripts;
        var start = 0;
        while (start < words.Count && PrefixLength(words, start) is var length and > 0) start += length;
        _assignments = [.. words.Take(start).Where(word => IsAssignment(word.Shown))];
        _isAsked = start > 1 && words[0].Shown == "command" && words[1].Shown is "-v" or "-V";
        for (int at = 0; at < start; at++) CollectPrefix(words, at, scripts);

        // An option with its operand behind it may have been taken for one without: then the command is one word further on.
        if (start > 1 && start + 1 < words.Count && words[start - 1].Shown is ['-', '-', _, ..] option && !option.Contains('=')) scripts.Add(Joined(words.Skip(start + 1)));
        _words = words[Math.Min(start, words.Count)..];
        Name = _words.Count == 0 ? "" : SystemPaths.Command(WithoutUnknown(_words[0].Shown[(_words[0].Shown.LastIndexOf('/') + 1)..]).ToLowerInvariant());
    }

    /// <summary>Name of the program, lower-case, without its directory; "" when there is none.</summary>
    public string Name { get; }

    /// <summary>Whether the program is a shell.</summary>
    public bool IsShell => Name is "sh" or "bash" or "zsh" or "ksh" or "dash" or "ash" or "fish" or "rbash" or "mksh" or "csh" or "tcsh" or "yash" or "oksh" or "pwsh" or "nu"
        or "$shell" or "${shell}" or "$bash" or "${bash}" or "$0" or "${0}" or "exe";

    /// <summary>Whether it runs the lines that it reads.</summary>
    public bool RunsInput => IsShell || Name is "at" or "batch" or "parallel" or "ssh" or "crontab" || (RunsFiles && _words.Skip(1).Any(word => word.Shown is "/dev/stdin" or "/dev/fd/0" or "-"));

    /// <summary>Whether it runs the files that it is given.</summary>
    public bool RunsFiles => IsShell || Name is "source" or ".";

    /// <summary>What the command prints, when that can be told.</summary>
    public string? Printed(string? input) => _isAsked && _words.Count > 0 ? _words[0].Value : PipedText.Of(Name, [.. _words.Skip(1).Select(word => word.Value)], input);

    /// <summary>Whether the words are all of them such as stand before the name of a command.</summary>
    public static bool IsPrefix(List<ShellWord> words)
    {
        int start = 0;
        while (start < words.Count && PrefixLength(words, start) is var length and > 0) start += length;
        return start >= words.Count;
    }

    /// <summary>Whether the name is made of what only shows when the script runs.</summary>
    public bool IsFilled(ShellScope scope)
    {
        if (_words.Count == 0) return false;
        string name = _words[0].Shown;
        for (int at = name.IndexOf('$'); at >= 0; at = name.IndexOf('$', at + 1))
            if (scope.IsFilled(ParameterName(name.AsSpan(at + 1)))) return true;
        return false;
    }

    /// <summary>The name of the variable in what stands behind a <c>$</c>.</summary>
    public static string ParameterName(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.TrimStart("{!");
        int end = parameter.IndexOfAnyExcept(NameLetters);
        return (end < 0 ? parameter : parameter[..end]).ToString();
    }

    /// <summary>Lets the scope know what the command changes in it: variables and the directory.</summary>
    /// <param name="scope">What is known.</param>
    /// <param name="input">What the command reads; null when that is not known.</param>
    public void Tell(ShellScope scope, string? input)
    {
        foreach (var word in _assignments) Assign(scope, word.Value);
        string[] values = [.. _words.Skip(1).Select(word => word.Value)];
        switch (Name)
        {
            case "cd" or "pushd" or "chdir":
                scope.Enter(values.FirstOrDefault(value => !value.StartsWith('-')) ?? "");
                break;
            case "declare" or "local" or "typeset" when values.Any(value => value.Length > 1 && value[0] == '-' && value.Contains('n')):
                foreach (string value in values.Where(IsAssignment)) scope.Refer(value[..value.IndexOf('=')], value[(value.IndexOf('=') + 1)..]);
                break;
            case "export" or "declare" or "local" or "readonly" or "typeset":
                foreach (string value in values.Where(IsAssignment)) Assign(scope, value);
                break;
            case "for" or "select" when values.Length > 2:
                scope.SetChoices(values[0], [.. values[2..].SelectMany(Apart)]);
                break;
            case "for" or "select" when values is [var turn]:
                if (scope.Get("@") is { } parameters) scope.SetChoices(turn, [.. Apart(parameters)]);
                else scope.Fill(turn);
                break;
            case "read" or "mapfile" or "readarray":
                int sign = Array.IndexOf(values, "<<<");
                if (sign >= 0 && sign + 1 < values.Length) input = values[sign + 1];
                string[] names = [.. values.TakeWhile(value => !value.StartsWith('<')).Where(IsName).DefaultIfEmpty(Name == "read" ? "REPLY" : "MAPFILE")];
                if (string.IsNullOrWhiteSpace(input)) foreach (string name in names) scope.Fill(name);
                else if (Name != "read" || values.Any(value => value.Length > 1 && value[0] == '-' && value[^1] == 'a')) scope.SetChoices(names[^1], [.. Apart(input)]);
                else Read(scope, names, input);
                break;
            case "alias":
                foreach (string value in values.Where(value => value.IndexOf('=') > 0)) scope.Define(value[..value.IndexOf('=')], value[(value.IndexOf('=') + 1)..] + " $@");
                break;
            case "printf" when values is ["-v", var name, .. var rest]:
                scope.Set(name, PipedText.Of("printf", rest, null) ?? "");
                break;
            case "set" when values is ["--", .. var given]:
                scope.Set("@", string.Join(' ', given));
                for (int i = 0; i < Math.Min(9, given.Length); i++) scope.Set(((char)('1' + i)).ToString(), given[i]);
                break;
        }
    }

    /// <summary>Adds the scripts that the command has a shell run.</summary>
    /// <param name="input">What it reads; null when that is not known.</param>
    public void CollectScripts(string? input)
    {
        if (Name is "eval") _scripts.Add(JoinedValues(1));
        if (Name is "ssh") _scripts.Add(string.Join(' ', _words.Skip(2 + OptionWords(_words, 1, "bcDEeFIiJLlmOopQRSWw")).Select(word => word.Value).SkipWhile(word => word == "--")));
        if (Name is "trap" && _words.Count > 1) _scripts.Add(_words[1].Value);
        if (Name is "watch") _scripts.Add(string.Join(' ', _words.Skip(1 + OptionWords(_words, 1, "n")).Select(word => word.Value)));
        if (Name is "tmux" or "screen" or "xterm") _scripts.AddRange(_words.Skip(1).Where(word => !IsOption(word)).Select(word => word.Value));
        if (Name is "crontab" && input is not null) _scripts.Add(string.Join('\n', input.Split('\n').Select(WithoutTimes)));
        CollectOptions();
        if (Name is "alias") _scripts.AddRange(_words.Skip(1).Where(word => word.Value.Contains('=')).Select(word => word.Value[(word.Value.IndexOf('=') + 1)..]));
        if (Name is "xargs" or "parallel")
        {
            string command = Joined(_words.Skip(1 + OptionWords(_words, 1, "ILnPsdEa")));
            _scripts.Add((command.Contains("{}", StringComparison.Ordinal) && input is not null ? PipedText.Swapped(command, "{}", input) : null) ?? $"{command} {input}");
        }

        if (Name is "find")
        {
            for (int at = 1; at < _words.Count; at++)
            {
                if (_words[at].Value is not ("-exec" or "-execdir" or "-ok" or "-okdir")) continue;

                // What looks like an option in front of the end belongs to the command.
                ShellWord[] command = [.. _words.Skip(at + 1).TakeWhile(word => word.Value is not (";" or "+"))];
                _scripts.Add(Joined(command));
                at += command.Length;
            }
        }

        if (input is not null && (Name is "awk" or "gawk" or "mawk") && _words.Any(word => word.Value.Contains("system(", StringComparison.Ordinal))) _scripts.Add(input);
        if (Name is "awk" or "gawk" or "mawk" or "perl" or "ruby" or "node" or "php" or "lua" || Name.StartsWith("python", StringComparison.Ordinal))
            foreach (var word in _words.Skip(1)) AddQuotations(word.Value);
        if (!IsShell && Name is not ("su" or "script" or "runuser")) return;
        var isFirst = true;
        for (var index = 1; index < _words.Count; index++)
        {
            var word = _words[index].Shown;
            var isScript = index + 1 < _words.Count && (word == "<<<" || word is "--command" || word.Length > 1 && word[0] is '-' && word[1] != '-' && word.Contains('c', StringComparison.OrdinalIgnoreCase));
            if (word.StartsWith("--command=", StringComparison.Ordinal)) _scripts.Add(_words[index].Value[10..]);
            if (!isScript) continue;
            int at = index + 1;
            while (at + 1 < _words.Count && IsOption(_words[at])) at++;

            // Only the first has parameters: copied for each, the words would make the text quadratic.
            _scripts.Add(isFirst ? WithParameters(_words[at].Value, [.. _words.Skip(at + 1).Select(next => next.Value)]) : _words[at].Value);
            isFirst = false;
            index = Math.Max(index, at - 1);
        }
    }

    /// <summary>The script that a call of a function or alias comes to.</summary>
    /// <param name="body">What it stands for.</param>
    public string Call(string body) => WithParameters(body, ["", .. _words.Skip(1).Select(word => word.Value)]);

    // The words behind a script are its parameters, the first its name.
    private static string WithParameters(string script, string[] given) => given.Length == 0
        ? script
        : (given.Length > 1 ? $"set -- {string.Join(' ', given[1..].Select(Quoted))}\n" : "") + (given[0].Length > 0 ? PipedText.Swapped(script, "$0", given[0]) ?? script : script);

    private static string Joined(IEnumerable<ShellWord> words) => string.Join(' ', words.Select(word => Quoted(word.Value)));

    private static string Quoted(string value) => value.AsSpan().IndexOfAny(" \t\n\"'") < 0 && value.Length > 0 ? value : ShellText.Quote(value);

    // A loop reads one line in each of its turns.
    private static void Read(ShellScope scope, string[] names, string input)
    {
        string[][] lines = [.. input.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.Split((char[]?)null, names.Length, StringSplitOptions.RemoveEmptyEntries))];
        for (int at = 0; at < names.Length; at++)
            if (lines.Where(parts => at < parts.Length).Select(parts => parts[at].Trim()).ToArray() is { Length: > 0 } values) scope.SetChoices(names[at], values);
    }

    // The words that a value falls apart into; one that is empty stays, for nobody knows what it is.
    private static string[] Apart(string value) => string.IsNullOrWhiteSpace(value) ? [""] : value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // The five times of a line of crontab, or one word for them.
    private static string WithoutTimes(string line) => line.StartsWith('@') ? line[(line.IndexOf(' ') + 1)..] : line.Split(' ', 6) is { Length: 6 } parts ? parts[5] : line;

    /// <summary>Writes the command. <c>rm</c> is written once for each operand, its options in front, so that no
    /// operand hides behind another.</summary>
    /// <param name="output">Where it is written.</param>
    /// <param name="directory">Where the script stands; null when that is not known.</param>
    public void AppendTo(StringBuilder output, string? directory)
    {
        if (_words.Count == 0) return;
        if (Name == "rm" || (Name.StartsWith('$') && RemovesByForce()))
        {
            var options = string.Concat(_words.Skip(1).Where(IsOption).Select(word => word.Shown + " ").Distinct());
            // Repeated for each operand, options without end would make the text quadratic.
            if (options.Length > 64) options = "-rf ";
            var operands = _words.Skip(1).Where(word => !IsOption(word)).Select(word => $"rm {options}{SystemPaths.Plain(word.Shown, directory)}");
            output.AppendJoin(" ; ", operands.DefaultIfEmpty($"rm {options}"));
            return;
        }

        output.Append(Name);
        foreach (var word in Plain()) output.Append(' ').Append(SystemPaths.Shorten(word.Shown));
    }

    // The words behind the name, those left out that keep patterns from seeing the ones that matter.
    private IEnumerable<ShellWord> Plain()
    {
        switch (Name)
        {
            case "git":
                int options = OptionWords(_words, 1, "Cc");
                if (options > 0 && _words[options].Shown is "--git-dir" or "--work-tree" or "--namespace" or "--exec-path" or "--super-prefix") options++;
                return _words.Skip(1 + options);
            case "systemctl":
                int skipped = OptionWords(_words, 1, "HMtpsno");
                return _words.Skip(1 + skipped).Concat(_words.Skip(1).Take(skipped));
            case "kill":
                return _words.Skip(1).Where((word, at) => word.Shown != "--" && _words[at].Shown is not ("-s" or "-n"));
            default:
                return _words.Skip(1);
        }
    }

    // A name that nobody can tell with the options of one that everybody knows.
    private bool RemovesByForce() => _words.Skip(1).Any(word => word.Shown is "-rf" or "-fr" or "-Rf" or "-fR" or "-rfv" or "-vrf");

    // A variable that nobody set is nothing: r${x}m is rm.
    private static string WithoutUnknown(string name)
    {
        if (!name.Contains('$', StringComparison.Ordinal)) return name;
        var rest = new StringBuilder();
        int at = 0;
        while (name.IndexOf('$', at) is >= 0 and var start && rest.Length + name.Length - at > 2)
        {
            int end = start + 1;
            bool braced = end < name.Length && name[end] == '{';
            if (braced) end = name.IndexOf('}', end) is >= 0 and var close ? close + 1 : name.Length;
            else while (end < name.Length && (char.IsAsciiLetterOrDigit(name[end]) || name[end] == '_')) end++;
            rest.Append(name, at, start - at);
            if (rest.Length == 0 && end == name.Length) return name[start..];
            at = end;
        }

        return rest.Append(name, at, name.Length - at).ToString();
    }

    private static void Assign(ShellScope scope, string word)
    {
        int sign = word.IndexOf('=');
        string name = word[..sign].TrimEnd('+');
        if (name.IndexOf('[') is > 0 and var bracket) name = name[..bracket];
        scope.Set(name, (word[sign - 1] == '+' ? scope.Get(name) : "") + word[(sign + 1)..]);
    }

    // What programs hand to a shell stands between quotes in their source.
    private void AddQuotations(string code)
    {
        int added = 0;
        for (int at = 0; at < code.Length && added < MostQuotations; at++)
        {
            if (code[at] is not ('"' or '\'' or '`')) continue;
            int end = code.IndexOf(code[at], at + 1);
            if (end < 0) return;
            if (end > at + 1)
            {
                _scripts.Add(code[(at + 1)..end]);
                added++;
            }

            at = end;
        }
    }

    private static bool IsOption(ShellWord word) => word.Shown.StartsWith('-');

    private string JoinedValues(int start, bool options = false) => string.Join(' ', _words.Skip(start).Where(word => options || !IsOption(word)).Select(word => word.Value));

    /// <summary>Whether a word gives a variable a value.</summary>
    public static bool IsAssignment(string word)
    {
        var sign = word.IndexOf('=');
        if (sign <= 0 || char.IsAsciiDigit(word[0])) return false;
        var name = word.AsSpan(0, sign).TrimEnd('+');
        if (name.EndsWith("]") && name.IndexOf('[') is > 0 and var bracket) name = name[..bracket];
        return name.Length > 0 && !name.ContainsAnyExcept(NameLetters);
    }

    private static bool IsName(string word) => word.Length > 0 && !char.IsAsciiDigit(word[0]) && !word.AsSpan().ContainsAnyExcept(NameLetters);
}
