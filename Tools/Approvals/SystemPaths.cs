using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Gateway.Tools.Approvals;

/// <summary>The paths that a command must not remove, and the many ways to write them.</summary>
internal static class SystemPaths
{
    private static ImmutableArray<string> GuardedFolders => ["/home", "/root", "/etc", "/usr", "/var", "/bin", "/sbin", "/boot", "/lib"];

    private static ImmutableArray<string> HiddenNames => ["rm", "dd", "mkfs", "shutdown", "reboot", "poweroff", "halt", "init", "telinit", "systemctl", "kill", "chmod", "chown"];

    /// <summary>A path that begins with / or ~ without doubled slashes, dots and a final slash.</summary>
    public static string Shorten(string path)
    {
        if (path == "~root" || path.StartsWith("~root/", StringComparison.Ordinal)) path = "/root" + path[5..];
        if (path.Length < 2 || path[0] is not ('/' or '~')) return path;
        var parts = new List<string>();
        bool home = path[0] == '~' && (path.Length == 1 || path[1] == '/');
        if (path[0] == '~' && !home) return path;
        foreach (string part in path[1..].Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (home) (home, parts) = (false, ["home"]);
        }

        // The root of a process is the root.
        if (!home && parts is ["proc", _, "root", .. var below]) parts = [.. below];
        string joined = string.Join('/', parts);
        return home ? joined.Length == 0 ? "~" : "~/" + joined : "/" + joined;
    }

    /// <summary>A path that takes in a guarded folder by wildcards, as that folder; null when it takes in none.</summary>
    public static string? Guarded(string path) =>
        path is "/" or "/*" or "~" or "~/*" || GuardedFolders.Any(folder => path == folder || path == folder + "/*") ? path : path[0] == '/' ? Guarding(path) : null;

    /// <summary>Whether a folder is one of the system or of keys, or below one, so that a file named from there is judged from the root.</summary>
    public static bool IsSystemFolder(string path) =>
        SystemFolders.Any(folder => path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/')) || path == "/";

    private static ImmutableArray<string> SystemFolders => ["/etc", "/dev", "/proc", "/sys", "/boot", "/usr", "/bin", "/sbin", "/lib", "~/.ssh", "~/.hermes"];

    /// <summary>Whether a path is a device that holds data: none of those that everybody writes to.</summary>
    public static bool IsDevice(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) && path[5..] is { Length: > 0 } name
        && name is not ("null" or "zero" or "full" or "tty" or "stdin" or "stdout" or "stderr" or "random" or "urandom" or "ptmx" or "console" or "kmsg" or "log" or "fuse")
        && !HarmlessDevices.Any(start => name.StartsWith(start, StringComparison.Ordinal));

    // /dev/tcp and /dev/udp are no devices: a rule of their own looks at them.
    private static ImmutableArray<string> HarmlessDevices => ["tty", "pts/", "fd/", "shm/", "tcp/", "udp/", "rfcomm", "serial/", "snd/", "dsp", "null/"];

    /// <summary>Whether a name is one of the programs that rules look for first.</summary>
    public static bool IsKnownCommand(string name) => HiddenNames.Contains(name);

    /// <summary>The command that a name with wildcards stands for; the name itself when it stands for none that matters.</summary>
    public static string Command(string name) => name.AsSpan().IndexOfAny('*', '?', '[') < 0
        ? name
        : HiddenNames.FirstOrDefault(known => FileSystemName.MatchesSimpleExpression(Wild(name), known)) ?? name;

    private static string? Guarding(string path)
    {
        string[] parts = path[1..].Split('/');
        if (parts.Length > 2 || (parts.Length == 2 && parts[1].Trim('*').Length > 0)) return null;
        if (Wild(parts[0]).Trim('*', '?', '.').Length == 0 && parts[0].Length > 0) return "/*";
        string? folder = parts[0].AsSpan().IndexOfAny('*', '?', '[') < 0 ? null : GuardedFolders.FirstOrDefault(one => FileSystemName.MatchesSimpleExpression(Wild(parts[0]), one.AsSpan(1)));
        return folder is null ? null : parts.Length == 2 ? folder + "/*" : folder;
    }

    // A set of characters counts as any character.
    private static string Wild(string pattern)
    {
        for (int open = pattern.IndexOf('['); open >= 0; open = pattern.IndexOf('['))
        {
            int close = pattern.IndexOf(']', open);
            if (close < 0) break;
            pattern = string.Concat(pattern.AsSpan(0, open), "?", pattern.AsSpan(close + 1));
        }

        return pattern;
    }
}
