using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>Says which files only the user changes, and why: those that hold secrets or conversations, and those that others run or obey
/// without asking. For tools that write files and for whoever judges where a command writes.</summary>
internal sealed class ProtectedFiles
{
    private const int MostNeighbours = 1000;

    private readonly (string Root, string Shown)[] _hermes;
    private readonly (string Root, string Shown)[] _users;
    private readonly string? _shellFolder;

    /// <summary>Takes the homes from the environment; nothing is read.</summary>
    public ProtectedFiles(GatewayEnvironment environment)
    {
        string usual = Path.Combine(environment.UserHome, ".hermes"), own = environment.HermesHome;
        string[] roots = Path.GetFileName(Path.GetDirectoryName(own)) == "profiles" ? [own, Path.GetDirectoryName(Path.GetDirectoryName(own))!, usual] : [own, usual];
        _hermes = [.. roots.Distinct(StringComparer.Ordinal).Select(root => (root, root == usual ? "~/.hermes" : root))];
        _users = [(environment.UserHome, "~"), .. _hermes.Select(home => (Path.Combine(home.Root, "home"), home.Shown + "/home"))];
        _shellFolder = environment.GetRaw("ZDOTDIR") is ['/', ..] folder ? folder : null;
    }

    /// <summary>Why a file may not be read or written; null when it may.</summary>
    /// <param name="absolutePath">Absolute path. Its links are followed, and it is judged under its own name too.</param>
    /// <param name="writes">Whether it is to be written, made, moved or deleted; else only to be read.</param>
    /// <returns>A sentence that begins with the usual name of the file and ends with what to do instead, without a full stop.</returns>
    public string? ReasonFor(string absolutePath, bool writes)
    {
        string path = Path.GetFullPath(absolutePath);
        string place = Path.Combine(RealPath.Resolve(Path.GetDirectoryName(path) ?? "/") ?? "/", Path.GetFileName(path));
        return ReasonOf(place, writes) ?? (RealPath.Resolve(path) is { } real && real != place ? ReasonOf(real, writes) : null);
    }

    /// <summary>The same for a path without links, as it is opened; what becomes of it meanwhile changes nothing.</summary>
    /// <param name="real">Absolute path without links.</param>
    /// <param name="writes">Whether it is to be written.</param>
    public string? ReasonOf(string real, bool writes)
    {
        if (!writes) return ReadReason(real);
        foreach (var place in ProtectedPlaces.OfSystem)
            foreach (string name in place.Names)
                if (IsUnder(real, name)) return Sentence(name, place);
        foreach (var (root, shown) in _hermes)
        {
            if (Of(real, root, shown, ProtectedPlaces.OfHermes) is { } reason) return reason;

            // Each profile is a home of its own.
            if (Below(real, Path.Combine(Real(root), "profiles")) is { } rest && rest.Split('/')[0] is { Length: > 0 } profile
                && Of(real, Path.Combine(root, "profiles", profile), $"{shown}/profiles/{profile}", ProtectedPlaces.OfHermes) is { } other) return other;
        }

        foreach (var (root, shown) in _users)
            if (Of(real, root, shown, ProtectedPlaces.OfUser) is { } reason) return reason;
        return ShellReason(real) ?? PythonReason(real) ?? ShadowReason(real) ?? GitReason(real);
    }

    /// <summary>Why a file with several names may not be written: one of them may be protected. Null when it may.</summary>
    /// <param name="facts">The file.</param>
    public string? ReasonOf(FileFacts facts)
    {
        if (!facts.IsRegular || facts.Links < 2) return null;
        foreach (var (root, shown, places) in _hermes.Select(home => (home.Root, home.Shown, ProtectedPlaces.OfHermes)).Concat(_users.Select(home => (home.Root, home.Shown, ProtectedPlaces.OfUser))))
            foreach (var place in places)
                foreach (string name in place.Names)
                    if (Inside(Path.Combine(root, name)).Any(file => FileFacts.Of(file) is { } other && other.IsSameFile(facts))) return Sentence($"{shown}/{name}", place);
        return null;
    }

    private string? ReadReason(string real)
    {
        if (real.StartsWith("/proc/", StringComparison.Ordinal) && real.Split('/') is var parts && (parts.Contains("fd") || parts[^1] is "environ" or "mem"))
            return $"{real} shows what another program holds. Use the terminal tool if you need it";
        return _hermes.Any(home => IsUnder(real, Real(Path.Combine(home.Root, "skills", ".hub")))) ? "it is internal to the skills hub" : null;
    }

    private static string? Of(string real, string root, string shown, IEnumerable<ProtectedPlace> places)
    {
        string home = Real(root);
        foreach (var place in places)
        {
            foreach (string name in place.Names)
            {
                // Files of the home are often links into a folder that is under version control.
                string usual = Path.Combine(home, name);
                if (IsUnder(real, usual) || (RealPath.Resolve(usual) is { } target && target != usual && IsUnder(real, target))) return Sentence($"{shown}/{name}", place);
            }
        }

        return null;
    }

    private string? ShellReason(string real) =>
        _shellFolder is not null && Path.GetDirectoryName(real) == Real(_shellFolder) && Path.GetFileName(real) is ".zshrc" or ".zshenv" or ".zprofile" or ".zlogin" or ".zlogout"
            ? $"{real} is read by every new shell. Ask the user to change it"
            : null;

    // python runs these at every start, whatever the script.
    private string? PythonReason(string real)
    {
        foreach (var (root, _) in _users)
            if (Below(real, Path.Combine(Real(root), ".local/lib")) is { } rest && rest.StartsWith("python", StringComparison.Ordinal)
                && Path.GetFileName(rest) is var name && (name is "usercustomize.py" or "sitecustomize.py" || name.EndsWith(".pth", StringComparison.Ordinal)))
                return $"~/.local/lib/{rest} is run by every python program. Ask the user to change it";
        return null;
    }

    // Scripts of one's own are welcome there, but none that is run in the place of a program of the system.
    private string? ShadowReason(string real)
    {
        foreach (var (root, shown) in _users)
        {
            foreach (string folder in (string[])[".local/bin", "bin"])
            {
                if (Below(real, Path.Combine(Real(root), folder)) is { Length: > 0 } name && !name.Contains('/')
                    && ((string[])["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]).Any(system => File.Exists(Path.Combine(system, name))))
                    return $"{shown}/{folder}/{name} would run in the place of the system's {name}. Choose another name";
            }
        }

        return null;
    }

    // What any git command runs, a prompt's included. The files of a repository are left to its owner's tools; branches may be called anything.
    private static string? GitReason(string real)
    {
        string[] parts = real.Split('/');
        int at = Array.LastIndexOf(parts, ".git");
        if (at < 0) return null;
        var inner = parts.AsSpan(at + 1);
        if (inner.Length > 0 && inner[0] is "refs" or "logs" or "objects") return null;
        bool runs = inner.Length == 0 || inner[^1] is "config" or "config.worktree" or "commondir" or "gitdir" || inner.Contains("hooks");
        return runs ? $"{real} names programs that git runs. Use a command in the terminal, which the user can approve" : null;
    }

    private static string[] Inside(string path)
    {
        try
        {
            return Directory.Exists(path) ? Directory.EnumerateFiles(path).Take(MostNeighbours).ToArray() : [path];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Sentence(string shown, ProtectedPlace place) => $"{shown} {place.Holds}. {place.Way}";

    private static string Real(string path) => RealPath.Resolve(path) ?? path;

    private static bool IsUnder(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + '/', StringComparison.Ordinal);

    private static string? Below(string path, string folder) =>
        path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : null;
}
