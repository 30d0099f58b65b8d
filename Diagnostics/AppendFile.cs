using Gateway.Processes;

namespace Gateway.Diagnostics;

/// <summary>Files that several processes write behind each other.</summary>
internal static class AppendFile
{
    /// <summary>Opens a file so that each write goes behind whatever it then holds (O_APPEND, open(2)); makes it, for its
    /// owner only, when there is none. Never waits: a pipe in its place is refused.</summary>
    /// <param name="path">Path in a folder that exists.</param>
    /// <exception cref="IOException">It cannot be opened, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be opened.</exception>
    public static FileStream Open(string path)
    {
        var file = FileCalls.OpenToAppend(path);
        if (FileFacts.Of(file) is { IsRegular: true }) return new FileStream(file, FileAccess.Write, bufferSize: 0);
        file.Dispose();
        throw new IOException($"{path} is not a regular file");
    }
}
