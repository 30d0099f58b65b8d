namespace Gateway.Tools.Approvals;

/// <summary>What programs print of which it does not matter for a script what exactly it is: a number, a date, a path, settings for
/// <c>eval</c>.</summary>
internal static class OpaqueOutput
{
    private const string Number = "0";
    private const string SomePath = "$path";

    /// <summary>A stand-in for what a program prints, "" for nothing that matters; null when its output has to be looked at.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="operands">Its words without options.</param>
    /// <param name="options">Its options.</param>
    public static string? Of(string name, string[] operands, string[] options) => name switch
    {
        "curl" or "wget" => "curl",
        "" or ":" or "true" or "false" or "cd" or "pushd" or "popd" or "test" or "[" or "[[" or "((" or "export" or "declare" or "local" or "readonly" or "typeset" or "set" or "unset" or "shopt"
            or "alias" or "trap" or "mkdir" or "rmdir" or "touch" or "rm" or "cp" or "mv" or "ln" or "chmod" or "chown" or "sleep" or "wait" or "kill" or "exit" or "return" or "break" or "continue"
            or "shift" or "read" or "mapfile" or "readarray" or "let" or "hash" or "umask" or "ulimit" or "for" or "select" or "case" or "done" or "fi" or "esac" or "function" => "",
        "date" or "nproc" or "uname" or "whoami" or "hostname" or "id" or "wc" or "uuidgen" or "arch" or "tty" or "getconf" or "seq" or "expr" or "getent" or "stat" or "du" or "df" or "free"
            or "uptime" or "pgrep" or "pidof" or "sw_vers" or "lsb_release" or "jobs" => name is "date" or "expr" && operands.Any(UnreadText.IsIn) ? null : Number,
        "pwd" or "mktemp" or "xcode-select" => SomePath,
        "which" or "command" or "type" or "realpath" when operands.Length > 0 => operands[^1],
        "readlink" when operands.Length > 0 && options.Length > 0 => operands[^1],
        "dirname" when operands.Length > 0 => operands[0].LastIndexOf('/') is > 0 and var slash ? operands[0][..slash] : ".",
        "basename" when operands.Length > 0 => operands[0][(operands[0].TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/'),
        "npm" or "pnpm" or "yarn" when operands is ["bin" or "root" or "prefix", ..] => SomePath,
        "pyenv" or "rbenv" or "nodenv" or "asdf" or "mise" when operands is ["which" or "where" or "prefix" or "root", ..] => SomePath,
        "brew" when options.Contains("--prefix") => SomePath,
        "go" when operands is ["env", ..] => SomePath,
        "git" when operands is ["rev-parse", ..] => options.Any(option => option is "--show-toplevel" or "--git-dir" or "--absolute-git-dir" or "--git-common-dir") ? SomePath : options.Contains("--abbrev-ref") ? null : Number,
        _ => PrintsSettings(name, operands) ? "" : null,
    };

    // These are written for eval and source; who does not trust them does not install them.
    private static bool PrintsSettings(string name, string[] operands) =>
        name is "ssh-agent" or "dircolors" or "direnv" or "pyenv" or "rbenv" or "nodenv" or "goenv" or "jenv" or "opam" or "fnm" or "starship" or "zoxide" or "conda" or "mamba" or "micromamba" or "lesspipe" or "keychain"
            or "register-python-argcomplete" or "thefuck" or "atuin" or "mise" or "asdf" or "rustup"
        || (name is "brew" && operands is ["shellenv", ..])
        || (name is "docker-machine" or "minikube" or "poetry" && operands.Any(operand => operand is "env" or "docker-env"))
        || (operands.Any(operand => operand is "completion" or "completions") && name is not ("cat" or "echo" or "sed" or "awk" or "grep" or "head" or "tail" or "tac"));
}
