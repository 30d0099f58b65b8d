using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Gateway.Tools.Approvals;

/// <summary>The paths that a command must not remove, and the many ways to write them.</summary>
internal static class SystemPaths
{
    private static ImmutableArray<string> Guarded => ["/home", "/root", "/etc", "/usr", "/var", "/bin", "/sbin", "/boot", "/lib"];

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

    /// <summary>What an operand comes to for the patterns: a pattern that takes in a guarded folder becomes that folder.</summary>
    /// <param name="operand">As written.</param>
    /// <param name="directory">Where the script stands; null when that is not known.</param>
    public static string Plain(string operand, string? directory)
    {
        string path = operand.StartsWith("$HOME/", StringComparison.OrdinalIgnoreCase) && operand.Contains("/.") ? Shorten("~" + operand[5..]) : Shorten(operand);
        if (path.Length == 0 || path[0] is not ('/' or '~' or '$'))
        {
            if (directory is null || path.StartsWith('-')) return path;
            string joined = Shorten(directory + "/" + path);
            return IsGuarded(joined) ? joined : path;
        }

        return path[0] == '/' && path.AsSpan().IndexOfAny('*', '?', '[') >= 0 ? Guarding(path) ?? path : path;
    }

    /// <summary>The command that a name with wildcards stands for; the name itself when it stands for none that matters.</summary>
    public static string Command(string name) => name.AsSpan().IndexOfAny('*', '?', '[') < 0
        ? name
        : HiddenNames.FirstOrDefault(known => FileSystemName.MatchesSimpleExpression(Wild(name), known)) ?? name;

    private static bool IsGuarded(string path) =>
        path is "/" or "/*" or "~" or "~/*" || Guarded.Any(folder => path == folder || path == folder + "/*") || (path[0] == '/' && Guarding(path) is not null);

    private static string? Guarding(string path)
    {
        string[] parts = path[1..].Split('/');
        if (parts.Length > 2 || (parts.Length == 2 && parts[1].Trim('*').Length > 0)) return null;
        if (parts[0].Trim('*', '.').Length == 0 && parts[0].Length > 0) return "/*";
        string? folder = parts[0].AsSpan().IndexOfAny('*', '?', '[') < 0 ? null : Guarded.FirstOrDefault(one => FileSystemName.MatchesSimpleExpression(Wild(parts[0]), one.AsSpan(1)));
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
