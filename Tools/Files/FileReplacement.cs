using Gateway.Processes;
using Gateway.Storage;
using Mono.Unix.Native;

namespace Gateway.Tools.Files;

/// <summary>Gives a file a new content. It changes from one whole content to the other, and owner, permissions, access lists and links stay
/// as they were. Where a new file cannot take the old one's place without losing one of these (several names, another's file, a folder
/// that may not be changed, a mounted file), it is written where it is, and gets its old content back when that fails.</summary>
/// <param name="allowed">Says why a path may not be written; asked again when the folder is held.</param>
/// <param name="rename">How one file takes another's place; for tests. Default rename(2).</param>
internal sealed class FileReplacement(Func<string, string?> allowed, Action<string, string>? rename = null)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly Action<string, string> _rename = rename ?? ((from, to) => File.Move(from, to, overwrite: true));

    /// <summary>Writes a file and the folders it lies in.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="content">All that shall be in it.</param>
    /// <param name="like">For a file that is new: another whose permissions it gets; null for the usual ones.</param>
    /// <returns>Whether folders were made.</returns>
    /// <exception cref="TextFileException">It was not written.</exception>
    /// <exception cref="IOException">Likewise.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public bool Write(string path, ReadOnlySpan<byte> content, string? like = null)
    {
        string real = RealPath.Resolve(path) ?? throw new TextFileException($"Cannot write '{path}': its links go in circles.");
        string parent = Path.GetDirectoryName(real) ?? "/";
        bool made = !Directory.Exists(parent);
        if (made) Directory.CreateDirectory(parent);
        using var folder = new PinnedFolder(parent);
        if (!folder.IsThere || RealPath.Resolve(path) != real) throw new TextFileException(Moved(path));
        if (allowed(path) is { } refusal) throw new TextFileException(refusal);
        string place = folder.At(Path.GetFileName(real));
        var there = FileFacts.Of(place, followLink: false);
        if (there is { IsRegular: false }) throw new TextFileException(TextFile.NotRegular(path));
        if (there is not null && !FileCalls.IsWritable(place)) throw new TextFileException($"Cannot write '{path}': permission denied");
        if (there is { Links: > 1 } || !Replaced(folder, place, there, content, like)) WriteThere(path, place, there!.Value, content);
        return made;
    }

    private bool Replaced(PinnedFolder folder, string place, FileFacts? there, ReadOnlySpan<byte> content, string? like)
    {
        string? temporary = folder.At($".{Guid.NewGuid():N}.tmp");
        bool exists = false;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            var model = there ?? (like is null ? null : FileFacts.Of(like));
            if (model is not null) options.UnixCreateMode = OwnerOnly;
            using (var stream = new FileStream(temporary, options))
            {
                exists = true;
                stream.Write(content);
                if (model is { } facts && !TakesOver(stream, facts, there is null ? like! : place) && there is not null) return false;
                stream.Flush(flushToDisk: true);
            }

            _rename(temporary, place);
            exists = false;
            return true;
        }
        catch (Exception exception) when (there is not null && exception is IOException or UnauthorizedAccessException && OnlyThePlaceRefuses(exception))
        {
            return false;
        }
        finally
        {
            if (exists) Discard(temporary);
        }
    }

    // The owner first: a change of owner takes special permissions away.
    private static bool TakesOver(FileStream stream, FileFacts facts, string from)
    {
        var file = stream.SafeFileHandle;
        bool given = FileFacts.Of(file) is not { } own || (own.Owner == facts.Owner && own.Group == facts.Group) || FileCalls.Give(file, facts.Owner, facts.Group);
        File.SetUnixFileMode(file, facts.Permissions);
        return FileCalls.CopyAttributes(from, file) && given;
    }

    private static void WriteThere(string path, string place, FileFacts expected, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(FileCalls.Open(place, write: true), FileAccess.ReadWrite, bufferSize: 0);
        if (FileFacts.Of(stream.SafeFileHandle) is not { } facts || !facts.IsSameFile(expected)) throw new TextFileException(Moved(path));
        byte[]? before = null;
        if (stream.Length <= TextFile.MaxBytes)
        {
            before = new byte[stream.Length];
            stream.ReadExactly(before);
        }

        try
        {
            Put(stream, content);
        }
        catch (IOException) when (before is not null)
        {
            Put(stream, before);
            throw;
        }
    }

    private static void Put(FileStream stream, ReadOnlySpan<byte> content)
    {
        stream.Position = 0;
        stream.Write(content);
        stream.SetLength(content.Length);
        stream.Flush(flushToDisk: true);
    }

    private static bool OnlyThePlaceRefuses(Exception exception) =>
        exception is UnauthorizedAccessException || (Errno)exception.HResult is Errno.EBUSY or Errno.EXDEV or Errno.EROFS or Errno.EACCES or Errno.EPERM;

    private static string Moved(string path) => $"'{path}' changed its place while it was being written; nothing was written.";

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is hidden and harmless.
        }
    }
}
