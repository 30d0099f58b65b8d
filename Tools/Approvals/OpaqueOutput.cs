using System.Buffers;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>What programs print of which it does not matter for a script what exactly it is: a number, a date, a path, settings for
/// <c>eval</c>.</summary>
internal static partial class OpaqueOutput
{
    private const string Number = "0";
    private const string SomePath = "$path";

    private static readonly SearchValues<char> Script = SearchValues.Create(" \t\n;&|<>`");

    /// <summary>A stand-in for what a program prints, "" for nothing that matters; null when its output has to be looked at.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="operands">Its words without options.</param>
    /// <param name="options">Its options.</param>
    public static string? Of(string name, string[] operands, string[] options) => name switch
    {
        "curl" or "wget" => "curl",
        "cp" or "mv" or "ln" => operands.Any(operand => operand.StartsWith("/dev/", StringComparison.Ordinal) || operand.StartsWith("/proc/", StringComparison.Ordinal)) ? null : "",
        "" or ":" or "true" or "false" or "cd" or "pushd" or "popd" or "test" or "[" or "[[" or "((" or "export" or "declare" or "local" or "readonly" or "typeset" or "set" or "unset" or "shopt"
            or "alias" or "trap" or "mkdir" or "rmdir" or "touch" or "rm" or "chmod" or "chown" or "sleep" or "wait" or "kill" or "exit" or "return" or "break" or "continue"
            or "shift" or "read" or "mapfile" or "readarray" or "let" or "umask" or "ulimit" or "for" or "select" or "case" or "done" or "fi" or "esac" or "function" => "",
        "date" => operands.FirstOrDefault(operand => operand.StartsWith('+')) is { } format ? Date(format) : Number,
        _ => operands.Concat(options).Any(word => word.AsSpan().IndexOfAny(Script) >= 0 || UnreadText.IsIn(word)) && name is not ("dirname" or "basename") ? null : OfPlain(name, operands, options),
    };

    // Of words in which no script can be: what is printed is theirs or the system's.
    private static string? OfPlain(string name, string[] operands, string[] options) => name switch
    {
        "nproc" or "uname" or "whoami" or "hostname" or "id" or "uuidgen" or "arch" or "tty" or "getconf" or "free" or "uptime" or "pidof" or "sw_vers" or "lsb_release" => Number,
        "wc" when operands.Length == 0 => Number,
        "expr" when operands.Length > 2 && !operands.Any(operand => operand is ":" or "|" or "&" or "match" or "substr") => Number,
        "seq" when !options.Any(option => option.AsSpan().IndexOfAny('f', 's') > 0) => Number,
        "pgrep" when !options.Any(option => option.AsSpan().IndexOfAny('a', 'l') > 0) => Number,
        "pwd" or "mktemp" or "xcode-select" => SomePath,
        "which" or "command" or "realpath" when operands.Length > 0 => operands[^1],
        "type" or "readlink" when operands.Length > 0 && options.Length > 0 => operands[^1],
        "dirname" when operands is [var path] => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : ".",
        "basename" when operands is [var path, ..] && !options.Any(option => option != "--") => Base(path, operands.Length > 1 ? operands[1] : ""),
        "npm" or "pnpm" or "yarn" when operands is ["bin" or "root" or "prefix", ..] => SomePath,
        "pyenv" or "rbenv" or "nodenv" or "asdf" or "mise" when operands is ["which" or "where" or "prefix" or "root", ..] => SomePath,
        "brew" when options.Contains("--prefix") => SomePath,
        "go" when operands is ["env", "GOPATH" or "GOROOT" or "GOBIN" or "GOCACHE" or "GOMODCACHE" or "GOOS" or "GOARCH" or "GOVERSION" or "GOMOD" or "GOEXE" or "GOTOOLDIR"] => SomePath,
        "git" when operands is ["rev-parse", ..] => Revision(options),
        _ => PrintsSettings(name, operands) ? "" : null,
    };

    private static string? Revision(string[] options)
    {
        if (options.Any(option => option is "--show-toplevel" or "--git-dir" or "--absolute-git-dir" or "--git-common-dir")) return SomePath;
        return options.All(option => option is "--verify" or "-q" or "--quiet" || option.StartsWith("--short", StringComparison.Ordinal) || option.StartsWith("--is-", StringComparison.Ordinal)) ? Number : null;
    }

    private static string Base(string path, string suffix)
    {
        string name = path[(path.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/');
        return name != suffix && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
    }

    // The format is printed as it is but for its directives.
    private static string? Date(string format) => UnreadText.IsIn(format) ? null : Directive().Replace(format[1..], directive => directive.Value[^1] switch
    {
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => Number,
    });

    [GeneratedRegex("%[-_0^#+:EO0-9]*[A-Za-z%]")]
    private static partial Regex Directive();

    // These are written for eval and source; who does not trust them does not install them. Most can run other programs, too.
    private static bool PrintsSettings(string name, string[] operands) => name switch
    {
        "ssh-agent" or "dircolors" or "lesspipe" => operands.Length == 0,
        "keychain" or "register-python-argcomplete" or "thefuck" => true,
        "direnv" or "pyenv" or "rbenv" or "nodenv" or "goenv" or "jenv" or "opam" or "fnm" or "starship" or "zoxide" or "conda" or "mamba" or "micromamba" or "atuin" or "mise" or "asdf" or "rustup" or "brew"
            or "docker-machine" or "minikube" or "poetry" => operands is ["init" or "virtualenv-init" or "hook" or "hook-env" or "export" or "env" or "config" or "activate" or "shellenv" or "docker-env" or "podman-env" or "completion"
                or "completions" or "gen-completions" or "shell" or "shell.bash" or "shell.zsh" or "shell.fish" or "shell.posix", ..],
        "npm" => operands is ["completion"],
        _ => operands is ["completion" or "completions", "bash" or "zsh" or "fish" or "sh"] && !ReadsFiles(name),
    };

    // What these print is in the files of that name.
    private static bool ReadsFiles(string name) =>
        name is "cat" or "echo" or "sed" or "awk" or "gawk" or "mawk" or "grep" or "head" or "tail" or "tac" or "sort" or "uniq" or "cut" or "paste" or "strings" or "rev" or "nl" or "fold" or "fmt" or "pr" or "base64" or "basenc" or "xxd"
            or "zcat" or "gunzip" or "tee" or "jq" or "sh" or "bash" or "zsh" or "perl" or "ruby" or "node" or "php" or "openssl" or "gpg" or "less" or "more" or "bat" || name.StartsWith("python", StringComparison.Ordinal);
}
