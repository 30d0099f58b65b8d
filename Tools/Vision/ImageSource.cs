using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Gateway.Storage;
using Gateway.Tools.Files;
using Gateway.Tools.Web;

namespace Gateway.Tools.Vision;

/// <summary>An image as it was found.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Type">Its media type, by its content.</param>
internal sealed record FoundImage(ReadOnlyMemory<byte> Bytes, string Type);

/// <summary>There is no image to look at; the message is for the model and the user.</summary>
internal sealed class ImageException(string message) : Exception(message);

/// <summary>Fetches the image that a model names: a file, an address, or the image itself as a data: URL (AGENT.md section 11).</summary>
/// <param name="files">Which files may be read.</param>
/// <param name="web">The way to the web.</param>
/// <param name="downloadLimit">How long one attempt to download may take.</param>
internal sealed class ImageSource(FileTarget files, WebDownload web, TimeSpan downloadLimit)
{
    /// <summary>Most bytes that a model is sent of an image, encoded.</summary>
    public const int MostEncoded = 20 * 1024 * 1024;

    private const int MostDownloaded = 50 * 1024 * 1024;
    private const int Chunk = 1024 * 1024;

    /// <summary>How an image can be made smaller or another kind; there is nothing in the gateway that does it.</summary>
    public const string Conversion = "for example with ImageMagick, ffmpeg or Python in the terminal, if one is installed";

    /// <summary>Fetches the image.</summary>
    /// <param name="given">What the model wrote; not empty.</param>
    /// <param name="context">The conversation, whose directory relative paths start from.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="ImageException">There is none, or it must not be had.</exception>
    public async Task<FoundImage> LoadAsync(string given, ToolContext context, CancellationToken cancellationToken)
    {
        string name = given.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? "The data: URL" : $"'{Shown(given)}'";
        var bytes = given switch
        {
            _ when given.StartsWith("data:", StringComparison.OrdinalIgnoreCase) => Decode(given),
            _ when given.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || given.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                => await DownloadAsync(given, cancellationToken),
            _ when given.StartsWith("file://", StringComparison.OrdinalIgnoreCase) => await ReadAsync(PathOf(given), Shown(given), context, cancellationToken),
            _ when given.IndexOf("://", StringComparison.Ordinal) is > 0 and < 12
                => throw new ImageException($"{name} cannot be fetched. image_url takes a path, a file://, http:// or https:// address, or a data: URL."),
            _ => await ReadAsync(given, Shown(given), context, cancellationToken),
        };
        if (bytes.IsEmpty) throw new ImageException($"{name} is empty.");
        string type = ImageType.Of(bytes.Span) ?? throw new ImageException(
            $"{name} is no image of a known kind ({ImageType.Known}), whatever it is called." + (given.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                ? " It may be a page about the image; look there for the address of the image itself."
                : ""));
        if (Encoded(bytes.Length) > MostEncoded) throw TooLarge(name, bytes.Length);
        return new FoundImage(bytes, type);
    }

    /// <summary>A size for people.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MB"),
    };

    private static string Shown(string given) => given.Length <= 300 ? given : given[..300] + "…";

    private static long Encoded(long bytes) => (bytes + 2) / 3 * 4;

    private static ImageException TooLarge(string name, long bytes) => new(
        $"{name} has {Size(bytes)}, which become {Size(Encoded(bytes))} on the way to the model; the most is {Size(MostEncoded)}."
        + $" Make it smaller ({Conversion}), and look at the smaller copy.");

    private async Task<ReadOnlyMemory<byte>> DownloadAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            return await web.GetAsync(url, MostDownloaded, downloadLimit, cancellationToken);
        }
        catch (WebException exception)
        {
            throw new ImageException(exception.Message);
        }
    }

    // Where a disk does not answer, the thread waits for it; whoever called goes on.
    private Task<ReadOnlyMemory<byte>> ReadAsync(string path, string shown, ToolContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Read(path, shown, context, cancellationToken), CancellationToken.None).WaitAsync(cancellationToken);

    private ReadOnlyMemory<byte> Read(string given, string shown, ToolContext context, CancellationToken cancellationToken)
    {
        if (files.Resolve(given, context) is not { } path) throw new ImageException("image_url must name an image.");
        try
        {
            if (files.ReadRefusal(path) is { } refusal) throw new ImageException(refusal);
            if (Directory.Exists(path)) throw new ImageException($"'{shown}' is a directory. Use search_files with target='files' to list it.");
            if (!File.Exists(path))
            {
                string[] similar = [.. SimilarPaths.Find(path, 5)];
                throw new ImageException($"File not found: {shown}" + (similar.Length == 0 ? "" : $". Similar: {string.Join(", ", similar)}"));
            }

            using var stream = files.OpenRead(path);
            long size = stream.Length;
            if (Encoded(size) > MostEncoded) throw TooLarge($"'{shown}'", size);
            var bytes = new byte[size];
            int have = 0;
            for (int count = -1; count != 0 && have < bytes.Length; have += count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                count = stream.Read(bytes, have, Math.Min(Chunk, bytes.Length - have));
            }

            return bytes.AsMemory(0, have);
        }
        catch (TextFileException exception)
        {
            throw new ImageException(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"Cannot read '{shown}': {PrivateFiles.Reason(exception)}");
        }
    }

    private static string PathOf(string url)
    {
        string path = url["file://".Length..];
        if (path.StartsWith("localhost/", StringComparison.OrdinalIgnoreCase)) path = path["localhost".Length..];
        return Uri.UnescapeDataString(path);
    }

    private static ReadOnlyMemory<byte> Decode(string url)
    {
        int comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) throw new ImageException("The data: URL has no comma before its data.");
        if (url.Length - comma > MostEncoded) throw TooLarge("The data: URL", Base64.GetMaxDecodedFromUtf8Length(url.Length - comma));
        string data = Uri.UnescapeDataString(url[(comma + 1)..]);
        if (!url.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) return Encoding.UTF8.GetBytes(data);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(data.Length)];
        return Convert.TryFromBase64String(data, bytes, out int count) ? bytes.AsMemory(0, count) : throw new ImageException("The data: URL is not valid Base64.");
    }
}
