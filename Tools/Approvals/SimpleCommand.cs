using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>One command of a script: its words without what may stand before the name.</summary>
internal sealed class SimpleCommand
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
        for (int at = 0; at < start && at + 1 < words.Count; at++)
            if (words[at].Shown is "-S" or "--split-string") scripts.Add(words[at + 1].Value);
        _words = words[Math.Min(start, words.Count)..];
        Name = _words.Count == 0 ? "" : SystemPaths.Command(WithoutUnknown(_words[0].Shown[(_words[0].Shown.LastIndexOf('/') + 1)..]).ToLowerInvariant());
    }

    /// <summary>Name of the program, lower-case, without its directory; "" when there is none.</summary>
    public string Name { get; }

    /// <summary>Whether the program is a shell.</summary>
    public bool IsShell => Name is "sh" or "bash" or "zsh" or "ksh" or "dash" or "ash" or "fish" or "rbash" or "mksh";

    /// <summary>Whether it runs the files that it is given.</summary>
    public bool RunsFiles => IsShell || Name is "source" or ".";

    /// <summary>What the command prints, when that can be told.</summary>
    public string? Printed(string? input) => _isAsked && _words.Count > 0 ? _words[0].Value : PipedText.Of(Name, [.. _words.Skip(1).Select(word => word.Value)], input);

    /// <summary>Lets the scope know what the command changes in it: variables and the directory.</summary>
    public void Tell(ShellScope scope)
    {
        foreach (var word in _assignments) Assign(scope, word.Value);
        string[] values = [.. _words.Skip(1).Select(word => word.Value)];
        switch (Name)
        {
            case "cd" or "pushd" or "chdir":
                scope.Enter(values.FirstOrDefault(value => !value.StartsWith('-')) ?? "");
                break;
            case "export" or "declare" or "local" or "readonly" or "typeset":
                foreach (string value in values.Where(IsAssignment)) Assign(scope, value);
                break;
            case "for" or "select" when values.Length > 2:
                scope.Set(values[0], string.Join(' ', values[2..]));
                break;
            case "read" when values.Length > 2 && values[^2] == "<<<":
                scope.Set(values[^3], values[^1]);
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
        if (Name is "eval" or "ssh" or "parallel" or "chroot" or "unshare" or "nsenter" or "flock" or "systemd-run" or "pkexec" or "su-exec" or "gosu") _scripts.Add(JoinedValues(1));
        if (Name is "trap" or "watch" && _words.Count > 1) _scripts.Add(_words[1].Value);
        if (Name is "alias") _scripts.AddRange(_words.Skip(1).Where(word => word.Value.Contains('=')).Select(word => word.Value[(word.Value.IndexOf('=') + 1)..]));
        if (Name is "xargs") _scripts.Add($"{JoinedValues(1 + OptionWords(_words, 1, "IiLnPsdEae"), options: true)} {input}");
        if (Name is "find")
        {
            for (int at = 1; at < _words.Count; at++)
                if (_words[at].Value is "-exec" or "-execdir" or "-ok" or "-okdir") new SimpleCommand(_words[(at + 1)..], _scripts).CollectScripts(null);
        }

        if (Name is "awk" or "gawk" or "mawk" or "perl" or "ruby" or "node" or "php" or "lua" || Name.StartsWith("python", StringComparison.Ordinal))
            foreach (var word in _words.Skip(1)) AddQuotations(word.Value);
        if (!IsShell && Name is not ("su" or "script" or "runuser")) return;
        for (var index = 1; index + 1 < _words.Count; index++)
        {
            var word = _words[index].Shown;
            var isScript = word == "<<<" || word is "--command" || word.Length > 1 && word[0] is '-' && word[1] != '-' && word.Contains('c');
            if (isScript) _scripts.Add(_words[index + 1].Value);
        }
    }

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
        foreach (var word in _words.Skip(1)) output.Append(' ').Append(SystemPaths.Shorten(word.Shown));
    }

    // A name that nobody can tell with the options of one that everybody knows.
    private bool RemovesByForce() => _words.Skip(1).Any(word => word.Shown is "-rf" or "-fr" or "-Rf" or "-fR" or "-rfv" or "-vrf");

    // A variable that nobody set is nothing: r${x}m is rm.
    private static string WithoutUnknown(string name)
    {
        for (int start = name.IndexOf('$'); start >= 0 && name.Length > 2; start = name.IndexOf('$'))
        {
            int end = start + 1;
            bool braced = end < name.Length && name[end] == '{';
            if (braced) end = name.IndexOf('}', end) is >= 0 and var close ? close + 1 : name.Length;
            else while (end < name.Length && (char.IsAsciiLetterOrDigit(name[end]) || name[end] == '_')) end++;
            string rest = string.Concat(name.AsSpan(0, start), name.AsSpan(end));
            if (rest.Length == 0) return name;
            name = rest;
        }

        return name;
    }

    private static void Assign(ShellScope scope, string word)
    {
        int sign = word.IndexOf('=');
        string name = word[..sign].TrimEnd('+');
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

    /// <summary>Words that <paramref name="start"/> and its options take up when it is no command name but stands before
    /// one; 0 when it is the name.</summary>
    private static int PrefixLength(List<ShellWord> words, int start)
    {
        var word = words[start].Shown;
        if (IsAssignment(word)) return 1;

        var name = word[(word.LastIndexOf('/') + 1)..].ToLowerInvariant();
        switch (name)
        {
            case "if" or "then" or "else" or "elif" or "do" or "while" or "until" or "!" or "{" or "}" or "coproc":
                return 1;
            case "command" or "builtin" or "nohup" or "setsid" or "time" or "busybox" or "toybox" or "exec" or "sudo" or "doas" or "env" or "nice" or "ionice" or "stdbuf" or "unbuffer" or "taskset" or "chrt" or "strace" or "ltrace" or "setarch" or "linux64" or "firejail" or "fakeroot":
                return 1 + OptionWords(words, start + 1, OptionsWithOperand(name));
            case "-s" or "--split-string" when start > 0 && words[start - 1].Shown.EndsWith("env", StringComparison.Ordinal):
                return 2;
            case "timeout":
                var options = OptionWords(words, start + 1, "sk");
                return Math.Min(2 + options, words.Count - start);
            default:
                return 0;
        }
    }

    private static string OptionsWithOperand(string name) => name switch
    {
        "sudo" or "doas" => "ughpCTRDUrt",
        "env" => "uC",
        "nice" or "ionice" => "ncp",
        "stdbuf" => "ioe",
        "exec" => "a",
        "time" => "fo",
        _ => "",
    };

    private static int OptionWords(List<ShellWord> words, int start, string withOperand)
    {
        var index = start;
        while (index < words.Count && IsOption(words[index]))
        {
            var option = words[index++].Shown;
            if (option == "--") break;
            if (option.Length == 2 && withOperand.Contains(option[1]) && index < words.Count) index++;
        }

        return index - start;
    }

    private static bool IsAssignment(string word)
    {
        var sign = word.IndexOf('=');
        return sign > 0 && !char.IsAsciiDigit(word[0]) && word.AsSpan(0, sign).TrimEnd('+') is var name
            && name.Length > 0 && !name.ContainsAnyExcept(NameLetters);
    }
}
