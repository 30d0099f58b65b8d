namespace Gateway.Tools.Approvals;

/// <summary>The rules beyond the contract.</summary>
internal static partial class CommandRules
{
    /// <summary>In the plain spelling: a command whose name only shows when the script runs.</summary>
    public const string Unread = "run-unread-words";

    /// <summary>In the plain spelling: a shell or interpreter that runs text which only shows when the script runs.</summary>
    public const string UnreadScript = "run-unread-text";

    /// <summary>In the plain spelling: an interpreter that runs the program it reads.</summary>
    public const string FedInterpreter = "run-program-from-input";

    /// <summary>In the plain spelling: a redirection to a device that holds data.</summary>
    public const string DeviceWrite = "write-to-data-device";

    /// <summary>Key for keys that edit a line, typed into a process.</summary>
    public const string EditedLine = "keys that edit the line";

    /// <summary>Key for a typed line whose variables may have been set too long ago to be known.</summary>
    public const string ForgottenVariables = "variables that were set long before";

    /// <summary>Key for commands that write, move or remove a file that only the user changes.</summary>
    public const string ProtectedFile = "change a file that only the user changes";

    /// <summary>Key for commands of more than <see cref="DangerousCommands.LongestJudged"/> characters.</summary>
    public const string TooLong = "command too long to be judged";

    /// <summary>What the user is asked about beyond the contract: ways to run what nobody can read, other spellings of what the contract asks about
    /// (under its keys, so that an approval covers both), and programs that do as much damage.</summary>
    public static IReadOnlyList<CommandRule> Own { get; } =
    [
        new("run what a loop or read puts into a variable", """\b""" + Unread + """\b""", Unread),
        new("run text that cannot be read beforehand", """\b""" + UnreadScript + """\b""", UnreadScript),
        new("pipe decoded content to shell", """\b(base64|base32|basenc|xxd|openssl|uudecode|gunzip|zcat|gzip|bzcat|xzcat)\b[^;\n]*\|\s*(sudo\s+)?(\S*/)?(ba|z|k|da)?sh\b""", "sh"),
        new("evaluate remote or decoded content", """(\beval\b|\bsource\s|(^|[;&|\n])\s*\.\s)[^;\n&]*\b(curl|wget|base64|base32|basenc|xxd|openssl)\b""", "eval", "source", ". "),
        new("run remote content as a program", """\b(curl|wget)\b.*\|\s*(sudo\s+)?(python[23]?|perl|ruby|node|php)(\s+-)?\s*($|[;&|\n])""", "curl", "wget"),
        new("pipe remote content to shell", """\b(curl|wget|nc|ncat|netcat|socat|lynx|https?|aria2c|fetch|dig|ssh)\b[^;\n]*\|\s*([({]\s*)?((sudo|env|doas|su)\s+(-\S+\s+)*)?(\S*/)?(ba|z|k|da|a|c|tc|fi)?sh\b""", "curl", "wget", "nc ", "ncat", "netcat", "socat", "lynx", "http", "aria2c", "fetch", "dig", "ssh"),
        new("evaluate remote or decoded content", """(^|[;&|\n])\s*(\$\(|`)\s*(curl|wget)\b|(\bsource|\.)\s+/dev/(stdin|fd/0)""", "curl", "wget", "/dev/stdin", "/dev/fd/0"),
        new("execute remote script via process substitution", """\b(python[0-9.]*|perl|ruby|node|php|ba?sh|zsh)\s+(<\s*)?<\s*\(\s*(curl|wget)\b""", "curl", "wget"),
        new("shell over the network", """[<>]&?\s*/dev/(tcp|udp)/|\b(nc|ncat|netcat)\b[^;\n|]*\s(-e|-c|--exec|--sh-exec)\b|\bsocat\b[^;\n]*\b(exec|system):""", "/dev/tcp", "/dev/udp", "nc ", "ncat ", "netcat ", "socat "),
        new("script execution via -e/-c flag", """\b(python[0-9.]*|pypy[0-9.]*)\s+(-\S+\s+)*-[bdeiopqsuvx]*c|\b(perl|ruby)\s+(-\S+\s+)*-w*e\b|\b(node|nodejs|bun)\s+(-\S+\s+)*(-p|-pe|-e|--eval|--print)\b|\bphp\s+(-\S+\s+)*-r\b|\b(lua[0-9.]*|rscript)\s+(-\S+\s+)*-e\b|\bdeno\s+eval\b""", "python", "pypy", "perl ", "ruby ", "node ", "nodejs ", "bun ", "php ", "lua", "rscript ", "deno "),
        new("script execution via standard input", """\b""" + FedInterpreter + """\b|\b(python[0-9.]*|perl|ruby|node|php|lua[0-9.]*)\s+(-\s+)?<<""", FedInterpreter, "<<"),
        new("shell command via -c/-lc flag", """\b(fish|dash|ash|csh|tcsh|pwsh|mksh|yash)\s+(-\S+\s+)*-\S*c\S*(\s|$)""", "fish", "dash", "ash", "csh", "pwsh", "mksh", "yash"),
        new("erase or repartition a disk", """\b(wipefs|shred|blkdiscard|mke2fs|mkswap)\b[^;\n|&]*\s/dev/|\b(sgdisk|sfdisk|fdisk|parted|gdisk|hdparm)\s+((--?[^lipvhgt;\n|&\s-]\S*|[^-/;\n|&\s]\S*)\s+)*/dev/""", "/dev/"),
        new("write to block device", """\b""" + DeviceWrite + """\b|\b(tee|cp|mv|dd|install|truncate)\b[^;\n|]*(\s|of=)["']?/dev/(sd|nvme|hd|mmcblk|vd|xvd|disk/|mapper/|dm-|md[0-9/]|loop[0-9]|nbd|zram|mtd|mem\b|vg)""", "/dev/", DeviceWrite),
        new("request to the kernel (sysrq)", """/proc/sysrq-trigger""", "sysrq-trigger"),
        new("systemd target that stops the system", """\bsystemctl\s[^;\n|&]*\b(soft-reboot|switch-root|rescue|emergency|(isolate|start)\s[^;\n|&]*\b(poweroff|reboot|halt|kexec|rescue|emergency|runlevel[06]|ctrl-alt-del))\b""", "systemctl"),
        new("recursive permission change of a system directory", """\bch(mod|own|grp)\s[^;\n|]*(-[a-z]*r[a-z]*|--recursive)\s[^;\n|]*\s(/\*?|~/?|/(etc|usr|var|bin|sbin|lib|boot|home|root)/?\*?)(\s|$)""", "chmod", "chown", "chgrp"),
        new("move a system directory", """\bmv\s+(-\S+\s+)*(/\*?|~/?|/(etc|usr|var|bin|sbin|lib|boot|home|root)/?\*?)\s+\S""", "mv"),
        new("rsync that deletes in a system directory", """\brsync\b[^;\n|]*\s--del[^;\n|]*\s(/|~/?|/(etc|usr|var|bin|sbin|lib|boot|home|root)(/[\w.-]+)?/?)\s*($|[;&|\n])""", "rsync"),
        new("overwrite system config", """\b(truncate|ln)\b[^;\n|]*\s/etc/|\b(curl|wget)\b[^;\n|]*\s(-o|--output|--output-document)[= ]?\s*/etc/|\bdd\b[^;\n|]*of=/etc/|\bunzip\b[^;\n|]*\s-d\s*/(etc|usr|bin|sbin|lib|boot)(/|\s|$)""", "/etc", "/usr", "/bin", "/sbin", "/lib", "/boot"),
        new("unpack into a system directory", """(?i:\btar)\b[^;\n|]*\s(-C|--directory)[= ]?\s*/(etc|usr|bin|sbin|lib|boot)?(/|\s|$)""", "tar") { IsCaseSensitive = true },
        new("in-place edit of system config", """\bsed\b[^;\n|]*\s(-[a-z]*i\S*|--in-place\S*)\s[^;\n|]*\s/etc/|\bsed\b[^;\n|]*\s/etc/[^;\n|]*\s-[a-z]*i|\bsed\s[^;\n|]*\s-i\s+/etc/|\bperl\s+(-\S+\s+)*-\S*i\S*\s[^;\n|]*\s/etc/|\bawk\s+-i\s+inplace\b[^;\n|]*\s/etc/""", "/etc/"),
        new("change the user's crontab", """\bcrontab\s+(-r\b|-\s*($|[;&|\n])|[^-\s;|&])""", "crontab"),
        new("world/other-writable permissions", """\bchmod\s+(-\S+\s+)*(0*[0-7]?[0-7][0-7][2367]\b|(\S*,)?[ug]*[oa][ugoa]*[+=][rwxst]*w)""", "chmod"),
        new("set-uid or set-gid permissions", """\bchmod\s+(-\S+\s+)*(0?[2-7][0-7]{3}\b|[ugoa]*\+[rwx]*s)""", "chmod"),
        new("recursive chown to root", """\bchown\s[^;\n|]*\broot\b[^;\n|]*\s(-[a-z]*r|--recursive)""", "chown"),
        new("force kill processes", """\b(pkill|killall)\b[^;\n|]*\s(-9|-(sig)?kill|--signal[= ](9|(sig)?kill)|-s\s*(9|(sig)?kill))\b""", "pkill", "killall"),
        new("kill process via pgrep expansion (self-termination)", """\b(pgrep|pidof)\b[^;\n]*\|\s*xargs\s[^;\n|]*\bkill\b|\bkill\b[^;\n]*(\$\(|`)\s*pidof\b""", "kill"),
        new("stop/restart system service", """\bsystemctl\s+(-\S+\s+)*(kill|try-restart|condrestart|reload-or-restart|try-reload-or-restart)\b|\bservice\s+\S+\s+(stop|restart)\b""", "systemctl", "service"),
        new("find -exec rm", """\bfind\b[^;\n|]*-(exec|execdir|ok|okdir)\s+[^;\n|]*\b(rm|shred|unlink|truncate)\b""", "find"),
        new("xargs with rm", """\bparallel\b[^;\n|]*\brm\b""", "parallel"),
        new("overwrite project env/config file", """\b(sed\s+(-\S+\s+)*-\S*i|perl\s+(-\S+\s+)*-\S*i|ln\b|truncate\b|dd\b)[^;\n|]*(\s|of=)["']?""" + ProjectTarget, ".env", "config.yaml"),
        new("delete the agent's own files", """\b(rm|mv|shred|unlink)\b[^;\n|]*\.hermes/(\.env|config\.yaml|auth\.json|state\.db)""", ".hermes/"),
        new("SQL DROP", """\bdrop\s+schema\b|\b(dropdatabase|flushall|flushdb)\b""", "drop", "flush"),
        new("git reset --hard (destroys uncommitted changes)", """\bgit\s+reset\b[^;\n|&]*\s--hard\b""", "git"),
        new("git force push (rewrites remote history)", """\bgit\s+push\b[^;\n|&]*\s(\+\S+|--mirror\b|--delete\b|-d\b|:\S+|-[a-z]*f[a-z]*\b)""", "git"),
        new("git clean with force (deletes untracked files)", """\bgit\s+clean\b[^;\n|&]*\s(-[a-z]*f|--force)|\bclean\.requireforce=(false|no|off|0)""", "git"),
        new("git branch force delete", """(?i:\bgit\s+branch)\b[^;\n|&]*\s(-[a-zA-Z]*D|--delete\s[^;\n|&]*--force|--force\s[^;\n|&]*--delete|-[a-z]*fd\b|-[a-z]*df\b|-[a-z]*d\s[^;\n|&]*--force|--force\s[^;\n|&]*-[a-z]*d\b)""", "git") { IsCaseSensitive = true },
        new("git command that throws away what nothing else keeps", """\bgit\s+(stash\s+(clear|drop)|reflog\s+expire|filter-branch|update-ref\b[^;\n|&]*\s-d|(checkout|switch)\s[^;\n|&]*(-[a-z]*f|--force|--discard-changes))\b|\bgit\s+worktree\s+remove\s[^;\n|&]*--?f""", "git"),
        new("reach into another process", """/proc/([0-9*?\[{`"']|\$[^$])\S*/(environ|mem|fd|fdinfo|map_files|root|cwd|exe|ns)\b""", "/proc/"),
        new("reach into another process", """\b(gdb|lldb|strace|ltrace|dlv)\b[^;\n|]*\s(-p\b|--pid|--attach|attach\b)|\b(process_vm_writev|ptrace)\b|\b(reptyr|gcore)\s+[0-9$]""", "gdb", "lldb", "strace", "ltrace", "reptyr", "gcore", "dlv", "process_vm", "ptrace"),
        new("git settings from the environment", """\bgit_config_(parameters|count)=|--config-env[= ](alias|core)""", "git_config_", "--config-env"),
        new("copy/move file into /etc/", """\brsync\b[^;\n|]*\s/etc/\S*\s*($|[;&|\n])|\b(cp|mv|install|ln|rsync)\b[^;\n|]*\s/etc\s*($|[;&|\n])""", "/etc"),
        new("overwrite project env/config via redirection", """>>?\s*["']?(\S*/)?(\.env(\.\S*)?|config\.yaml)["']?\s*(<|$|[;&|\n])""", ".env", "config.yaml"),
        new("chmod +x followed by immediate execution", """\bchmod\s+(-\S+\s+)*([ugoa]*\+\S*x|0?[1357][0-7][0-7])\b[^\n]*[;&|]+\s*(\./|(ba|z|k|da)?sh\s)""", "chmod"),
        new("container with the machine's root or devices", """\b(docker|podman|nerdctl)\b[^;\n|]*((\s-v|--volume)[= ]?\s*["']?/:/|\b(source|src)=/,|--privileged)""", "docker", "podman", "nerdctl"),
        new("execute remote script via process substitution", """\b(python[0-9.]*|perl|ruby|node|php|(ba|z|k|da)?sh)\s+<<<\s*["']?(\$\(|`)\s*(curl|wget)\b""", "<<<"),
        new("delete keys or credentials", """\b(rm|shred|unlink)\b[^;\n|]*(~|\$home|\$\{home\})/\.(ssh|gnupg|aws|kube)\b""", "/.ssh", "/.gnupg", "/.aws", "/.kube"),
        new("overwrite project env/config via tee", """\btee\s+(-\S+\s+)*["']?(\S*/)?(\.env(\.\S*)?|config\.yaml)["']?\s*(<|$|[;&|\n])""", "tee"),
    ];
}
