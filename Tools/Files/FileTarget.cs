using System.Collections.Immutable;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>Where a file tool may go (AGENT.md 10.3 and 10.4).</summary>
internal sealed class FileTarget(GatewayEnvironment environment)
{
    private static ImmutableArray<string> SystemFolders => ["/etc/", "/boot/", "/usr/lib/systemd/", "/private/etc/", "/private/var/"];

    private static ImmutableArray<string> HomeFiles =>
    [
        ".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", ".netrc", ".pgpass", ".npmrc", ".pypirc",
    ];

    private static ImmutableArray<string> HomeFolders => [".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".config/gh"];

    /// <summary>The absolute path that a model means; null when it is none.</summary>
    public string? Resolve(string? path, ToolContext context)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0')) return null;
        path = path.Trim();
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)) path = environment.UserHome + path[1..];
        return Path.GetFullPath(path, context.State.CurrentDirectory);
    }

    /// <summary>Why a file may not be read; null when it may.</summary>
    public string? ReadRefusal(string path)
    {
        if (RealPath.Resolve(path) is not { } real) return $"Cannot read '{path}': its links go in circles.";
        if (IsUnder(real, "/dev") || (real.StartsWith("/proc/", StringComparison.Ordinal) && real.Contains("/fd/", StringComparison.Ordinal)))
            return $"Cannot read '{path}': it is a device that may never end. Use the terminal tool if you need a part of it.";
        return IsUnder(real, Real(Path.Combine(environment.HermesHome, "skills", ".hub")))
            ? $"Access denied: '{path}' is internal to the skills hub."
            : null;
    }

    /// <summary>Why a file may not be written; null when it may. Links are followed first, so that no link leads around this.</summary>
    public string? WriteRefusal(string path)
    {
        if (RealPath.Resolve(path) is not { } real) return $"Cannot write '{path}': its links go in circles.";
        if (IsProtected(real) || IsOutsideRoot(real)) return $"Write denied: '{path}' is a protected system/credential file.";
        bool system = SystemFolders.Any(folder => real.StartsWith(folder, StringComparison.Ordinal)) || real is "/var/run/docker.sock" or "/run/docker.sock";
        if (system) return $"Refusing to write to sensitive system path: {path}\nUse the terminal tool with sudo if you need to modify system files.";
        return IsUnder(real, "/dev") || IsUnder(real, "/proc") || IsUnder(real, "/sys") ? $"Refusing to write to '{path}': it is not a file on a disk." : null;
    }

    private bool IsProtected(string real)
    {
        string home = Real(environment.UserHome);
        return real is "/etc/sudoers" or "/etc/passwd" or "/etc/shadow"
            || IsUnder(real, "/etc/sudoers.d") || IsUnder(real, "/etc/systemd")
            || real == Real(Path.Combine(environment.HermesHome, ".env"))
            || HomeFiles.Any(name => real == Path.Combine(home, name))
            || HomeFolders.Any(name => IsUnder(real, Path.Combine(home, name)));
    }

    private bool IsOutsideRoot(string real) =>
        environment.Get("HERMES_WRITE_SAFE_ROOT") is { Length: > 0 } root && !IsUnder(real, Real(Path.GetFullPath(root, environment.WorkingDirectory)));

    private static bool IsUnder(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + '/', StringComparison.Ordinal);

    private static string Real(string path) => RealPath.Resolve(path) ?? path;
}
