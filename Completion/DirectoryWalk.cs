using System.IO.Enumeration;

namespace Gateway.Completion;

/// <summary>Lists files without ever following a link or failing on what may not be read.</summary>
internal static class DirectoryWalk
{
    /// <summary>Files below a directory, relative with <c>/</c>; dot-directories and the usual build and dependency directories are skipped.</summary>
    /// <param name="root">Absolute directory.</param>
    /// <param name="limit">Most files to return, and most directories to look into.</param>
    /// <param name="cancellationToken">Ends the walk early with an exception.</param>
    public static IReadOnlyList<string> Files(string root, int limit, CancellationToken cancellationToken)
    {
        var files = new List<string>();
        var pending = new Queue<string>();
        pending.Enqueue("");
        for (var visited = 0; files.Count < limit && visited < limit && pending.TryDequeue(out var directory); visited++)
        {
            foreach (var (name, isDirectory, isLink) in Entries(Path.Combine(root, directory)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var relative = directory.Length == 0 ? name : $"{directory}/{name}";
                if (isDirectory)
                {
                    if (!isLink && !IsSkipped(name))
                    {
                        pending.Enqueue(relative);
                    }
                }
                else if (files.Count < limit)
                {
                    files.Add(relative);
                }
            }
        }

        return files;
    }

    /// <summary>The entries of one directory, unsorted; empty when it cannot be read. A link to a directory counts as a directory.</summary>
    public static IReadOnlyList<(string Name, bool IsDirectory, bool IsLink)> Entries(string directory)
    {
        try
        {
            return
            [
                .. new FileSystemEnumerable<(string, bool, bool)>(
                    directory,
                    (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
                    new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 }),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsSkipped(string name) => name.StartsWith('.')
        || name is "venv" or "node_modules" or "__pycache__" or "dist" or "build" or "target";
}
