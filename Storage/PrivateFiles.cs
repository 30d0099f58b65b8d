using System.Globalization;
using Gateway.Config;
using Gateway.Diagnostics;
using Mono.Unix.Native;

namespace Gateway.Storage;

/// <summary>A file could not be read or written.</summary>
internal sealed class StoredFileException : Exception
{
    /// <summary>Says what is wrong, in words for the user.</summary>
    public StoredFileException(string message)
        : base(message)
    {
    }

    /// <summary>Puts a failure of the file system into words for the user.</summary>
    public StoredFileException(Exception cause)
        : base(PrivateFiles.Reason(cause), cause)
    {
    }
}

/// <summary>Files that only their owner can read, and that have the old content or the new one, never a part.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxNames = 1000;

    /// <summary>Makes a file under a name that no other has. It appears when it is complete and on disk; a file that is there
    /// is never replaced, by whichever process it was made.</summary>
    /// <param name="directory">Folder that exists.</param>
    /// <param name="stem">First part of the name; when it is taken, <c>_2</c>, <c>_3</c> and so on follow it.</param>
    /// <param name="extension">Last part of the name, with its dot.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="StoredFileException">It cannot be written; then nothing of it is left.</exception>
    public static string CreateUnique(string directory, string stem, string extension, Action<Stream> write)
    {
        try
        {
            for (int number = 1; number <= MaxNames; number++)
            {
                string name = number == 1 ? stem + extension : string.Create(CultureInfo.InvariantCulture, $"{stem}_{number}{extension}");
                string path = Path.Combine(directory, name);

                // Whoever makes this first has the name until it is gone, so that of two processes only one can move a file there.
                string temporary = Path.Combine(directory, $".{name}.tmp");
                if (TryCreate(temporary) is not { } stream) continue;
                if (Place(stream, temporary, path, write)) return path;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoredFileException(exception);
        }

        throw new StoredFileException($"{directory} has {MaxNames} files of that name");
    }

    /// <summary>Gives a file a new content, or makes it, and its folder where that is missing. A link stays a link.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="StoredFileException">It cannot be written; the old content is still there.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string? made = null;
        try
        {
            string real = RealPath.Resolve(path) ?? throw new StoredFileException("its links go in circles");
            PrivateFolder.Make(Path.GetDirectoryName(real)!);
            string temporary = Path.Combine(Path.GetDirectoryName(real)!, $".{Path.GetFileName(real)}.{Guid.NewGuid().ToString("N")[..8]}.tmp");
            using (var stream = TryCreate(temporary) ?? throw new StoredFileException($"{temporary} is in the way"))
            {
                made = temporary;
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, real, overwrite: true);
            made = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoredFileException(exception);
        }
        finally
        {
            if (made is not null) File.Delete(made);
        }
    }

    /// <summary>What went wrong with a file, in words for the user: the framework's own text is for programmers.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        HomeFileException => exception.Message,
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such directory",
        PathTooLongException => "its name is too long",
        _ => (Errno)exception.HResult switch
        {
            Errno.ENOSPC => "the disk is full; free some space",
            Errno.EDQUOT => "the disk quota is used up; free some space",
            Errno.EROFS => "the file system is read-only",
            Errno.ENOTDIR or Errno.EEXIST => "a file stands where a directory should be",
            Errno.EIO => "the disk reports an error",
            Errno.EMFILE or Errno.ENFILE => "too many files are open",
            _ => "the file system refused it",
        },
    };

    private static FileStream? TryCreate(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        }
        catch (IOException exception) when ((Errno)exception.HResult == Errno.EEXIST)
        {
            return null;
        }
    }

    private static bool Place(FileStream stream, string temporary, string path, Action<Stream> write)
    {
        bool placed = false;
        try
        {
            using (stream)
            {
                if (Path.Exists(path)) return false;
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
            placed = true;
            return true;
        }
        finally
        {
            if (!placed) File.Delete(temporary);
        }
    }
}
