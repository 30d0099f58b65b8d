using System.Collections.Immutable;
using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>What a shell leaves to the next one of the same conversation: exported variables, functions and the directory (AGENT.md
/// 10.1). Every command is a shell of its own, so that none can spoil the others.</summary>
internal sealed class ShellState(Func<string, string> newName, ChildProcesses children, string shell, IReadOnlyDictionary<string, string> environment, TerminalSettings settings)
{
    private const string Complete = "#complete";
    private readonly SemaphoreSlim _login = new(1);
    private readonly Lock _gate = new();
    private string? _exports;
    private string? _functions;
    private bool _loggedIn;

    /// <summary>Names of variables that no command may see, whatever an earlier one left; plain names.</summary>
    public IReadOnlyList<string> Withheld { get; set; } = [];

    /// <summary>Whether the shell can carry anything over.</summary>
    public bool IsPossible => shell.EndsWith("/bash", StringComparison.Ordinal);

    /// <summary>Makes ready for a command: the first one reads what a login shell sets up.</summary>
    /// <param name="directory">Absolute directory that it runs in.</param>
    /// <param name="confine">Confines what is run; null for nothing.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    public async Task PrepareAsync(string directory, Func<ChildStart, ChildStart>? confine, CancellationToken cancellationToken)
    {
        if (!IsPossible) return;
        await _login.WaitAsync(cancellationToken);
        try
        {
            // What was left may have been taken by a cleaner of temporary files.
            if (_loggedIn && (_exports is null || File.Exists(_exports))) return;
            string exports = newName("exports"), functions = newName("functions");
            var start = new ChildStart
            {
                Path = shell,
                Arguments = ["-lc", LoginScript, "bash", exports, functions],
                Environment = environment,
                WorkingDirectory = directory,
                MergeStandardError = true,
                OutputLimit = new OutputLimit(0, 0),
                Timeout = TimeSpan.FromSeconds(30),
            };
            _ = await children.RunAsync(confine?.Invoke(start) ?? start, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            _loggedIn = true;
            if (IsComplete(exports)) _exports = exports;
            if (IsComplete(functions)) _functions = functions;
        }
        catch (Exception exception) when (exception is ChildStartException or IOException or UnauthorizedAccessException)
        {
            // Without what a login sets up the shell is plain, but works.
            _loggedIn = true;
        }
        finally
        {
            _login.Release();
        }
    }

    /// <summary>Arguments of the shell for a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="left">Where the shell leaves what the next one takes up; null when it leaves nothing.</param>
    /// <param name="given">Names of variables that come with this start and are new to what earlier shells left.</param>
    public IReadOnlyList<string> Arguments(string command, string? left, IEnumerable<string> given)
    {
        if (!IsPossible) return ["-c", command];
        lock (_gate) return ["-c", Script, "bash", command, _exports ?? "", _functions ?? "", left ?? "", $" {string.Join(' ', given)} ", string.Join(' ', Withheld)];
    }

    /// <summary>The variables that the next shell starts with.</summary>
    public IReadOnlyDictionary<string, string> Variables()
    {
        string? exports;
        lock (_gate) exports = _exports;
        try
        {
            return exports is null ? environment : ExportList.Read(File.ReadAllText(exports));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return environment;
        }
    }

    /// <summary>A name for what a command leaves.</summary>
    public string? NewLeft()
    {
        try
        {
            return IsPossible ? newName("left") : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes up what a command left.</summary>
    /// <returns>The directory it ended in; null when it left nothing.</returns>
    public string? TakeUp(string? left)
    {
        if (left is null) return null;
        try
        {
            string place = left + ".cwd";
            string? directory = File.Exists(place) ? File.ReadAllText(place).TrimEnd('\n') : null;
            File.Delete(place);
            if (IsComplete(left))
            {
                lock (_gate)
                {
                    if (_exports is not null) File.Delete(_exports);
                    _exports = left;
                }
            }

            return directory is { Length: > 0 } && Directory.Exists(directory) ? directory : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A shell that was killed leaves half a file.
    private static bool IsComplete(string path) => File.Exists(path) && File.ReadAllText(path).TrimEnd('\n').EndsWith(Complete, StringComparison.Ordinal);

    // What is known is kept before each file, since one that ends or replaces the shell would take it along. Credentials that profiles
    // export are taken out, as they are from the environment of the gateway.
    private string LoginScript => $$"""
        __tg_e=$1 __tg_f=$2; shift 2
        {{Keep}}
        {{string.Join('\n', Sourced().Select(file => $"[ -r {ShellText.Quote(file)} ] && . {ShellText.Quote(file)} >/dev/null 2>&1 </dev/null\n{Keep}"))}}
        """;

    private string Keep => $$"""
        (for __tg_n in $(compgen -e); do case $__tg_n in {{Given}}) ;; {{string.Join('|', Withheld.Prepend(CommandEnvironment.CasePattern))}}) unset "$__tg_n";; esac; done
        unset __tg_n SHLVL _ OLDPWD
        umask 077
        { export -p; echo '{{Complete}}'; } > "$__tg_e.new" && command mv -f "$__tg_e.new" "$__tg_e"
        { declare -f; alias -p; echo '{{Complete}}'; } > "$__tg_f.new" && command mv -f "$__tg_f.new" "$__tg_f") 2>/dev/null
        """;

    // A login shell has read the first of its own files already.
    private IEnumerable<string> Sourced()
    {
        if (settings.ShellInitFiles.Count > 0) return settings.ShellInitFiles;
        if (!settings.SourcesBashrc || environment.GetValueOrDefault("HOME") is not { Length: > 0 } home) return [];
        string? read = LoginFiles.FirstOrDefault(name => File.Exists(Path.Combine(home, name)));
        return UserFiles.Where(name => name != read).Select(name => Path.Combine(home, name));
    }

    private static ImmutableArray<string> LoginFiles => [".bash_profile", ".bash_login", ".profile"];

    private static ImmutableArray<string> UserFiles => [".profile", ".bash_profile", ".bashrc"];

    // What the user lets commands have all the same.
    private string Given => string.Join('|', environment.Keys.Where(CommandEnvironment.IsCredential).Where(name => name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')).Append("__tg_n"));

    // Everything of ours is in variables that are not exported, so that commands see neither them nor arguments.
    private static string Script => $$"""
        __tg_c=$1 __tg_e=$2 __tg_f=$3 __tg_l=$4 __tg_g=$5 __tg_w=$6; shift 6
        if [ -n "$__tg_e" ] && [ -r "$__tg_e" ]; then
          for __tg_n in $(compgen -e); do case $__tg_n in PWD|OLDPWD|SHLVL|_) ;; *) case $__tg_g in *" $__tg_n "*) ;; *) unset "$__tg_n" 2>/dev/null;; esac;; esac; done
          __tg_p=$PWD; . "$__tg_e" 2>/dev/null; PWD=$__tg_p
          for __tg_n in $__tg_w; do case $__tg_g in *" $__tg_n "*) ;; *) unset "$__tg_n" 2>/dev/null;; esac; done
        fi
        shopt -s expand_aliases
        [ -n "$__tg_f" ] && [ -r "$__tg_f" ] && . "$__tg_f" 2>/dev/null
        [ -n "$__tg_l" ] && trap '(umask 077; { export -p; echo "{{Complete}}"; } > "$__tg_l"; pwd -P > "$__tg_l.cwd") 2>/dev/null' EXIT
        eval "$__tg_c"
        """;
}
