using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>One command of a script: its words without what may come before the name.</summary>
internal sealed partial class SimpleCommand
{
    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly List<string> _scripts;
    private readonly List<ShellWord> _assignments;
    private readonly List<ShellWord> _prefix;
    private readonly List<ShellWord> _words;
    private readonly bool _isAsked;

    /// <summary>Takes the words of a command. Scripts that it hands to a shell are added to <paramref name="scripts"/> by
    /// <see cref="CollectScripts"/>.</summary>
    public SimpleCommand(List<ShellWord> words, List<string> scripts)
    {
        _scripts = scripts;
        words = WithRedirectionsLast(words);
        var start = 0;
        while (start < words.Count && PrefixLength(words, start) is var length and > 0) start += length;
        start = Math.Min(start, words.Count);
        _prefix = words[..start];
        _assignments = [.. _prefix.Where(word => IsAssignment(word.Shown))];
        _isAsked = start > 1 && words[0].Shown == "command" && words[1].Shown is "-v" or "-V";
        for (int at = 0; at < start; at++) CollectPrefix(words, at, scripts);

        // An option with its operand after it may have been taken for one without: then the command is one word further on.
        if (start > 1 && start + 1 < words.Count && words[start - 1].Shown is ['-', '-', _, ..] option && !option.Contains('=')) scripts.Add(Joined(words.Skip(start + 1)));
        _words = words[start..];
        Name = _words.Count == 0 ? "" : SystemPaths.Command(WithoutUnknown(_words[0].Shown[(_words[0].Shown.LastIndexOf('/') + 1)..]).ToLowerInvariant());
    }

    /// <summary>Name of the program, lower-case, without its directory; "" when there is none.</summary>
    public string Name { get; }

    /// <summary>How many constructs of the shell begin (positive) or end (negative) with this command.</summary>
    public int Branching => Name switch
    {
        "for" or "case" or "select" => 1,
        "fi" or "done" or "esac" => -1,
        _ => _prefix.Count(word => word.Shown is "if" or "while" or "until"),
    };

    /// <summary>Whether the program is a shell.</summary>
    public bool IsShell => Name is "sh" or "bash" or "zsh" or "ksh" or "dash" or "ash" or "fish" or "rbash" or "mksh" or "csh" or "tcsh" or "yash" or "oksh" or "pwsh" or "nu"
        or "$shell" or "${shell}" or "$bash" or "${bash}" or "$0" or "${0}" or "exe";

    /// <summary>Whether it runs the lines that it reads.</summary>
    public bool RunsInput => Name switch
    {
        "at" or "batch" or "newgrp" => true,
        "crontab" => _words.Skip(1).Any(word => word.Shown == "-"),
        "parallel" => !Operands().Any(),
        "make" or "awk" or "gawk" or "mawk" or "gdb" => _words.Zip(_words.Skip(1)).Any(pair => pair.First.Shown is "-f" or "-x" or "-E" && IsInput(pair.Second.Shown)) || _words.Any(word => word.Shown is "-f-" or "--file=-" or "--makefile=-"),
        "script" => !_words.Any(word => word.Shown is "-c" or "--command" || (word.Shown.StartsWith('-') && word.Shown.EndsWith('c'))),
        "ssh" => Operands().Skip(1).Select(word => word.Value.Split(' ')[0]).FirstOrDefault("sh") is "sh" or "bash" or "zsh" or "dash" or "ksh",
        "source" or "." => Operands().FirstOrDefault() is { Shown: var file } && IsInput(file),
        "su" => Operands().Count() < 2 && !_words.Skip(1).Any(word => word.Shown is "-c" or "--command"),
        "" => _prefix.Any(word => word.Shown is "chroot" or "nsenter" or "unshare" or "su" or "sg")
            || (_prefix.Any(word => word.Shown is "sudo" or "doas") && _prefix.Any(word => word.Shown is "-s" or "-i" or "--shell" or "--login")),
        "vim" or "vi" or "nvim" or "ed" or "ex" => false,
        _ => (IsShell || RunsFiles) && ShellReadsInput(),
    };

    /// <summary>Whether a file that comes next among the words would be run.</summary>
    public bool RunsNextFile => RunsFiles && !Operands().Any();

    /// <summary>Whether it runs a script from a descriptor that was opened elsewhere, or a shell is left running for others to write to.</summary>
    public bool ReadsDescriptor =>
        (RunsFiles || IsInterpreter) && (_words.Exists(word => word.Shown == "<&") || Operands().FirstOrDefault() is { Shown: { } file } && IsDescriptor(file) && !IsInput(file))
        || (IsShell && _prefix.Exists(word => word.Shown == "coproc"));

    /// <summary>Whether it is an interpreter that runs the program that it reads.</summary>
    public bool IsFedInterpreter
    {
        get
        {
            if (OptionGrammar.Of(Name) is not { StopsAtOperand: true } grammar || IsShell || Name is "npx") return false;
            var options = CommandOptions.Read(_words[1..], grammar);
            if (options.Has('c') || options.Has('e') || options.Has('E') || options.Has('r') || options.Has('m') || options.Has('p') || options.Plain().Concat(options.Others()).Any(option => option.StartsWith("--", StringComparison.Ordinal))) return false;
            return options.Operands.Count == 0 || ShellWord.IsRedirection(options.Operands[0].Shown) || IsInput(options.Operands[0].Shown);
        }
    }

    /// <summary>Whether it ends a group whose input comes after it: <c>done &lt; file</c>.</summary>
    public bool EndsGroup => Name is "done" or "fi" or "esac" || _prefix.Exists(word => word.Shown == "}");

    /// <summary>Whether there is nothing but a redirection, as after a subshell.</summary>
    public bool IsOnlyRedirection => _words.Count > 0 && ShellWord.IsRedirection(_words[0].Shown);

    /// <summary>Whether it begins a group, whose commands read what the group reads.</summary>
    public bool BeginsGroup => Branching > 0 || _prefix.Exists(word => word.Shown == "{");

    /// <summary>What a function of the script is called; for git, what an alias is called.</summary>
    public string CalledName => Name == "git" && Subcommand(OptionWords(_words, 1, "Cc")) is { Length: > 0 } subcommand ? "git " + subcommand : Name;

    /// <summary>The text of a <c>&lt;&lt;&lt;</c>; null when there is none.</summary>
    public string? HereString => _words.FindLastIndex(word => word.Shown == "<<<") is >= 0 and var sign && sign + 1 < _words.Count ? _words[sign + 1].Value : null;

    /// <summary>The directory that a prefix (<c>env -C</c>, <c>sudo -D</c>) has it run in; null when there is none.</summary>
    public string? Folder
    {
        get
        {
            int at = _prefix.FindLastIndex(word => word.Shown is "-C" or "-D" or "--chdir" || word.Shown.StartsWith("--chdir=", StringComparison.Ordinal));
            if (at < 0 || !_prefix.Exists(word => word.Shown.EndsWith("env", StringComparison.Ordinal) || word.Shown.EndsWith("sudo", StringComparison.Ordinal))) return null;
            string word = _prefix[at].Value;
            return word.StartsWith("--chdir=", StringComparison.Ordinal) ? word[8..] : at + 1 < _prefix.Count ? _prefix[at + 1].Value : null;
        }
    }

    /// <summary>Whether its input is a file.</summary>
    public bool ReadsFile => _words.Any(word => word.Shown is "<" or "<&");

    /// <summary>Whether what it prints is what its scripts print.</summary>
    public bool PrintsItsScripts => Name == "eval" || IsShell;

    /// <summary>Whether what it prints ends with a line.</summary>
    public bool EndsLine => Name != "printf" && !(Name == "echo" && _words.Count > 1 && _words[1].Shown is ['-', ..] option && option.Contains('n'));

    /// <summary>Whether the name only shows when the script runs.</summary>
    public bool HasUnreadName => _words.Count > 0 && UnreadText.IsIn(_words[0].Value);

    /// <summary>What the command prints; <see cref="UnreadText.Whole"/> when that only shows when it runs.</summary>
    /// <param name="input">What it reads; null when that is not known.</param>
    public string Printed(string? input)
    {
        if (_words.Count == 0) return _prefix.Count > 0 && input is not null ? input : "";
        return _isAsked ? _words[0].Value : PipedText.Of(Name, [.. _words.Skip(1).Select(word => word.Value)], input);
    }

    /// <summary>Whether the words are all of them such as may come before the name of a command.</summary>
    public static bool IsPrefix(List<ShellWord> words)
    {
        int start = 0;
        while (start < words.Count && PrefixLength(words, start) is var length and > 0) start += length;
        return start >= words.Count;
    }

    /// <summary>Whether a further word of the command that gives a variable a value does not fall apart at blanks.</summary>
    public static bool TakesAssignments(List<ShellWord> words) =>
        words[0].Shown is "export" or "declare" or "local" or "readonly" or "typeset" || words.TrueForAll(word => IsAssignment(word.Shown));

    /// <summary>Whether the name is made of what only shows when the script runs.</summary>
    public bool IsFilled(ShellScope scope)
    {
        if (_words.Count == 0) return false;
        string name = _words[0].Shown;
        for (int at = name.IndexOf('$'); at >= 0; at = name.IndexOf('$', at + 1))
            if (scope.IsFilled(ParameterName(name.AsSpan(at + 1)))) return true;
        return false;
    }

    /// <summary>The name of the variable in what follows a <c>$</c>.</summary>
    public static string ParameterName(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.TrimStart("{!");
        int end = parameter.IndexOfAnyExcept(NameLetters);
        return (end < 0 ? parameter : parameter[..end]).ToString();
    }

    /// <summary>The script that a call of a function or alias comes to.</summary>
    /// <param name="body">What it is defined as.</param>
    public string Call(string body) => WithParameters(body, ["", .. _words.Skip(Name == "git" ? 2 + OptionWords(_words, 1, "Cc") : 1).Select(word => word.Value)]);

    /// <summary>Whether a word gives a variable a value.</summary>
    public static bool IsAssignment(string word)
    {
        var sign = word.IndexOf('=');
        if (sign <= 0 || char.IsAsciiDigit(word[0])) return false;
        var name = word.AsSpan(0, sign).TrimEnd('+');
        if (name.EndsWith("]") && name.IndexOf('[') is > 0 and var bracket) name = name[..bracket];
        return name.Length > 0 && !name.ContainsAnyExcept(NameLetters);
    }

    private bool RunsFiles => IsShell || Name is "source" or ".";

    // A shell with a script of its own reads data.
    private bool ShellReadsInput()
    {
        bool asks = false;
        for (int at = 1; at < _words.Count; at++)
        {
            string word = _words[at].Shown;
            if (ShellWord.IsRedirection(word)) at++;
            else if (word is "-" || IsDescriptor(word) || IsInput(word)) return true;
            else if (word is ['-', not '-', ..] && word.AsSpan().IndexOfAny('c', 'n') > 0) return false;
            else if (word is ['-', not '-', ..] && word.Contains('s')) asks = true;
            else if (word is ['-' or '+', 'o' or 'O'] or "--rcfile" or "--init-file") at++;
            else if (!word.StartsWith('-') && !word.StartsWith('+')) return asks;
        }

        return true;
    }

    private static bool IsInput(string file) => file is "/dev/stdin" or "/dev/fd/0" or "/proc/self/fd/0" or "-";

    private static bool IsDescriptor(string file) => file.StartsWith("/dev/fd/", StringComparison.Ordinal) || (file.StartsWith("/proc/", StringComparison.Ordinal) && file.Contains("/fd/", StringComparison.Ordinal));

    // The words that are neither options nor redirections.
    private IEnumerable<ShellWord> Operands() => WithoutRedirections(_words.Skip(1)).Where(word => !IsOption(word));

    private static IEnumerable<ShellWord> WithoutRedirections(IEnumerable<ShellWord> words)
    {
        bool isTarget = false;
        foreach (var word in words)
        {
            bool isSign = ShellWord.IsRedirection(word.Shown);
            if (!isSign && !isTarget) yield return word;
            isTarget = isSign;
        }
    }

    // > file command … is command … > file.
    private static List<ShellWord> WithRedirectionsLast(List<ShellWord> words)
    {
        int start = 0;
        while (start + 2 < words.Count && words[start].Shown is not "<<" && ShellWord.IsRedirection(words[start].Shown)) start += 2;
        return start == 0 ? words : [.. words[start..], .. words[..start]];
    }

    private static bool IsOption(ShellWord word) => word.Shown.StartsWith('-');

    private static bool IsName(string word) => word.Length > 0 && !char.IsAsciiDigit(word[0]) && !word.AsSpan().ContainsAnyExcept(NameLetters);

    // The words after a script are its parameters, the first its name.
    private static string WithParameters(string script, string[] given) => given.Length == 0
        ? script
        : (given.Length > 1 ? $"set -- {string.Join(' ', given[1..].Select(Quoted))}\n" : "") + (given[0].Length > 0 ? PipedText.Swapped(script, "$0", given[0]) ?? script : script);

    private static string Joined(IEnumerable<ShellWord> words) => string.Join(' ', words.Select(word => Quoted(word.Value)));

    private static string Quoted(string value) => value.AsSpan().IndexOfAny(" \t\n\"'") < 0 && value.Length > 0 ? value : Terminal.ShellText.Quote(value);

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
}
