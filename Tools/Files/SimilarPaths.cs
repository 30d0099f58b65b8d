namespace Gateway.Tools.Files;

/// <summary>Files that a wrong path may have meant.</summary>
internal static class SimilarPaths
{
    private const int MostEntries = 2000;

    /// <summary>Neighbours with a similar name, the nearest first.</summary>
    public static IEnumerable<string> Find(string path, int most)
    {
        string name = Path.GetFileName(path), folder = Path.GetDirectoryName(path) ?? "/";
        if (name.Length == 0 || !Directory.Exists(folder)) return [];
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Take(MostEntries)
                .Select(entry => (Entry: entry, Score: Likeness.Of(Path.GetFileName(entry).ToLowerInvariant(), name.ToLowerInvariant())))
                .Where(scored => scored.Score >= 0.5)
                .OrderByDescending(scored => scored.Score).ThenBy(scored => scored.Entry, StringComparer.Ordinal)
                .Take(most)
                .Select(scored => scored.Entry)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
