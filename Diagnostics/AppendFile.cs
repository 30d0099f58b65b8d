using Mono.Unix.Native;

namespace Gateway.Diagnostics;

/// <summary>Files that several processes write behind each other.</summary>
internal static class AppendFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens a file so that each write goes behind whatever it then holds (O_APPEND, open(2)); makes it, for its
    /// owner only, when there is none.</summary>
    /// <param name="path">Path in a folder that exists.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be opened.</exception>
    public static FileStream Open(string path)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = OwnerOnly,
        });

        // FileMode.Append only seeks to the end, and another gateway may write in between.
        _ = Syscall.fcntl((int)file.SafeFileHandle.DangerousGetHandle(), FcntlCommand.F_SETFL, (long)OpenFlags.O_APPEND);
        return file;
    }
}
