namespace Gateway.Tools.Approvals;

/// <summary>The patterns of AGENT.md 8.2 in their order, as contract data: keys are stored in users' configurations.</summary>
/// <remarks>Two are written differently to the same effect. The look-ahead of the SQL rule became
/// <see cref="CommandRule.UnlessFollowedBy"/>, because the linear-time matcher has no look-ahead; and
/// <c>git branch -D</c> minds case, because <c>-d</c> only deletes what is merged.</remarks>
internal static partial class CommandRules
{
    /// <summary>Start of a command, with the prefixes that may stand before its name.</summary>
    private const string CommandStart = """(?:^|[;&|\n`]|\$\()\s*(?:sudo\s+(?:-[^\s]+\s+)*)?(?:env\s+(?:\w+=\S*\s+)*)?(?:(?:exec|nohup|setsid|time)\s+)*\s*""";

    /// <summary>A file of the system, of SSH, or the agent's secrets.</summary>
    private const string SystemTarget = """(?:/etc/|/dev/sd|(?:~|\$home|\$\{home\})/\.ssh(?:/|$)|(?:~\/\.hermes/|(?:\$home|\$\{home\})/\.hermes/|(?:\$hermes_home|\$\{hermes_home\})/)\.env\b)""";

    /// <summary>A project's .env or config.yaml as the last word of a command.</summary>
    private const string ProjectTarget = """(?:(?:(?:/|\.{1,2}/)?(?:[^\s/"\'`]+/)*\.env(?:\.[^/\s"\'`]+)*)|(?:(?:/|\.{1,2}/)?(?:[^\s/"\'`]+/)*config\.yaml))["\']?(?:\s*(?:&&|\|\||;).*)?$""";

    /// <summary>What is refused whoever asks for it.</summary>
    public static IReadOnlyList<CommandRule> Hardline { get; } =
    [
        new("recursive delete of root filesystem", """\brm\s+(-[^\s]*\s+)*(/|/\*|/ \*)(\s|$)""", "rm"),
        new("recursive delete of system directory", """\brm\s+(-[^\s]*\s+)*(/home|/home/\*|/root|/root/\*|/etc|/etc/\*|/usr|/usr/\*|/var|/var/\*|/bin|/bin/\*|/sbin|/sbin/\*|/boot|/boot/\*|/lib|/lib/\*)(\s|$)""", "rm"),
        new("recursive delete of home directory", """\brm\s+(-[^\s]*\s+)*(~|\$HOME)(/?|/\*)?(\s|$)""", "rm"),
        new("format filesystem (mkfs)", """\bmkfs(\.[a-z0-9]+)?\b""", "mkfs"),
        new("dd to raw block device", """\bdd\b[^\n]*\bof=/dev/(sd|nvme|hd|mmcblk|vd|xvd)[a-z0-9]*""", "of=/dev/"),
        new("redirect to raw block device", """>\s*/dev/(sd|nvme|hd|mmcblk|vd|xvd)[a-z0-9]*\b""", "/dev/"),
        new("fork bomb", """:\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:""", ":()"),
        new("kill all processes", """\bkill\s+(-[^\s]+\s+)*-1\b""", "kill"),
        new("system shutdown/reboot", CommandStart + """(shutdown|reboot|halt|poweroff)\b""", "shutdown", "reboot", "halt", "poweroff"),
        new("init 0/6 (shutdown/reboot)", CommandStart + """init\s+[06]\b""", "init"),
        new("systemctl poweroff/reboot", CommandStart + """systemctl\s+(poweroff|reboot|halt|kexec)\b""", "systemctl"),
        new("telinit 0/6 (shutdown/reboot)", CommandStart + """telinit\s+[06]\b""", "telinit"),
    ];

    /// <summary>What the user is asked about.</summary>
    public static IReadOnlyList<CommandRule> Dangerous { get; } =
    [
        new("delete in root path", """\brm\s+(-[^\s]*\s+)*/""", "rm"),
        new("recursive delete", """\brm\s+-[^\s]*r""", "rm"),
        new("recursive delete (long flag)", """\brm\s+--recursive\b""", "rm"),
        new("world/other-writable permissions", """\bchmod\s+(-[^\s]*\s+)*(777|666|o\+[rwx]*w|a\+[rwx]*w)\b""", "chmod"),
        new("recursive world/other-writable (long flag)", """\bchmod\s+--recursive\b.*(777|666|o\+[rwx]*w|a\+[rwx]*w)""", "chmod"),
        new("recursive chown to root", """\bchown\s+(-[^\s]*)?R\s+root""", "chown"),
        new("recursive chown to root (long flag)", """\bchown\s+--recursive\b.*root""", "chown"),
        new("format filesystem", """\bmkfs\b""", "mkfs"),
        new("disk copy", """\bdd\s+.*if=""", "dd"),
        new("write to block device", """>\s*/dev/sd""", "/dev/sd"),
        new("SQL DROP", """\bDROP\s+(TABLE|DATABASE)\b""", "drop"),
        new("SQL DELETE without WHERE", """\bDELETE\s+FROM\b""", "delete") { UnlessFollowedBy = """\bWHERE\b""" },
        new("SQL TRUNCATE", """\bTRUNCATE\s+(TABLE)?\s*\w""", "truncate"),
        new("overwrite system config", """>\s*/etc/""", "/etc/"),
        new("stop/restart system service", """\bsystemctl\s+(-[^\s]+\s+)*(stop|restart|disable|mask)\b""", "systemctl"),
        new("kill all processes", """\bkill\s+-9\s+-1\b""", "kill"),
        new("force kill processes", """\bpkill\s+-9\b""", "pkill"),
        new("fork bomb", """:\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:""", ":()"),
        new("shell command via -c/-lc flag", """\b(bash|sh|zsh|ksh)\s+-[^\s]*c(\s+|$)""", "sh"),
        new("script execution via -e/-c flag", """\b(python[23]?|perl|ruby|node)\s+-[ec]\s+""", "python", "perl", "ruby", "node"),
        new("pipe remote content to shell", """\b(curl|wget)\b.*\|\s*(ba)?sh\b""", "curl", "wget"),
        new("execute remote script via process substitution", """\b(bash|sh|zsh|ksh)\s+<\s*<?\s*\(\s*(curl|wget)\b""", "curl", "wget"),
        new("overwrite system file via tee", """\btee\b.*["\']?""" + SystemTarget, "tee"),
        new("overwrite system file via redirection", """>>?\s*["\']?""" + SystemTarget, ">"),
        new("overwrite project env/config via tee", """\btee\b.*["\']?""" + ProjectTarget, "tee"),
        new("overwrite project env/config via redirection", """>>?\s*["\']?""" + ProjectTarget, ">"),
        new("xargs with rm", """\bxargs\s+.*\brm\b""", "xargs"),
        new("find -exec rm", """\bfind\b.*-exec\s+(/\S*/)?rm\b""", "find"),
        new("find -delete", """\bfind\b.*-delete\b""", "find"),
        new("stop/restart hermes gateway (kills running agents)", """\bhermes\s+gateway\s+(stop|restart)\b""", "hermes"),
        new("hermes update (restarts gateway, kills running agents)", """\bhermes\s+update\b""", "hermes"),
        new("start gateway outside systemd (use 'systemctl --user restart hermes-gateway')", """gateway\s+run\b.*(&\s*$|&\s*;|\bdisown\b|\bsetsid\b)""", "gateway"),
        new("start gateway outside systemd (use 'systemctl --user restart hermes-gateway')", """\bnohup\b.*gateway\s+run\b""", "nohup"),
        new("kill hermes/gateway process (self-termination)", """\b(pkill|killall)\b.*\b(hermes|gateway|cli\.py)\b""", "pkill", "killall"),
        new("kill process via pgrep expansion (self-termination)", """\bkill\b.*\$\(\s*pgrep\b""", "pgrep"),
        new("kill process via backtick pgrep expansion (self-termination)", """\bkill\b.*`\s*pgrep\b""", "pgrep"),
        new("copy/move file into /etc/", """\b(cp|mv|install)\b.*\s/etc/""", "/etc/"),
        new("overwrite project env/config file", """\b(cp|mv|install)\b.*\s["\']?""" + ProjectTarget, ".env", "config.yaml"),
        new("in-place edit of system config", """\bsed\s+-[^\s]*i.*\s/etc/""", "sed"),
        new("in-place edit of system config (long flag)", """\bsed\s+--in-place\b.*\s/etc/""", "sed"),
        new("script execution via heredoc", """\b(python[23]?|perl|ruby|node)\s+<<""", "<<"),
        new("git reset --hard (destroys uncommitted changes)", """\bgit\s+reset\s+--hard\b""", "git"),
        new("git force push (rewrites remote history)", """\bgit\s+push\b.*--force\b""", "git"),
        new("git force push short flag (rewrites remote history)", """\bgit\s+push\b.*-f\b""", "git"),
        new("git clean with force (deletes untracked files)", """\bgit\s+clean\s+-[^\s]*f""", "git"),
        new("git branch force delete", """(?i:\bgit\s+branch)\s+-D\b""", "git") { IsCaseSensitive = true },
        new("chmod +x followed by immediate execution", """\bchmod\s+\+x\b.*[;&|]+\s*\./""", "chmod"),
    ];
}
