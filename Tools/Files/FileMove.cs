using Mono.Unix.Native;

namespace Gateway.Tools.Files;

/// <summary>Moves a file from one held folder to another.</summary>
internal static class FileMove
{
    /// <summary>Moves it; between two file systems its content and permissions are copied first.</summary>
    /// <param name="from">Where it is, and its name.</param>
    /// <param name="to">Where it goes, and its name there.</param>
    /// <param name="replaces">Whether what has that name goes.</param>
    /// <exception cref="IOException">It was not moved; it is still where it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void Run((PinnedFolder Folder, string Name) from, (PinnedFolder Folder, string Name) to, bool replaces)
    {
        try
        {
            from.Folder.Rename(from.Name, to.Folder, to.Name, replaces);
        }
        catch (IOException exception) when ((Errno)exception.HResult == Errno.EXDEV)
        {
            Copy(from, to, replaces);
            from.Folder.Remove(from.Name);
        }
    }

    private static void Copy((PinnedFolder Folder, string Name) from, (PinnedFolder Folder, string Name) to, bool replaces)
    {
        string temporary = $".{Guid.NewGuid():N}.tmp";
        bool exists = false;
        try
        {
            using (var source = from.Folder.OpenRead(from.Name))
            using (var target = to.Folder.Create(temporary, isPrivate: true))
            {
                exists = true;
                source.CopyTo(target);
                File.SetUnixFileMode(target.SafeFileHandle, File.GetUnixFileMode(source.SafeFileHandle));
                target.Flush(flushToDisk: true);
            }

            to.Folder.Rename(temporary, to.Folder, to.Name, replaces);
            exists = false;
        }
        finally
        {
            if (exists) to.Folder.Remove(temporary);
        }
    }
}
