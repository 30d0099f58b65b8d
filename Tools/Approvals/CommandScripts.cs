using System.Buffers;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>The scripts that a command hands to a shell, in its words or over its input.</summary>
internal sealed partial class SimpleCommand
{
    private const int MostQuotations = 32;

    private static readonly SearchValues<char> SubstitutionFlags = SearchValues.Create("gpiImMe0123456789");

    /// <summary>Whether <see cref="CollectScripts"/> found one for a shell of this machine that only shows when it runs.</summary>
    public bool RunsUnreadScript { get; private set; }

    /// <summary>Adds the scripts that the command has a shell run.</summary>
    /// <param name="input">What it reads; null when that is not known.</param>
    public void CollectScripts(string? input)
    {
        CollectOptions();
        foreach (var word in _assignments) CollectAssignment(word.Value);
        switch (Name)
        {
            case "eval":
                AddOwn(JoinedValues(1));
                break;
            case "ssh":
                _scripts.Add(string.Join(' ', _words.Skip(2 + OptionWords(_words, 1, "bcDEeFIiJLlmOopQRSWw")).Select(word => word.Value).SkipWhile(word => word == "--")));
                break;
            case "trap" when _words.Count > 1:
                AddOwn(_words[_words[1].Shown == "--" && _words.Count > 2 ? 2 : 1].Value);
                break;
            case "watch":
                _scripts.Add(string.Join(' ', _words.Skip(1 + OptionWords(_words, 1, "n")).Select(word => word.Value)));
                break;
            case "tmux" or "screen" or "xterm" or "hyperfine":
                _scripts.AddRange(_words.Skip(1).Where(word => !IsOption(word)).Select(word => word.Value));
                break;
            case "crontab" when input is not null:
                _scripts.Add(string.Join('\n', input.Split('\n').Select(WithoutTimes)));
                break;
            case "alias":
                _scripts.AddRange(_words.Skip(1).Where(word => word.Value.Contains('=')).Select(word => word.Value[(word.Value.IndexOf('=') + 1)..]));
                break;
            case "parallel":
                CollectParallel(input);
                break;
            case "xargs":
                string command = Joined(WithoutRedirections(_words.Skip(1 + OptionWords(_words, 1, "ILnPsdEa"))));
                if (command.Length == 0) break;
                if (_words.Find(word => word.Shown is ['-', 'I', _, ..]).Value is { } place) command = command.Replace(place[2..], "{}", StringComparison.Ordinal);
                bool isPlaced = command.Contains("{}", StringComparison.Ordinal) && input is not null;
                _scripts.Add((isPlaced ? PipedText.Swapped(command, "{}", input!) : null) ?? $"{command} {input}");
                break;
            case "find":
                CollectExecuted();
                CollectWritten();
                break;
            case "export" or "declare" or "typeset" or "local" or "readonly":
                foreach (var word in _words.Skip(1)) CollectAssignment(word.Value);
                break;
            case "test" or "[" or "[[" or "printf" or "unset" or "read" or "let" or "mapfile" or "readarray" or "wait" or "((":
                foreach (var word in _words.Skip(1)) CollectSubscripts(word.Value);
                break;
            case "sed" or "ed" or "ex":
                CollectFromEditor(input);
                break;
        }

        if (Name is "awk" or "gawk" or "mawk") CollectFromAwk(input);
        if (RunsEscapes) CollectEscapes();
        if (IsInterpreter)
            foreach (var word in _words.Skip(1)) AddQuotations(word.Value);
        if (IsShell || Name is "su" or "script" or "runuser") CollectGiven();
    }

    // parallel puts its words together and has a shell run them with each of what follows :::.
    private void CollectParallel(string? input)
    {
        string[] words = [.. WithoutRedirections(_words.Skip(1 + OptionWords(_words, 1, "ILnNPsdEajSC"))).Select(word => word.Value)];
        string command = string.Join(' ', words.TakeWhile(word => !word.StartsWith(":::", StringComparison.Ordinal)));
        string given = string.Join(' ', words.Skip(1).SkipWhile(word => !word.StartsWith(":::", StringComparison.Ordinal)).Where(word => !word.StartsWith(":::", StringComparison.Ordinal)));
        if (words is [":::" or ":::+", .. var scripts]) _scripts.AddRange(scripts);
        if (command.Length == 0) return;
        _scripts.Add($"{command} {given} {input}");
        if (command.Contains('{')) _scripts.Add(PipedText.Swapped(Place().Replace(command, "{}"), "{}", $"{given} {input}".Trim()) ?? UnreadText.Whole);
    }

    [GeneratedRegex(@"\{[0-9./%#+-]+\}")]
    private static partial Regex Place();

    private bool IsInterpreter => Name is "awk" or "gawk" or "mawk" or "perl" or "ruby" or "node" or "php" or "lua" || Name.StartsWith("python", StringComparison.Ordinal);

    // A script for a shell of this machine: one that cannot be read is asked about.
    private void AddOwn(string script)
    {
        _scripts.Add(script);
        RunsUnreadScript |= UnreadText.IsIn(script);
    }

    private void CollectExecuted()
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

    // -fprint file and its like.
    private void CollectWritten()
    {
        for (int at = 1; at + 1 < _words.Count; at++)
            if (_words[at].Value is "-fprint" or "-fprint0" or "-fprintf" or "-fls") _scripts.Add(": > " + Quoted(_words[at + 1].Value));
    }

    // system(x) and print | x, where x is not a literal.
    private void CollectFromAwk(string? input)
    {
        foreach (var word in _words.Skip(1))
        {
            if (input is not null && word.Value.Contains("system(", StringComparison.Ordinal)) _scripts.Add(input);
            RunsUnreadScript |= AwkCommand().IsMatch(word.Value);
        }
    }

    private bool RunsEscapes => Name is "vim" or "vi" or "nvim" or "ex" or "ed" or "emacs" or "gdb" or "lldb" or "sqlite3" or "psql" or "mysql" or "mariadb" or "less" or "more" or "tmux" or "ftp" or "lftp" or "sftp";

    // :!command of editors, .shell command of databases, shell command of debuggers.
    private void CollectEscapes()
    {
        if (_words.FindIndex(word => word.Value == "--args") is > 0 and var program) _scripts.Add(Joined(_words.Skip(program + 1)));
        foreach (var word in _words.Skip(1))
        {
            foreach (Match escape in Escape().Matches(word.Value)) _scripts.Add(escape.Groups[1].Value);
            AddQuotations(word.Value);
        }
    }

    // -c 'script' of a shell, of su and their like.
    private void CollectGiven()
    {
        var isFirst = true;
        for (var index = 1; index < _words.Count; index++)
        {
            var word = _words[index].Shown;
            bool isOption = word is "--command" or "--session-command" || (word.Length > 1 && word[0] is '-' && word[1] != '-' && word.Contains('c', StringComparison.OrdinalIgnoreCase));
            if (word.StartsWith("--command=", StringComparison.Ordinal) || word.StartsWith("--session-command=", StringComparison.Ordinal)) AddOwn(_words[index].Value[(word.IndexOf('=') + 1)..]);
            if (!isOption || index + 1 >= _words.Count) continue;
            int at = index + 1;
            while (at + 1 < _words.Count && IsOption(_words[at])) at++;

            // Only the first has parameters: copied for each, the words would make the text quadratic.
            AddOwn(isFirst ? WithParameters(_words[at].Value, [.. _words.Skip(at + 1).Select(next => next.Value)]) : _words[at].Value);
            isFirst = false;
            index = Math.Max(index, at - 1);
        }
    }

    // PS4 is expanded before each traced command, and a subscript in every calculation that names the variable.
    private void CollectAssignment(string word)
    {
        int sign = word.IndexOf('=');
        if (sign <= 0) return;
        string name = word[..sign].TrimEnd('+'), value = word[(sign + 1)..];
        if (name is "PS4" or "PS0" or "PS1" or "PROMPT_COMMAND") _scripts.Add(name == "PROMPT_COMMAND" ? value : Substitution(value));
        else if (NamesCommand(name)) _scripts.Add(value);
        else CollectSubscripts(value);
    }

    // a[$(…)] is calculated even where it is quoted.
    private void CollectSubscripts(string text)
    {
        if (text.Contains("[$(", StringComparison.Ordinal) || text.Contains("[`", StringComparison.Ordinal)) _scripts.Add(Substitution(text));
    }

    private static string Substitution(string text) => text.Contains('`') || text.Contains("$(", StringComparison.Ordinal) ? $": \"{text.Replace("\"", "", StringComparison.Ordinal)}\"" : "";

    // The commands e and w of sed, and ! of ed, run or write what follows.
    private void CollectFromEditor(string? input)
    {
        if (Name == "sed")
        {
            foreach (string line in _words.Skip(1).SelectMany(word => WithoutOption(word.Value).Split([';', '\n', '{', '}']))) CollectFromSed(line, input);
            return;
        }

        foreach (string line in (input ?? "").Split('\n'))
            if (line.TrimStart("0123456789 ,%$.rewg".ToCharArray()) is ['!', .. var command]) AddOwn(command);
        RunsUnreadScript |= UnreadText.IsIn(input);
    }

    private static string WithoutOption(string word) => word.StartsWith("--expression=", StringComparison.Ordinal) ? word[13..] : word.StartsWith("-e", StringComparison.Ordinal) ? word[2..] : word;

    private void CollectFromSed(string line, string? input)
    {
        if (SedCommand().Match(line) is { Success: true } command)
        {
            if (command.Groups[2].Success) _scripts.Add(": > " + Quoted(command.Groups[2].Value));
            else AddOwn(command.Groups[1].Value is { Length: > 0 } text ? text : input ?? UnreadText.Whole);
        }

        if (SedSubstitution().Match(line) is not { Success: true } found || found.Groups[2].Value.Split(found.Groups[1].Value[1], 3) is not [_, var replacement, var flags]) return;
        if (flags.IndexOf('w') is >= 0 and var sign) _scripts.Add(": > " + Quoted(flags[(sign + 1)..].Trim()));
        else if (flags.Contains('e') && flags.AsSpan().IndexOfAnyExcept(SubstitutionFlags) < 0) AddOwn(replacement + UnreadText.Whole);
    }

    [GeneratedRegex(@"system\(\s*(?:[^""')\s]|""[^""]*""\s*[^)\s])|print[^;}""]*[^|]\|\s*[^|""\s]|\|\s*""(ba|z|da|k)?sh""|\$[0-9]+\s*\|\s*getline")]
    private static partial Regex AwkCommand();

    [GeneratedRegex(@"(?:^|[\s:|%'""])(?:!|\\!|\.shell\s|\.system\s|shell\s|system\s|run\s|run-shell\s)\s*([^!=\s].*)$")]
    private static partial Regex Escape();

    [GeneratedRegex(@"^\s*(?:(?:\d+|\$|/(?:[^/\\]|\\.)*/I?)(?:\s*,\s*(?:[+~]?\d+|\$|/(?:[^/\\]|\\.)*/I?))?)?\s*!?\s*(?:e(?:\s+(.*))?|[wW]\s+(\S+))\s*$")]
    private static partial Regex SedCommand();

    [GeneratedRegex(@"^\s*(?:[0-9,$~]|/[^/]*/)*\s*(s[^\w\s\\])(.*)$")]
    private static partial Regex SedSubstitution();

    // The five times of a line of crontab, or one word for them.
    private static string WithoutTimes(string line) => line.StartsWith('@') ? line[(line.IndexOf(' ') + 1)..] : line.Split(' ', 6) is { Length: 6 } parts ? parts[5] : line;

    // What programs hand to a shell is quoted in their source.
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

    private string JoinedValues(int start) => string.Join(' ', _words.Skip(start).Select(word => word.Value));
}
