using Gateway.Diagnostics;

namespace Gateway.Config;

/// <summary>Replaces files of the user's configuration in one step.</summary>
internal static class FileReplacement
{
    /// <summary>What only the owner can read and write.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file behind links; the path itself, absolute, when it is none.</summary>
    /// <exception cref="IOException">The links go in circles.</exception>
    public static string FinalTarget(string path) =>
        new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Puts a new content in the place of the old one, on disk before it appears; the folder is made when it is missing.</summary>
    /// <param name="target">The file, no link.</param>
    /// <param name="bytes">The content.</param>
    /// <param name="mode">Its permissions; null for those it has, or the owner's alone when it is new.</param>
    /// <exception cref="IOException">It was not replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">It was not replaced.</exception>
    public static void Write(string target, byte[] bytes, UnixFileMode? mode = null)
    {
        string directory = Path.GetDirectoryName(target)!;
        PrivateFolder.Make(directory);
        var wanted = mode ?? (File.Exists(target) ? File.GetUnixFileMode(target) : OwnerOnly);
        string temporary = Path.Combine(directory, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        bool placed = false;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(temporary, wanted);
            File.Move(temporary, target, overwrite: true);
            placed = true;
        }
        finally
        {
            if (!placed) File.Delete(temporary);
        }
    }
}
