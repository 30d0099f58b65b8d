using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>One command of a script: its words without what may stand before the name.</summary>
internal sealed class SimpleCommand
{
    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly List<string> _scripts;
    private readonly List<ShellWord> _words;

    /// <summary>Takes the words of a command. Scripts that it hands to a shell are added to <paramref name="scripts"/> by
    /// <see cref="CollectScripts"/>.</summary>
    public SimpleCommand(List<ShellWord> words, List<string> scripts)
    {
        _scripts = scripts;
        var start = 0;
        while (start < words.Count && PrefixLength(words, start) is var length and > 0) start += length;
        _words = words[Math.Min(start, words.Count)..];
        Name = _words.Count == 0 ? "" : _words[0].Shown[(_words[0].Shown.LastIndexOf('/') + 1)..].ToLowerInvariant();
    }

    /// <summary>Name of the program, lower-case, without its directory; "" when there is none.</summary>
    public string Name { get; }

    /// <summary>Whether the program is a shell.</summary>
    public bool IsShell => Name is "sh" or "bash" or "zsh" or "ksh" or "dash" or "ash" or "fish";

    /// <summary>What the command prints, when that can be told.</summary>
    public string? PrintedText => Name is "echo" or "printf" ? JoinedValues(1) : null;

    /// <summary>Adds the scripts that the command has a shell run.</summary>
    public void CollectScripts()
    {
        if (Name is "eval") _scripts.Add(JoinedValues(1));
        if (Name is "trap" or "watch" && _words.Count > 1) _scripts.Add(_words[1].Value);
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
    public void AppendTo(StringBuilder output)
    {
        if (_words.Count == 0) return;
        if (Name == "rm")
        {
            var options = string.Concat(_words.Skip(1).Where(IsOption).Select(word => word.Shown + " ").Distinct());
            // Repeated for each operand, options without end would make the text quadratic.
            if (options.Length > 64) options = "-rf ";
            var operands = _words.Skip(1).Where(word => !IsOption(word)).Select(word => $"rm {options}{word.ShortPath()}");
            output.AppendJoin(" ; ", operands.DefaultIfEmpty($"rm {options}"));
            return;
        }

        output.Append(Name);
        foreach (var word in _words.Skip(1)) output.Append(' ').Append(word.ShortPath());
    }

    private static bool IsOption(ShellWord word) => word.Shown.StartsWith('-');

    private string JoinedValues(int start) => string.Join(' ', _words.Skip(start).Where(word => !IsOption(word)).Select(word => word.Value));

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
            case "command" or "builtin" or "nohup" or "setsid" or "time" or "busybox" or "toybox" or "exec" or "sudo" or "doas" or "env" or "nice" or "ionice" or "stdbuf" or "unbuffer":
                return 1 + OptionWords(words, start + 1, OptionsWithOperand(name));
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
