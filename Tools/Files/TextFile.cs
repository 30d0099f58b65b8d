using System.Runtime.InteropServices;
using System.Text;
using Gateway.Processes;
using Gateway.Storage;
using Microsoft.Win32.SafeHandles;

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

    private const int NonBlocking = 0x800;

    /// <summary>Opens a file for reading without waiting for the other end of a pipe.</summary>
    /// <exception cref="TextFileException">It is no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static unsafe FileStream OpenRead(string path)
    {
        int descriptor;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0')) descriptor = ProcessCalls.Open(name, NonBlocking | ProcessCalls.CloseOnExec);
        if (descriptor < 0) throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferSize: 1);
        if (stream.CanSeek) return stream;
        stream.Dispose();
        throw new TextFileException($"'{path}' is not a regular file.");
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
    /// permissions, byte order mark and line ends stay as they were.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="text">The new text, line ends as LF.</param>
    /// <param name="before">What is there now; null for nothing.</param>
    /// <param name="allowed">Says why a path may not be written; asked again just before the file is replaced.</param>
    /// <returns>Bytes written, and whether folders were made.</returns>
    /// <exception cref="TextFileException">It was not written; nothing has changed.</exception>
    public static (int Bytes, bool MadeFolders) Write(string path, string text, TextFile? before, Func<string, string?> allowed)
    {
        string? temporary = null;
        try
        {
            string real = RealPath.Resolve(path) ?? throw new TextFileException($"Cannot write '{path}': its links go in circles.");
            string folder = Path.GetDirectoryName(real) ?? "/";
            bool made = !Directory.Exists(folder);
            if (made) Directory.CreateDirectory(folder);
            if (before is { UsesCrLf: true }) text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
            byte[] bytes = new UTF8Encoding(before is { HasMark: true }).GetBytes(text);
            temporary = Path.Combine(folder, $".{Path.GetFileName(real)}.{Guid.NewGuid().ToString("N")[..8]}.tmp");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (File.Exists(real)) options.UnixCreateMode = File.GetUnixFileMode(real);
            using (var stream = new FileStream(temporary, options))
            {
                if (before is { HasMark: true }) stream.Write(Encoding.UTF8.Preamble);
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            // The mask of the process narrows what was asked for above.
            if (File.Exists(real)) File.SetUnixFileMode(temporary, File.GetUnixFileMode(real));

            // A link that was put in the way meanwhile must not lead the file elsewhere.
            if (RealPath.Resolve(path) != real) throw new TextFileException($"'{path}' changed its place while it was being written; nothing was written.");
            if (allowed(path) is { } refusal) throw new TextFileException(refusal);
            File.Move(temporary, real, overwrite: true);
            temporary = null;
            return (bytes.Length, made);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot write '{path}': {PrivateFiles.Reason(exception)}");
        }
        finally
        {
            if (temporary is not null) Discard(temporary);
        }
    }

    private static bool LoneLineFeed(string text)
    {
        for (int at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1))
            if (at == 0 || text[at - 1] != '\r') return true;
        return false;
    }

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
