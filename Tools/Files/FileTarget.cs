using System.Collections.Immutable;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>Where a file tool may go.</summary>
internal sealed class FileTarget(GatewayEnvironment environment) : IWriteJudge
{
    private const int LongestPath = 4096;

    private static ImmutableArray<string> SystemFolders => ["/etc/", "/boot/", "/usr/lib/systemd/", "/private/etc/", "/private/var/"];

    private readonly ProtectedFiles _protected = new(environment);

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
    public string? ReadRefusal(string path) => RealPath.Resolve(path) is { } real ? ReadRefusal(path, real) : $"Cannot read '{path}': its links go in circles.";

    /// <summary>Why a file may not be read, by the path that it really has.</summary>
    /// <param name="given">The path that was asked for, for the message.</param>
    /// <param name="real">The path that is opened: absolute, without links.</param>
    public string? ReadRefusal(string given, string real)
    {
        bool device = IsUnder(real, "/dev") && !IsUnder(real, "/dev/shm") && !IsUnder(real, "/dev/mqueue");
        if (device || (real.StartsWith("/proc/", StringComparison.Ordinal) && real.Contains("/fd/", StringComparison.Ordinal)))
            return $"Cannot read '{given}': it is a device that may never end. Use the terminal tool if you need a part of it.";
        return _protected.ReasonOf(real, writes: false) is { } reason ? $"Access denied: '{given}': {reason}." : null;
    }

    /// <summary>Opens a file that may be read. The path of the open file is judged again: links may have changed since.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="TextFileException">It may not be read, or is no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public FileStream OpenRead(string path)
    {
        var stream = TextFile.OpenRead(path);
        if (FileCalls.PathOf(stream.SafeFileHandle) is not { } real || ReadRefusal(path, real) is not { } refusal) return stream;
        stream.Dispose();
        throw new TextFileException(refusal);
    }

    /// <summary>Why a file may not be written; null when it may. Links are followed first, and what is protected is known by where it really
    /// lies too, so that no link leads around this.</summary>
    public string? WriteRefusal(string path)
    {
        if (RealPath.Resolve(path) is not { } real) return $"Cannot write '{path}': its links go in circles.";
        return Protection(path, Place(path)) ?? Refusal(path, real, FileFacts.Of(real));
    }

    /// <summary>Why a file, or a link, may not be taken away from where it is; null when it may.</summary>
    public string? RemovalRefusal(string path) => WriteRefusal(path) ?? Refusal(path, Place(path), null);

    /// <summary>Where a path itself lies: its folder without links, its last part as it is.</summary>
    public static string Place(string path) => Path.Combine(Key(Path.GetDirectoryName(path) ?? "/"), Path.GetFileName(path));

    /// <inheritdoc/>
    public string? Refusal(string given, string real, FileFacts? there)
    {
        if (Protection(given, real) is { } refusal) return refusal;
        if (there is { } facts && _protected.ReasonOf(facts) is { } reason) return Denied(given, $"Another name of it is protected: {reason}");
        if (IsOutsideRoot(real)) return $"Write denied: '{given}' lies outside HERMES_WRITE_SAFE_ROOT.";
        bool system = SystemFolders.Any(folder => real.StartsWith(folder, StringComparison.Ordinal)) || real is "/var/run/docker.sock" or "/run/docker.sock";
        if (system) return $"Refusing to write to sensitive system path: {given}\nUse the terminal tool with sudo if you need to modify system files.";
        bool onDisk = (!IsUnder(real, "/dev") || IsUnder(real, "/dev/shm")) && !IsUnder(real, "/proc") && !IsUnder(real, "/sys");
        return onDisk ? null : $"Refusing to write to '{given}': it is not a file on a disk.";
    }

    /// <inheritdoc/>
    public bool IsPrivate(string real) => IsUnder(real, Key(environment.HermesHome));

    private string? Protection(string given, string real) => _protected.ReasonOf(real, writes: true) is { } reason ? Denied(given, reason) : null;

    private bool IsOutsideRoot(string real) =>
        environment.Get("HERMES_WRITE_SAFE_ROOT") is { Length: > 0 } root && !IsUnder(real, Key(Path.GetFullPath(environment.ExpandHome(root), environment.WorkingDirectory)));

    private static string Denied(string given, string reason) => $"Write denied: '{given}' is a protected system/credential file. {reason}.";

    private static bool IsUnder(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + '/', StringComparison.Ordinal);
}
