namespace Gateway.Storage;

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;
    private const int LongestPath = 4096;

    /// <summary>Follows every link of a path, in its order, as the kernel does; what does not exist is taken as it is written
    /// (realpath(3), but for the missing rest).</summary>
    /// <param name="path">Absolute path without NUL.</param>
    /// <returns>Absolute path without <c>.</c>, <c>..</c> and links; <see langword="null"/> when the links go in circles, or the path is
    /// longer than the 4096 characters that the kernel takes.</returns>
    public static string? Resolve(string path)
    {
        if (path.Length > LongestPath) return null;
        var rest = new Stack<string>(path.Split('/').Reverse());
        string current = "/";
        int links = 0;
        while (rest.TryPop(out string? name))
        {
            if (name is "" or ".") continue;
            if (name == "..")
            {
                current = Path.GetDirectoryName(current) ?? "/";
                continue;
            }

            string next = Path.Join(current, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > MaxLinks) return null;
            if (target.StartsWith('/')) current = "/";
            foreach (string part in target.Split('/').Reverse()) rest.Push(part);
        }

        return current;
    }
}
