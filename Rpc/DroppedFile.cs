using Gateway.Config;

namespace Gateway.Rpc;

/// <summary>Recognises a composer text that is nothing but the path of a file, as a terminal inserts it when one is dropped
/// on it (WIRE 15.3). Text that merely begins with a path stays text (Q30).</summary>
internal static class DroppedFile
{
    /// <summary>Finds the file.</summary>
    /// <param name="text">The whole composer text.</param>
    /// <param name="workingDirectory">Where relative paths start.</param>
    /// <param name="home">What <c>~</c> stands for.</param>
    /// <returns>Its absolute path; null when the text is not such a path or no file is there.</returns>
    public static string? Find(string text, string workingDirectory, string home)
    {
        text = text.Trim();
        if (text.Length > 4096 || text.Contains('\n') || text.Contains('\0')) return null;
        if (text is ['\'', _, .., '\''] or ['"', _, .., '"']) text = text[1..^1];
        else text = text.Replace("\\ ", " ");
        if (text.StartsWith("file://", StringComparison.Ordinal)) text = Uri.UnescapeDataString(text["file://".Length..]);
        text = HomePath.Expand(text, home);
        bool isPath = text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal);
        if (!isPath) return null;
        string path = Path.GetFullPath(text, workingDirectory);
        return File.Exists(path) ? path : null;
    }
}
