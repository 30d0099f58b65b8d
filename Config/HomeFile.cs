using Gateway.Processes;

namespace Gateway.Config;

/// <summary>A file of the home cannot be used; the message says why, without its name.</summary>
internal sealed class HomeFileException(string message) : IOException(message);

/// <summary>The one way to open files of HERMES_HOME for reading: only regular files, through links too, of bounded size. A pipe, a device or a
/// folder in the place of a file is refused at once, so that nothing waits for what never comes or reads what never ends.</summary>
internal static class HomeFile
{
    /// <summary>Largest file that is read unless another limit is given, in bytes.</summary>
    public const long UsualLimit = 16 * 1024 * 1024;

    private const int Block = 64 * 1024;

    /// <summary>What is wrong with a file that something else opens, such as a database; null when it is regular, or there is none.</summary>
    /// <param name="path">Absolute path.</param>
    public static string? Problem(string path) => FileFacts.Of(path) is { IsRegular: false } facts ? NotRegular(facts) : null;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Absolute path.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="HomeFileException">It is not a regular file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileStream? Open(string path)
    {
        // Asked before opening, which alone can do something to a device, and again about what was opened.
        if (FileFacts.Of(path) is not { } named) return null;
        if (!named.IsRegular) throw new HomeFileException(NotRegular(named));
        var file = FileCalls.Open(path);
        if (FileFacts.Of(file) is { IsRegular: true }) return new FileStream(file, FileAccess.Read, bufferSize: 0);
        file.Dispose();
        throw new HomeFileException("it is not a regular file");
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="limit">Largest size in bytes.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="HomeFileException">It is not a regular file, or too large.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[]? Read(string path, long limit = UsualLimit)
    {
        using var stream = Open(path);
        if (stream is null) return null;
        long length = stream.Length;
        var bytes = new byte[Math.Min(length, limit) + 1];
        int count = 0;

        // Some regular files, those of the kernel, are longer than they say.
        for (int read; (read = stream.Read(bytes, count, bytes.Length - count)) > 0;)
        {
            count += read;
            if (count > limit) throw new HomeFileException(limit >= 1024 * 1024 ? $"the file is larger than {limit / 1024 / 1024} MiB" : $"the file is larger than {limit / 1024} KiB");
            if (count == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(bytes.Length + (long)Block, limit + 1));
        }

        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>The same as text in UTF-8, a byte order mark left out.</summary>
    public static string? ReadText(string path, long limit = UsualLimit)
    {
        if (Read(path, limit) is not { } bytes) return null;
        using var reader = new StreamReader(new MemoryStream(bytes));
        return reader.ReadToEnd();
    }

    private static string NotRegular(FileFacts facts) => facts.IsFolder ? "it is a directory" : $"it is {facts.Kind}, not a regular file";
}
