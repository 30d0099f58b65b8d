namespace Gateway.Diagnostics;

/// <summary>Folders that only their owner can enter, whatever the umask.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a folder and those above it that are missing, each for its owner alone; what is there stays as it is.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string path)
    {
        if (Directory.Exists(path)) return;

        // The framework gives the mode to the last folder alone.
        if (Path.GetDirectoryName(path) is { Length: > 0 } above) Make(above);
        Directory.CreateDirectory(path, OwnerOnly);
    }
}
