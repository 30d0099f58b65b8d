using System.Collections.Immutable;

namespace Gateway.Tools.Approvals;

/// <summary>Options, settings and variables of programs that name a command to run.</summary>
internal sealed partial class SimpleCommand
{
    private const int MostSplit = 256;

    private static void CollectPrefix(List<ShellWord> words, int at, List<string> scripts)
    {
        string word = words[at].Value;
        if (words[at].Shown is "sg" && at + 2 < words.Count) scripts.Add(string.Join(' ', words.Skip(at + 2).Select(next => next.Value)));
        if (words[at].Shown is "-c" or "--command" && at + 1 < words.Count) scripts.Add(words[at + 1].Value);

        CollectSplit(words, at, scripts);

        // Programs that others run name their command in a variable.
        int sign = word.IndexOf('=');
        if (sign > 0 && NamesCommand(word.AsSpan(0, sign))) scripts.Add(word[(sign + 1)..]);
    }

    // What follows the text that env -S takes apart belongs to the same command; only of the first, or the text would become quadratic.
    private static void CollectSplit(List<ShellWord> words, int at, List<string> scripts)
    {
        string word = words[at].Value;
        if (!IsSplit(words[at])) return;
        bool isName = word[1] == '-';
        string text = word[(isName ? Math.Min(word.Length, 15) : word.IndexOf('S') + 1)..];
        int rest = at + 1;
        if (text.Length == 0 && rest < words.Count) text = words[rest++].Value;
        scripts.Add(at < MostSplit && words.FindIndex(IsSplit) == at ? $"{text} {Joined(words.Skip(rest))}" : text);
    }

    private static bool IsSplit(ShellWord word) =>
        word.Value.StartsWith("--split-string", StringComparison.Ordinal) || (word.Value is ['-', not '-', ..] && word.Value.Contains('S'));

    private static bool NamesCommand(ReadOnlySpan<char> variable) =>
        variable.EndsWith("PAGER") || variable.EndsWith("EDITOR") || variable.EndsWith("_COMMAND") || variable.EndsWith("VISUAL") || variable.EndsWith("BROWSER")
        || variable is "GIT_EXTERNAL_DIFF" or "GIT_ASKPASS" or "SSH_ASKPASS" or "GIT_PROXY_COMMAND" or "GIT_SSH" or "LESSOPEN" or "LESSCLOSE" or "FCEDIT" or "TAR_OPTIONS";

    // Options and settings that name a command.
    private void CollectOptions()
    {
        string name = Name == "git" ? CalledName : Name;
        if (OptionGrammar.Of(name) is { } grammar && (grammar.CommandLetters.Length > 0 || grammar.CommandNames.Count > 0))
        {
            var words = Name == "git" ? _words[(2 + OptionWords(_words, 1, "Cc"))..] : _words[1..];
            foreach (string command in CommandOptions.Read(words, grammar).Commands) _scripts.Add(command.StartsWith("exec=", StringComparison.Ordinal) ? command[5..] : command);
        }

        if (Name == "git") CollectFromGit();
        if (Name == "tar") CollectFromOldTar();
        for (int at = 1; at < _words.Count; at++)
        {
            string word = _words[at].Value, next = at + 1 < _words.Count ? _words[at + 1].Value : "";
            switch (Name)
            {
                case "ssh" or "scp" or "sftp" when word.IndexOf("Command", StringComparison.OrdinalIgnoreCase) is >= 0 and var sign && sign + 8 < word.Length && word[sign + 7] is '=' or ' ':
                    _scripts.Add(word[(sign + 8)..]);
                    break;
                case "make" when word.StartsWith("SHELL=", StringComparison.Ordinal):
                    _scripts.Add(word[6..]);
                    break;
                case "zip" when word == "-TT":
                    _scripts.Add(next);
                    break;
                case "vim" or "vi" or "nvim" or "less" or "ex" when word.TrimStart(':', '+').StartsWith('!'):
                    _scripts.Add(word.TrimStart(':', '+', '!'));
                    break;
            }
        }
    }

    // tar xIf program file: letters without a dash take the words that follow in turn.
    private void CollectFromOldTar()
    {
        if (_words.Count < 2 || _words[1].Value.StartsWith('-') || OptionGrammar.Of("tar") is not { } grammar) return;
        int next = 2;
        foreach (char letter in _words[1].Value.Where(letter => grammar.WithValue.Contains(letter)))
        {
            if (next < _words.Count && grammar.CommandLetters.Contains(letter)) _scripts.Add(_words[next].Value);
            next++;
        }
    }

    private void CollectFromGit()
    {
        int options = OptionWords(_words, 1, "Cc");
        foreach (var (key, value) in GitSettings()) AddGitSetting(key, value);
        for (int at = 1; at < _words.Count; at++)
        {
            string word = _words[at].Value, next = at + 1 < _words.Count ? _words[at + 1].Value : "";
            if (word.EndsWith("-filter", StringComparison.Ordinal) && word.StartsWith("--", StringComparison.Ordinal)) _scripts.Add(next);
            else if (word.StartsWith("ext::", StringComparison.Ordinal)) _scripts.Add(word[5..]);
        }

        string[] rest = [.. _words.Skip(2 + options).Select(word => word.Value)];
        if (Subcommand(options) == "submodule" && rest is ["foreach", ..]) _scripts.Add(string.Join(' ', rest[1..].Where(word => word is not ("--recursive" or "--quiet" or "-q"))));
        if (Subcommand(options) == "bisect" && rest is ["run", ..]) _scripts.Add(string.Join(' ', rest[1..].Select(Quoted)));
    }

    // Aliases that the command defines: their names, and what they stand for.
    private IEnumerable<(string Alias, string Body)> GitAliases() =>
        Name == "git" ? GitSettings().Where(setting => setting.Key.StartsWith("alias.", StringComparison.OrdinalIgnoreCase)).Select(setting => (setting.Key[6..], setting.Value)) : [];

    private IEnumerable<(string Key, string Value)> GitSettings()
    {
        int options = OptionWords(_words, 1, "Cc");
        for (int at = 1; at < options; at++)
            if (_words[at].Value == "-c" && _words[at + 1].Value is var setting && setting.IndexOf('=') is > 0 and var sign) yield return (setting[..sign], setting[(sign + 1)..]);
        if (Subcommand(options) == "clone")
        {
            for (int at = 2 + options; at < _words.Count; at++)
            {
                string word = _words[at].Value is "-c" or "--config" && at + 1 < _words.Count ? _words[at + 1].Value : _words[at].Value is ['-', 'c', .. var rest] ? rest : _words[at].Value;
                if (word.StartsWith("--config=", StringComparison.Ordinal)) word = word[9..];
                if (word.IndexOf('=') is > 0 and var equals) yield return (word[..equals], word[(equals + 1)..]);
            }
        }

        if (Subcommand(options) != "config") yield break;
        if (_words.Skip(2 + options).Select(word => word.Value).SkipWhile(word => word.StartsWith('-') || word == "set").ToArray() is [var key, var value, ..]) yield return (key, value);
    }

    private string Subcommand(int options) => 1 + options < _words.Count ? _words[1 + options].Value : "";

    // An alias is a command of git, or with ! one of the shell; some other settings name a command, too.
    private void AddGitSetting(string key, string value)
    {
        string name = key.ToLowerInvariant();
        if (name.StartsWith("alias.", StringComparison.Ordinal)) _scripts.Add(value.StartsWith('!') ? value[1..] : "git " + value);
        else if (value.StartsWith('!')) _scripts.Add(value[1..]);
        else if (GitCommandSettings.Any(part => name.StartsWith(part, StringComparison.Ordinal)) || GitCommandSettingEnds.Any(part => name.EndsWith(part, StringComparison.Ordinal))) _scripts.Add(value);
    }

    private static ImmutableArray<string> GitCommandSettings =>
    [
        "core.pager", "core.editor", "core.sshcommand", "core.askpass", "core.fsmonitor", "core.gitproxy", "sequence.editor", "diff.external", "credential.helper", "gpg.program",
        "pager.", "interactive.difffilter", "sendemail.sendmailcmd", "uploadpack.packobjectshook",
    ];

    private static ImmutableArray<string> GitCommandSettingEnds =>
    [
        ".command", ".textconv", ".driver", ".clean", ".smudge", ".process", ".cmd", ".uploadpack", ".receivepack", ".helper", ".program", ".defaultkeycommand",
    ];
}
