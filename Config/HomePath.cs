namespace Gateway.Config;

/// <summary>Paths that begin with <c>~</c>, as every shell reads them.</summary>
internal static class HomePath
{
    /// <summary>Whether a path begins with the user's home.</summary>
    public static bool IsInHome(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal);

    /// <summary>Replaces a leading <c>~</c> by the home; other text is returned as it is. However many slashes follow, the rest is a path in
    /// the home.</summary>
    /// <param name="path">Any path.</param>
    /// <param name="home">The user's home, absolute.</param>
    public static string Expand(string path, string home) =>
        path == "~" ? home
        : IsInHome(path) ? Path.Join(home, path.AsSpan(1).TrimStart('/'))
        : path;
}
