using System.Collections.Immutable;
using System.Text.Json;
using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Decides whether the calls of one reply may run beside each other (AGENT.md section 9): only what reads, and file tools
/// whose paths have nothing to do with one another.</summary>
internal static class ParallelCalls
{
    /// <summary>How many calls run at once at most.</summary>
    public const int Limit = 8;

    private const int LongestPath = 4096;

    private static ImmutableArray<string> Reading =>
    [
        "search_files", "session_search", "skill_view", "skills_list", "vision_analyze", "web_extract", "web_search",
    ];

    private static ImmutableArray<string> OfOnePath => ["read_file", "write_file", "patch"];

    /// <summary>Whether they may.</summary>
    /// <param name="calls">The calls of one reply.</param>
    /// <param name="directory">Absolute directory that relative paths start from.</param>
    public static bool Allowed(IReadOnlyList<PreparedCall> calls, string directory)
    {
        if (calls.Count < 2) return false;
        var paths = new List<string>();
        foreach (var (tool, call) in calls)
        {
            if (Reading.Contains(tool.Name)) continue;
            if (!OfOnePath.Contains(tool.Name)) return false;
            if (OfArguments(call, directory) is not { } path) return false;
            if (paths.Exists(other => other.StartsWith(path, StringComparison.Ordinal) || path.StartsWith(other, StringComparison.Ordinal))) return false;
            paths.Add(path);
        }

        return true;
    }

    // The path without links, and with a slash behind it. What leaves open which files it means, or whose meaning only the tool knows, has none.
    private static string? OfArguments(ToolCall call, string directory)
    {
        if (call.Arguments.TryGetProperty("patch", out var patch) && patch.ValueKind != JsonValueKind.Null) return null;
        if (!call.Arguments.TryGetProperty("path", out var value) || ArgumentText.OrNull(value) is not { Length: > 0 and <= LongestPath } path) return null;
        if (path.Contains('\0') || path.StartsWith('~') || path.Trim() != path) return null;
        return RealPath.Resolve(Path.GetFullPath(path, directory)) is { } real ? Path.TrimEndingDirectorySeparator(real).TrimEnd('/') + '/' : null;
    }
}
