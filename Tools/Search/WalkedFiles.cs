namespace Gateway.Tools.Search;

/// <summary>The files of a folder and all below it that a search is about, in the order of their names. Links are not followed.</summary>
/// <param name="glob">Which files are wanted; null for all. Those that it names are wanted even if they are hidden or ignored, as ripgrep has it.</param>
/// <param name="users">The user's own file of patterns for all repositories; null for none.</param>
/// <param name="isOver">Whether the search is to end.</param>
internal sealed class WalkedFiles(GlobPattern? glob, string? users, Func<bool> isOver)
{
    /// <summary>The files.</summary>
    /// <param name="path">Absolute path of a folder, or of one file.</param>
    public IEnumerable<FileInfo> In(string path) => File.Exists(path)
        ? glob?.Matches(Path.GetFileName(path), Path.GetFileName(path)) == false ? [] : [new FileInfo(path)]
        : Below(new DirectoryInfo(path), "", IgnoreRules.Of(path, users));

    private IEnumerable<FileInfo> Below(DirectoryInfo folder, string path, IgnoreRules rules)
    {
        foreach (var entry in Entries(folder))
        {
            if (isOver()) yield break;
            if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint)) continue;
            string below = path + entry.Name;
            bool? ignored = rules.LeavesOut(entry.Name, entry is DirectoryInfo);
            bool isOut = ignored ?? entry.Name.StartsWith('.');
            if (entry is FileInfo file)
            {
                if (glob is null ? !isOut : glob.Matches(file.Name, below) && (!glob.IsNegated || !isOut)) yield return file;
            }
            else if (!isOut && entry.Name != ".git" && (rules.InRepository || !IsMadeByTools(entry.Name)))
            {
                foreach (var found in Below((DirectoryInfo)entry, below + "/", rules.Enter(entry.Name, users))) yield return found;
            }
        }
    }

    // In a repository its own patterns say so.
    private static bool IsMadeByTools(string name) => name is "node_modules" or "__pycache__";

    private static FileSystemInfo[] Entries(DirectoryInfo folder)
    {
        try
        {
            var entries = folder.GetFileSystemInfos();
            Array.Sort(entries, (one, other) => string.CompareOrdinal(one.Name, other.Name));
            return entries;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
