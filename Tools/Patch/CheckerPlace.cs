using System.Collections.Frozen;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Patch;

/// <summary>What a checker of syntax may see: programs and variables that do not come from the repository whose file it checks, so that
/// no edit runs the repository's code.</summary>
internal sealed class CheckerPlace
{
    // Where launchers of versions (pyenv, rustup, asdf, mise, volta) find what they launch; everything else that steers a program stays out.
    private static readonly FrozenSet<string> Kept = new[]
    {
        "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYENV_ROOT", "RUSTUP_HOME", "CARGO_HOME", "ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR", "VOLTA_HOME",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly string? _repository;
    private readonly string _searchPath;

    /// <summary>Works out the place for one file.</summary>
    /// <param name="path">Absolute path of the file.</param>
    /// <param name="environment">Variables of commands.</param>
    public CheckerPlace(string path, IReadOnlyDictionary<string, string> environment)
    {
        _repository = Repository(RealPath.Resolve(path) ?? path, environment.GetValueOrDefault("HOME"));
        string[] folders = (environment.GetValueOrDefault("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        _searchPath = string.Join(':', folders.Where(folder => folder[0] == '/' && !IsInside(folder)));
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = _searchPath };
        foreach (var (name, value) in environment)
            if (Kept.Contains(name) && (name == "HOME" || value is not ['/', ..] || !IsInside(value))) variables[name] = value;
        Environment = variables;
    }

    /// <summary>The folder that checkers run in. Programs look for settings in their folder and in all above it; this one has none above,
    /// and only the administrator writes to it.</summary>
    public static string Folder => "/";

    /// <summary>All variables of the checker.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The program of a name; null when there is none outside the repository.</summary>
    public string? Find(string program)
    {
        foreach (string folder in _searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(folder, program);
            if (!ExecutablePath.IsExecutable(candidate) || RealPath.Resolve(candidate) is not { } real || IsInside(real)) continue;

            // A virtual environment steers its interpreter by a file beside the link; launchers need the name they are called by.
            return Path.GetFileName(real).StartsWith(program, StringComparison.Ordinal) ? real : candidate;
        }

        return null;
    }

    private bool IsInside(string path)
    {
        if (_repository is null) return false;
        string real = RealPath.Resolve(Path.GetFullPath(path)) ?? path;
        return real == _repository || real.StartsWith(_repository + "/", StringComparison.Ordinal);
    }

    // The folder with .git nearest to the file, or the file's own. A home that is under version control is no repository of strangers.
    private static string? Repository(string path, string? home)
    {
        string? realHome = home is null ? null : RealPath.Resolve(home);
        bool HoldsHome(string folder) => folder == "/" || (realHome is not null && (realHome + "/").StartsWith(folder + "/", StringComparison.Ordinal));
        string? own = Path.GetDirectoryName(path);
        for (string? folder = own; folder is not null && !HoldsHome(folder); folder = Path.GetDirectoryName(folder))
            if (Path.Exists(Path.Combine(folder, ".git"))) return folder;
        return own is null || HoldsHome(own) ? null : own;
    }
}
