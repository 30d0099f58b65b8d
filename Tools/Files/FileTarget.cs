using System.Collections.Immutable;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>Where a file tool may go (AGENT.md 10.3 and 10.4).</summary>
internal sealed class FileTarget(GatewayEnvironment environment)
{
    private const int LongestPath = 4096;
    private const int MostNeighbours = 1000;

    private static ImmutableArray<string> SystemFolders => ["/etc/", "/boot/", "/usr/lib/systemd/", "/private/etc/", "/private/var/"];

    private static ImmutableArray<string> HomeFiles =>
    [
        ".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", ".netrc", ".pgpass", ".npmrc", ".pypirc",
    ];

    private static ImmutableArray<string> HomeFolders => [".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".config/gh"];

    // With these the model could allow itself what the user has not allowed, or speak to services as the user.
    private static ImmutableArray<(string Name, string Holds, string Way)> OwnFiles =>
    [
        ("config.yaml", "the settings of this program, which decide what runs without asking", "with `hermes config set KEY VALUE` or an editor. Tell them what to change"),
        ("auth.json", "logins for models", "with `hermes setup` or `hermes model`"),
        ("mcp-tokens", "logins for MCP servers", "by logging in to the server again"),
        ("shell-hooks-allowlist.json", "which hooks may run", "by agreeing to a hook when it is asked about"),
    ];

    /// <summary>What a file is known by, whichever of its names is used: the path without links.</summary>
    public static string Key(string path) => RealPath.Resolve(path) ?? path;

    /// <summary>The absolute path that a model means; null when it is none. Blanks around it belong to it only when there is such a file.</summary>
    public string? Resolve(string? path, ToolContext context)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0') || path.Length > LongestPath) return null;
        string trimmed = Path.GetFullPath(environment.ExpandHome(path.Trim()), context.State.CurrentDirectory);
        if (path.Trim() == path) return trimmed;
        string exact = Path.GetFullPath(path, context.State.CurrentDirectory);
        return Path.Exists(exact) ? exact : trimmed;
    }

    /// <summary>Why a file may not be read; null when it may.</summary>
    public string? ReadRefusal(string path)
    {
        if (RealPath.Resolve(path) is not { } real) return $"Cannot read '{path}': its links go in circles.";
        bool device = IsUnder(real, "/dev") && !IsUnder(real, "/dev/shm") && !IsUnder(real, "/dev/mqueue");
        if (device || (real.StartsWith("/proc/", StringComparison.Ordinal) && real.Contains("/fd/", StringComparison.Ordinal)))
            return $"Cannot read '{path}': it is a device that may never end. Use the terminal tool if you need a part of it.";
        return IsUnder(real, Key(Path.Combine(environment.HermesHome, "skills", ".hub")))
            ? $"Access denied: '{path}' is internal to the skills hub."
            : null;
    }

    /// <summary>Why a file may not be written; null when it may. Links are followed first, and what is protected is known by where it really
    /// lies too, so that no link leads around this.</summary>
    public string? WriteRefusal(string path)
    {
        if (RealPath.Resolve(path) is not { } real) return $"Cannot write '{path}': its links go in circles.";
        return Protection(path, Place(path)) ?? Refusal(path, real) ?? OtherNameRefusal(path, real);
    }

    /// <summary>Why a file, or a link, may not be taken away from where it is; null when it may.</summary>
    public string? RemovalRefusal(string path) => WriteRefusal(path) ?? Refusal(path, Place(path));

    /// <summary>Where a path itself lies: its folder without links, its last part as it is.</summary>
    public static string Place(string path) => Path.Combine(Key(Path.GetDirectoryName(path) ?? "/"), Path.GetFileName(path));

    private string? Refusal(string path, string real)
    {
        if (Protection(path, real) is { } refusal) return refusal;
        if (IsOutsideRoot(real)) return Denied(path);
        bool system = SystemFolders.Any(folder => real.StartsWith(folder, StringComparison.Ordinal)) || real is "/var/run/docker.sock" or "/run/docker.sock";
        if (system) return $"Refusing to write to sensitive system path: {path}\nUse the terminal tool with sudo if you need to modify system files.";
        bool onDisk = (!IsUnder(real, "/dev") || IsUnder(real, "/dev/shm")) && !IsUnder(real, "/proc") && !IsUnder(real, "/sys");
        return onDisk ? null : $"Refusing to write to '{path}': it is not a file on a disk.";
    }

    private string? Protection(string path, string real)
    {
        if (IsProtected(real)) return Denied(path);
        foreach (var (name, holds, way) in OwnFiles)
            if (IsUnderEither(real, environment.HermesHome, name)) return $"Write denied: '{path}' holds {holds}. Only the user changes it: {way}.";
        return null;
    }

    private bool IsProtected(string real) =>
        real is "/etc/sudoers" or "/etc/passwd" or "/etc/shadow"
        || IsUnder(real, "/etc/sudoers.d") || IsUnder(real, "/etc/systemd")
        || IsUnderEither(real, environment.HermesHome, ".env")
        || HomeFiles.Any(name => IsUnderEither(real, environment.UserHome, name))
        || HomeFolders.Any(name => IsUnderEither(real, environment.UserHome, name));

    // A file with several names is written where it is, so none of them may be one that is protected.
    private string? OtherNameRefusal(string path, string real)
    {
        if (FileFacts.Of(real) is not { IsRegular: true, Links: > 1 } facts) return null;
        var guarded = HomeFiles.Select(name => Path.Combine(environment.UserHome, name))
            .Concat(OwnFiles.Select(file => Path.Combine(environment.HermesHome, file.Name)))
            .Append(Path.Combine(environment.HermesHome, ".env"))
            .Concat(HomeFolders.Select(name => Path.Combine(environment.UserHome, name)).Append(Path.Combine(environment.HermesHome, "mcp-tokens")).SelectMany(Inside));
        return guarded.Any(file => FileFacts.Of(file) is { } other && other.IsSameFile(facts)) ? Denied(path) : null;
    }

    private static IEnumerable<string> Inside(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Take(MostNeighbours).ToArray() : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private bool IsOutsideRoot(string real) =>
        environment.Get("HERMES_WRITE_SAFE_ROOT") is { Length: > 0 } root && !IsUnder(real, Key(Path.GetFullPath(environment.ExpandHome(root), environment.WorkingDirectory)));

    private static string Denied(string path) => $"Write denied: '{path}' is a protected system/credential file.";

    // Files of the home are often links into a folder that is under version control.
    private static bool IsUnderEither(string path, string home, string name) =>
        IsUnder(path, Path.Combine(Key(home), name)) || IsUnder(path, Key(Path.Combine(home, name)));

    private static bool IsUnder(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + '/', StringComparison.Ordinal);
}
