using Gateway.Processes;
using Gateway.Storage;
using Mono.Unix.Native;

namespace Gateway.Tools.Files;

/// <summary>Gives a file a new content. It changes from one whole content to the other, and owner, permissions, access lists and links stay
/// as they were. Where a new file cannot take the old one's place without losing one of these (several names, another's file, a folder
/// that may not be changed, a mounted file), it is written where it is, and gets its old content back when that fails.</summary>
/// <param name="judge">Says what may be written; asked about the path that is opened then, before anything is made.</param>
/// <param name="rename">Called before a new file takes the old one's place, and may fail; for tests. Default nothing.</param>
internal sealed class FileReplacement(IWriteJudge judge, Action? rename = null)
{
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
        if (judge.Refusal(path, real, null) is { } refusal) throw new TextFileException(refusal);
        using var folder = PinnedFolder.Make(Path.GetDirectoryName(real) ?? "/", judge.IsPrivate, out bool made);
        string name = Path.GetFileName(real);
        var there = folder.Facts(name);
        if (there is { IsLink: true }) throw new TextFileException(PinnedFolder.Moved(path));
        if (there is { IsRegular: false }) throw new TextFileException(TextFile.NotRegular(path));
        if (there is not null && judge.Refusal(path, real, there) is { } other) throw new TextFileException(other);
        if (there is not null && !folder.IsWritable(name)) throw new TextFileException($"Cannot write '{path}': permission denied");
        if (there is { Links: > 1 } || !Replaced(folder, real, there, content, like)) WriteThere(path, folder.OpenFile(name), there!.Value, content);
        return made;
    }

    private bool Replaced(PinnedFolder folder, string real, FileFacts? there, ReadOnlySpan<byte> content, string? like)
    {
        string name = Path.GetFileName(real), temporary = $".{Guid.NewGuid():N}.tmp";
        bool exists = false;
        try
        {
            var model = there ?? (like is null ? null : FileFacts.Of(like));
            using (var stream = folder.Create(temporary, model is not null || judge.IsPrivate(real)))
            {
                exists = true;
                stream.Write(content);
                if (model is { } facts && !TakesOver(stream, facts, there is null ? like! : folder.At(name)) && there is not null) return false;
                stream.Flush(flushToDisk: true);
            }

            rename?.Invoke();
            folder.Rename(temporary, folder, name, replaces: true);
            exists = false;
            return true;
        }
        catch (Exception exception) when (there is not null && exception is IOException or UnauthorizedAccessException && OnlyThePlaceRefuses(exception))
        {
            return false;
        }
        finally
        {
            if (exists) Discard(folder, temporary);
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

    private static void WriteThere(string path, FileStream file, FileFacts expected, ReadOnlySpan<byte> content)
    {
        using var stream = file;
        if (FileFacts.Of(stream.SafeFileHandle) is not { } facts || !facts.IsSameFile(expected)) throw new TextFileException(PinnedFolder.Moved(path));
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

    private static void Discard(PinnedFolder folder, string temporary)
    {
        try
        {
            folder.Remove(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is hidden and harmless.
        }
    }
}
