using System.IO.Enumeration;

namespace Gateway.Config;

/// <summary>Walks the folders that skills lie in. Links are followed; what cannot be listed has nothing to offer.</summary>
internal static class SkillFolders
{
    private const int MaximumDepth = 12;
    private const int MaximumDirectories = 20_000;

    /// <summary>Paths of the directories with a SKILL.md, below the root, sorted.</summary>
    public static List<string> WithSkills(string root)
    {
        var found = new List<string>();
        foreach (var (relative, real) in All(root))
            if (relative.Length > 0 && File.Exists(Path.Combine(real, "SKILL.md"))) found.Add(relative);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>The first file of a name in the root or anywhere below it; null when there is none.</summary>
    /// <param name="root">The root.</param>
    /// <param name="name">Name of the file, without folders.</param>
    public static string? FileNamed(string root, string name) =>
        All(root).OrderBy(one => one.Relative, StringComparer.Ordinal).Select(one => Path.Combine(one.Real, name)).FirstOrDefault(File.Exists);

    // Remembering real paths keeps a link to a parent from being walked for ever.
    private static IEnumerable<(string Relative, string Real)> All(string root)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<(string Relative, string Real, int Depth)>();
        pending.Push(("", Path.GetFullPath(root), 0));
        while (pending.TryPop(out var next) && seen.Count < MaximumDirectories)
        {
            if (!seen.Add(next.Real)) continue;
            yield return (next.Relative, next.Real);
            if (next.Depth < MaximumDepth) Push(pending, next.Relative, next.Real, next.Depth + 1);
        }
    }

    private static void Push(Stack<(string, string, int)> pending, string relative, string real, int depth)
    {
        try
        {
            var entries = new FileSystemEnumerable<DirectoryInfo>(
                real,
                (ref FileSystemEntry entry) => (DirectoryInfo)entry.ToFileSystemInfo(),
                new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory && entry.FileName is not (".git" or ".github" or ".hub"),
            };
            foreach (var directory in entries)
            {
                var target = directory.LinkTarget is null ? directory.FullName : directory.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
                if (target is not null)
                {
                    pending.Push((relative.Length == 0 ? directory.Name : $"{relative}/{directory.Name}", target, depth));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A directory that cannot be listed has no skills to offer.
        }
    }
}
