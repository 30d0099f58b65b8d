namespace Gateway.Tools.Approvals;

/// <summary>What may come before the name of a command.</summary>
internal sealed partial class SimpleCommand
{
    /// <summary>Words that <paramref name="start"/> and its options take up when it is no command name but stands before
    /// one; 0 when it is the name.</summary>
    private static int PrefixLength(List<ShellWord> words, int start)
    {
        var word = words[start].Shown;
        if (IsAssignment(word)) return 1;

        var name = word[(word.LastIndexOf('/') + 1)..].ToLowerInvariant();
        switch (name)
        {
            case "coproc" when start + 2 < words.Count && words[start + 2].Shown == "{":
                return 2;
            case "if" or "then" or "else" or "elif" or "do" or "while" or "until" or "!" or "{" or "}" or "coproc":
                return 1;
            case "command" or "builtin" or "nohup" or "setsid" or "time" or "busybox" or "toybox" or "exec" or "sudo" or "doas" or "env" or "nice" or "ionice" or "stdbuf" or "unbuffer" or "strace" or "ltrace" or "setarch" or "linux64" or "firejail" or "fakeroot"
                or "unshare" or "nsenter" or "systemd-run" or "pkexec" or "dbus-run-session" or "xvfb-run" or "cpulimit" or "prlimit" or "numactl" or "setpriv" or "proot" or "torsocks" or "proxychains"
                or "proxychains4" or "catchsegv" or "ld.so" or "entr" or "runuser" or "capsh":
                return 1 + OptionWords(words, start + 1, OptionsWithOperand(name));
            case var loader when loader.StartsWith("ld-linux", StringComparison.Ordinal):
                return 1 + OptionWords(words, start + 1, "");
            case "bwrap":
                return Math.Min(1 + SandboxWords(words, start + 1), words.Count - start);
            case "chroot" or "flock" or "gosu" or "su-exec" or "sg":
                return Math.Min(2 + OptionWords(words, start + 1, OptionsWithOperand(name)), words.Count - start);
            case "-c" or "--command" when start > 0 && words[0].Shown is var first && (first.EndsWith("flock", StringComparison.Ordinal) || first.EndsWith("sg", StringComparison.Ordinal) || first.EndsWith("capsh", StringComparison.Ordinal)):
                return 2;
            case "-s" or "--split-string" when start > 0 && words[start - 1].Shown.EndsWith("env", StringComparison.Ordinal):
                return 2;
            case "timeout" or "taskset" or "chrt":
                var options = OptionWords(words, start + 1, name == "timeout" ? "sk" : "");
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
        "strace" => "oeEpsuPISXan",
        "ltrace" => "oeEpsuDanlFwAx",
        "flock" => "wE",
        "nsenter" => "t",
        "systemd-run" => "pMuHE",
        "pkexec" => "u",
        "runuser" => "ulgG",
        "cpulimit" => "lpe",
        "numactl" => "CNmpi",
        "xvfb-run" => "enswpf",
        "proot" => "rbwqk",
        "proxychains" or "proxychains4" => "f",
        _ => "",
    };

    private static int OptionWords(List<ShellWord> words, int start, string withOperand)
    {
        var index = start;
        while (index < words.Count && IsOption(words[index]))
        {
            var option = words[index++].Shown;
            if (option == "--") break;
            if (option is "--target" or "--adjustment" or "--chdir" or "--signal" or "--kill-after" or "--class" or "--git-dir" or "--work-tree" or "--namespace" or "--super-prefix" or "--config-env" or "--attr-source"
                && index < words.Count && !IsOption(words[index])) index++;

            // The last of several letters may take an operand.
            if (option.Length >= 2 && option[1] != '-' && withOperand.Contains(option[^1]) && index < words.Count && (option.Length == 2 || option.Skip(1).All(char.IsAsciiLetter))) index++;
        }

        return index - start;
    }

    // Options of bwrap take none, one, two or three operands each.
    private static int SandboxWords(List<ShellWord> words, int start)
    {
        int index = start;
        while (index < words.Count && IsOption(words[index]))
        {
            string option = words[index].Shown;
            index += 1 + option switch
            {
                "--overlay" => 3,
                "--bind" or "--bind-try" or "--dev-bind" or "--dev-bind-try" or "--ro-bind" or "--ro-bind-try" or "--bind-fd" or "--ro-bind-fd" or "--bind-data" or "--ro-bind-data"
                    or "--file" or "--symlink" or "--setenv" or "--chmod" => 2,
                "--args" or "--argv0" or "--userns" or "--userns2" or "--pidns" or "--uid" or "--gid" or "--hostname" or "--chdir" or "--unsetenv" or "--lock-file" or "--sync-fd"
                    or "--remount-ro" or "--overlay-src" or "--tmp-overlay" or "--ro-overlay" or "--exec-label" or "--file-label" or "--proc" or "--dev" or "--tmpfs" or "--mqueue" or "--dir"
                    or "--seccomp" or "--add-seccomp-fd" or "--block-fd" or "--userns-block-fd" or "--info-fd" or "--json-status-fd" or "--cap-add" or "--cap-drop" or "--perms" or "--size" => 1,
                _ => 0,
            };
            if (option == "--") break;
        }

        return index - start;
    }
}
