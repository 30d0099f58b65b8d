using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Writes a command in the one spelling that patterns are made for.</summary>
internal sealed partial class SimpleCommand
{
    private const int LongestOptions = 64;

    /// <summary>Writes the command, its options in one order wherever they were written. <c>rm</c> is written once for each operand, so that
    /// no operand hides after another.</summary>
    /// <param name="output">Where it is written.</param>
    /// <param name="scope">What is known where the command runs.</param>
    public void AppendTo(StringBuilder output, ShellScope scope)
    {
        if (_words.Count == 0) return;
        foreach (string file in WrittenFiles()) scope.Write(file);
        if (Name == "rm" || (Name.StartsWith('$') && RemovesByForce()))
        {
            AppendRemovals(output, scope);
            return;
        }

        output.Append(Name is "loginctl" ? "systemctl" : Name);
        string[] plain = [.. Plain()];
        bool isDevice = false;
        for (int at = 0; at < plain.Length; at++)
        {
            bool isTarget = (at > 0 ? plain[at - 1] : Name) is ">" or ">>";
            string word = isTarget || (Name == "dd" && plain[at].StartsWith("of=", StringComparison.Ordinal)) ? scope.Target(plain[at]) : SystemPaths.Shorten(plain[at]);
            output.Append(' ').Append(word);
            isDevice |= isTarget && SystemPaths.IsDevice(word);
        }

        if (isDevice) output.Append(" ; ").Append(CommandRules.DeviceWrite).Append(" ; ");

        // Files of the system may be named from inside their folder.
        if (scope.Directory is not { } directory || !SystemPaths.IsSystemFolder(directory)) return;
        if (Name == "tar" && _words.Skip(1).Any(word => word.Shown is ['-', not '-', ..] or "--extract" or "--get" || (word == _words[1] && word.Shown[0] != '-') ? word.Shown.Contains('x') : false)) output.Append(" ; tar -C ").Append(directory);
        if (Name == "unzip" && !_words.Exists(word => word.Shown is "-l" or "-d" or "-p" or "-t")) output.Append(" ; unzip -d ").Append(directory);
        if (!ChangesFiles && !directory.StartsWith("/proc/", StringComparison.Ordinal)) return;
        output.Append(" ; ").Append(Name);
        foreach (string word in plain) output.Append(' ').Append(scope.Target(word));
    }

    // What is redirected to, and the operands of programs that write, move or remove them.
    private IEnumerable<string> WrittenFiles()
    {
        for (int at = 0; at + 1 < _words.Count; at++)
            if (_words[at].Shown is ">" or ">>") yield return _words[at + 1].Value;
        switch (Name)
        {
            case "tee" or "truncate" or "touch" or "rm" or "unlink" or "shred" or "mv" or "rmdir":
                foreach (var word in Operands()) yield return word.Value;
                break;
            case "sed" or "perl" when _words.Exists(word => word.Shown is ['-', not '-', ..] && word.Shown.Contains('i') || word.Shown.StartsWith("--in-place", StringComparison.Ordinal)):
                foreach (var word in Operands()) yield return word.Value;
                break;
            case "dd":
                foreach (var word in Operands().Where(word => word.Value.StartsWith("of=", StringComparison.Ordinal))) yield return word.Value[3..];
                break;
            case "curl" or "wget":
                for (int at = 1; at + 1 < _words.Count; at++)
                    if (_words[at].Shown is "-o" or "-O" or "--output" or "--output-document") yield return _words[at + 1].Value;
                break;
        }

        if (Name is "cp" or "mv" or "install" or "ln" or "rsync" && (_words.Find(word => word.Shown.StartsWith("--target-directory=", StringComparison.Ordinal)).Value?[19..] ?? Operands().LastOrDefault().Value) is { } target)
        {
            yield return target;
            foreach (var source in Operands().SkipLast(1)) yield return target.TrimEnd('/') + "/" + Path.GetFileName(source.Value);
        }
    }

    private bool ChangesFiles => Name is "cp" or "mv" or "install" or "tee" or "dd" or "sed" or "ln" or "truncate" or "shred" or "unlink" or "perl" or "rsync" or "chmod" or "chown" or "chgrp" or "curl" or "wget"
        or "mkfs" or "wipefs" or "touch" || Name.StartsWith("mkfs.", StringComparison.Ordinal);

    private void AppendRemovals(StringBuilder output, ShellScope scope)
    {
        var read = CommandOptions.Read(_words[1..], OptionGrammar.Of("rm")!);
        string options = string.Concat(read.Plain().Concat(read.Others()).Select(option => option + " "));

        // Repeated for each operand, options without end would make the text quadratic.
        if (options.Length > LongestOptions) options = "-rf ";
        var operands = read.Operands.Select(word => $"rm {options}{scope.Operand(word.Shown)}");
        output.AppendJoin(" ; ", operands.DefaultIfEmpty($"rm {options}"));
    }

    // The words after the name, those left out that keep patterns from seeing the ones that matter.
    private IEnumerable<string> Plain()
    {
        switch (Name)
        {
            case "git":
                int options = OptionWords(_words, 1, "Cc");
                if (1 + options >= _words.Count) return [];
                string subcommand = _words[1 + options].Shown;
                return [subcommand, .. InOrder("git " + subcommand, _words[(2 + options)..])];
            case "systemctl" or "loginctl":
                var asked = CommandOptions.Read(_words[1..], OptionGrammar.Of("systemctl")!);
                return [.. asked.Operands.Select(word => word.Shown), .. asked.Plain(), .. asked.Others()];
            case "kill":
                return Kills();
            case "find":
                // The name that is looked for is data: "*.sh" is no shell.
                return _words.Skip(1).Select((word, at) => _words[at].Shown is "-name" or "-iname" or "-path" or "-ipath" or "-wholename" or "-regex" or "-iregex" ? "*" : word.Shown);
            case "cp" or "mv" or "install" or "ln":
                return Copies();
            case "chown" or "chgrp":
                // The number of root is its name.
                return InOrder(Name, _words[1..]).Select(word => word.TrimStart('+') is "0" or "0:0" or "0:" ? "root" : word);
            default:
                return InOrder(Name, _words[1..]);
        }
    }

    private static IEnumerable<string> InOrder(string name, List<ShellWord> words)
    {
        // perl -ne and -pe are filters of text, which are let through like sed.
        bool isFilter = name is "perl" or "ruby" && words.Exists(word => word.Shown is ['-', not '-', ..] && word.Shown.AsSpan().IndexOfAny('n', 'p') > 0);
        if (isFilter || OptionGrammar.Of(name) is not { } grammar) return words.Select(word => word.Shown);
        var read = CommandOptions.Read(words, grammar);
        return [.. read.Plain(), .. read.Operands.Select(word => word.Shown), .. read.Others()];
    }

    // Where to comes last; a folder of the system shows that it is one.
    private IEnumerable<string> Copies()
    {
        var read = CommandOptions.Read(_words[1..], OptionGrammar.Of(Name)!);
        string[] operands = [.. read.Operands.Select(word => word.Shown)];
        string? target = read.ValueOf('t', "--target-directory");
        if (target is null && operands.Length > 1 && !operands.Any(ShellWord.IsRedirection)) (target, operands) = (operands[^1], operands[..^1]);
        foreach (string option in read.Plain().Concat(read.Others()).Where(option => !option.StartsWith("-t ", StringComparison.Ordinal) && !option.StartsWith("--target-directory=", StringComparison.Ordinal))) yield return option;
        foreach (string operand in operands) yield return operand;
        if (target is not null) yield return target;
    }

    // Without the ways to name a signal: what is left are processes, all of them first.
    private IEnumerable<string> Kills()
    {
        List<string> processes = [], signals = [];
        for (int at = 1; at < _words.Count; at++)
        {
            string word = _words[at].Shown;
            if (word is "-s" or "-n" or "--signal") at++;
            else if (word.StartsWith('-') && word != "-1" && word != "--") signals.Add(word);
            else if (word != "--") processes.Add(word);
        }

        return [.. signals, .. processes.OrderBy(process => process != "-1")];
    }

    // A name that nobody can know with the options of one that everybody knows.
    private bool RemovesByForce() => _words.Skip(1).Any(word => word.Shown is "-rf" or "-fr" or "-Rf" or "-fR" or "-rfv" or "-vrf");
}
