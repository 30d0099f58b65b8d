using System.Text;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>A file cannot be used as text; the message is for the model and the user.</summary>
internal sealed class TextFileException(string message) : Exception(message);

/// <summary>The text of a file, and what has to stay as it was when it is written again.</summary>
/// <param name="Text">Its text, line ends as LF.</param>
/// <param name="HasMark">Whether it begins with a byte order mark.</param>
/// <param name="UsesCrLf">Whether its lines end with CR LF.</param>
/// <param name="ChangedAt">When it was last written.</param>
internal sealed record TextFile(string Text, bool HasMark, bool UsesCrLf, DateTime ChangedAt)
{
    /// <summary>Largest file that is edited.</summary>
    public const long MaxBytes = 50 * 1024 * 1024;

    private const char Mark = '\uFEFF';

    /// <summary>What is said of a pipe, a socket, a device and the like.</summary>
    public static string NotRegular(string path) => $"'{path}' is not a regular file.";

    /// <summary>Opens a file for reading without waiting for the other end of a pipe. Whatever could never end is refused by the kind that
    /// the open file has, wherever its name lies, and is not even opened as long as its name says so.</summary>
    /// <exception cref="TextFileException">It is no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream OpenRead(string path)
    {
        if (FileFacts.Of(path) is { IsRegular: false }) throw new TextFileException(NotRegular(path));
        var stream = new FileStream(FileCalls.Open(path), FileAccess.Read, bufferSize: 1);
        if (FileFacts.Of(stream.SafeFileHandle) is { IsRegular: true } && stream.CanSeek) return stream;
        stream.Dispose();
        throw new TextFileException(NotRegular(path));
    }

    /// <summary>All bytes of a file of bounded size.</summary>
    /// <exception cref="TextFileException">It is larger, or cannot be read.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            using var stream = OpenRead(path);
            if (stream.Length > MaxBytes) throw new TextFileException($"'{path}' has {stream.Length:N0} bytes, too many to be looked at.");
            var bytes = new byte[stream.Length];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count == bytes.Length ? bytes : bytes[..count];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot read '{path}': {PrivateFiles.Reason(exception)}");
        }
    }

    /// <summary>Reads a file that is going to be changed.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="TextFileException">It is no text in UTF-8, too large, or cannot be read.</exception>
    public static TextFile? Read(string path)
    {
        if (Directory.Exists(path)) throw new TextFileException($"'{path}' is a directory.");
        if (!File.Exists(path)) return null;
        try
        {
            using var stream = OpenRead(path);
            if (stream.Length > MaxBytes) throw new TextFileException($"'{path}' has {stream.Length:N0} bytes, too many to edit as text. Use the terminal tool.");
            var bytes = new byte[stream.Length];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var span = bytes.AsSpan(0, count);
            bool mark = span.StartsWith(Encoding.UTF8.Preamble);
            if (mark) span = span[3..];
            if (span.Contains((byte)0)) throw new TextFileException($"'{path}' is a binary file.");
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(span);
            bool crlf = text.Contains("\r\n", StringComparison.Ordinal) && !LoneLineFeed(text);
            return new TextFile(crlf ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text, mark, crlf, File.GetLastWriteTimeUtc(path));
        }
        catch (DecoderFallbackException)
        {
            throw new TextFileException($"'{path}' is not UTF-8 text; editing it here would damage it. Use the terminal tool.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot read '{path}': {PrivateFiles.Reason(exception)}");
        }
    }

    /// <summary>Replaces a file, or makes it and its folders. It changes from one whole content to the other; links stay links, and
    /// permissions, owner, byte order mark and line ends stay as they were.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="text">The new text, line ends as LF.</param>
    /// <param name="before">What is there now, or what the text was made from; null for nothing.</param>
    /// <param name="judge">Says what may be written; asked about the path that is opened then.</param>
    /// <param name="like">For a file that is new: another whose permissions it gets; null for the usual ones.</param>
    /// <returns>Bytes written, and whether folders were made.</returns>
    /// <exception cref="TextFileException">It was not written; nothing has changed.</exception>
    public static (int Bytes, bool MadeFolders) Write(string path, string text, TextFile? before, IWriteJudge judge, string? like = null)
    {
        bool mark = before is { HasMark: true } || text.StartsWith(Mark);
        if (before is { UsesCrLf: true }) text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(mark && !text.StartsWith(Mark) ? Mark + text : text);
        try
        {
            return (bytes.Length, new FileReplacement(judge).Write(path, bytes, like));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot write '{path}': {PrivateFiles.Reason(exception)}");
        }
    }

    private static bool LoneLineFeed(string text)
    {
        for (int at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1))
            if (at == 0 || text[at - 1] != '\r') return true;
        return false;
    }
}
