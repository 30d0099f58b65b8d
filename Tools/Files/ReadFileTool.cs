using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Tools.Files;

/// <summary>Shows a part of a text file with line numbers (AGENT.md 10.3).</summary>
internal sealed class ReadFileTool(FileTarget target, ConfigNode config) : ITool
{
    private const int DefaultLines = 500;
    private const int LongestLine = 2000;
    private const int LargeFile = 512_000;

    // Behind the wanted lines the rest is read only to count it.
    private const long MostCounted = 64 * 1024 * 1024;

    private static ImmutableArray<string> BinaryExtensions =>
    [
        ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ico", ".tiff", ".pdf", ".zip", ".gz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".exe", ".dll", ".so",
        ".dylib", ".o", ".a", ".class", ".jar", ".pyc", ".wasm", ".mp3", ".mp4", ".avi", ".mov", ".mkv", ".wav", ".flac", ".ogg", ".ttf", ".otf", ".woff",
        ".woff2", ".sqlite", ".db", ".bin", ".iso", ".dmg", ".docx", ".xlsx", ".pptx",
    ];

    private readonly int _mostLines = config.Find("tool_output", "max_lines").AsInt() is > 0 and var lines ? lines : 2000;
    private readonly int _mostCharacters = config.Find("file_read_max_chars").AsInt() is > 0 and var characters ? characters : 100_000;

    /// <inheritdoc/>
    public string Name => "read_file";

    /// <inheritdoc/>
    public string Toolset => "file";

    /// <inheritdoc/>
    public string Description =>
        """
        Shows lines of a text file, each as "number|text". Prefer it to cat, head or tail in the terminal.
        Long files come in parts: go on with the offset that the hint names. The numbers are not part of the file; leave them out when you edit.
        Images, archives and other binary files are refused.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"path":{"type":"string","description":"The file: absolute, relative to the working directory, or beginning with ~."},"offset":{"type":"integer","minimum":1,"description":"First line to show, from 1. Default 1."},"limit":{"type":"integer","minimum":1,"maximum":2000,"description":"How many lines. Default 500."}},"required":["path"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => Task.Run(() => Run(call, context, cancellationToken), CancellationToken.None);

    private ToolResult Run(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string? given = ToolJson.Text(call.Arguments, "path");
        if (target.Resolve(given, context) is not { } path) return ToolJson.Error("path must name a file.");
        int offset = Math.Max(1, ToolJson.Number(call.Arguments, "offset") ?? 1);
        int limit = Math.Clamp(ToolJson.Number(call.Arguments, "limit") ?? DefaultLines, 1, _mostLines);
        if (target.ReadRefusal(path) is { } refusal) return ToolJson.Error(refusal);
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (BinaryExtensions.Contains(extension)) return Binary(given!, extension);
        if (Directory.Exists(path)) return ToolJson.Error($"'{given}' is a directory. Use search_files with target='files' to list it.");
        if (!File.Exists(path)) return NotFound(given!, path);
        try
        {
            string key = FileTarget.Key(path);
            var changedAt = File.GetLastWriteTimeUtc(path);
            if (Repeated(given!, context.State.Reads.Reading(key, offset, limit, changedAt)) is { } known) return known;

            // Only what was shown can be referred to later.
            return Read(path, given!, offset, limit, () => context.State.Reads.Shown(key, offset, limit, changedAt), cancellationToken);
        }
        catch (TextFileException exception)
        {
            return ToolJson.Error(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ToolJson.Error($"Cannot read '{given}': {PrivateFiles.Reason(exception)}");
        }
    }

    /// <summary>What a repeated read answers; a write of just this text is a mistake.</summary>
    public const string UnchangedText =
        "File unchanged since last read. The content from the earlier read_file result in this conversation is still current — refer to that instead of re-reading.";

    private static ToolResult? Repeated(string given, FileReads.Repeat repeat) => repeat switch
    {
        FileReads.Repeat.Unchanged => new ToolResult(ToolJson.Object(json =>
        {
            json.WriteString("status", "unchanged");
            json.WriteString("message", UnchangedText);
            json.WriteString("path", given);
            json.WriteBoolean("dedup", true);
            json.WriteBoolean("content_returned", false);
        })),
        FileReads.Repeat.Blocked => Blocked(given, $"BLOCKED: '{given}' has not changed and you have read this range already; it is above in this conversation. Go on with what you have."),
        FileReads.Repeat.TooOften => Blocked(given, $"BLOCKED: '{given}' was read several times in a row and changes all the time. Do something else first, or wait for it with the terminal tool."),
        _ => null,
    };

    private static ToolResult Blocked(string given, string message) => ToolJson.Error(message, json =>
    {
        json.WriteString("path", given);
        json.WriteBoolean("already_read", true);
    });

    private ToolResult Read(string path, string given, int offset, int limit, Func<int> shownNow, CancellationToken cancellationToken)
    {
        using var stream = target.OpenRead(path);
        long size = stream.Length;
        using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024);
        var lines = new LineSource(reader, cancellationToken);
        var content = new StringBuilder();
        int number = 0, shown = 0;
        bool tooLong = false;
        if (offset == 1) lines.StopAt = MostCounted;
        while (lines.Next(LongestLine, out string line))
        {
            if (++number + 1 == offset) lines.StopAt = lines.Characters + MostCounted;
            if (number < offset || shown >= limit || tooLong) continue;
            if (shown++ > 0) content.Append('\n');
            content.Append(CultureInfo.InvariantCulture, $"{number,6}|").Append(line);
            tooLong = content.Length > _mostCharacters;
        }

        if (lines.HoldsNul) return Binary(given, Path.GetExtension(path));
        if (tooLong)
        {
            return ToolJson.Error(
                $"Read produced {content.Length:N0} characters which exceeds the safety limit ({_mostCharacters:N0} chars). Use offset and limit to read a smaller range.",
                json =>
                {
                    json.WriteString("path", given);
                    json.WriteNumber("total_lines", number);
                    json.WriteNumber("file_size", size);
                });
        }

        bool more = offset - 1 + shown < number || lines.Stopped;
        bool often = shownNow() > FileReads.QuietReads;
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteString("content", content.ToString());
                json.WriteNumber("total_lines", number);
                json.WriteNumber("file_size", size);
                json.WriteBoolean("truncated", more);
                json.WriteBoolean("is_binary", false);
                json.WriteBoolean("is_image", false);
                if (more) json.WriteString("hint", $"Use offset={offset + shown} to continue reading (showing {offset}-{offset - 1 + shown} of {(lines.Stopped ? "more than " : "")}{number} lines)");
                else if (shown == 0 && number > 0) json.WriteString("hint", $"The file has only {number} lines.");
                if (more && size > LargeFile) json.WriteString("_hint", "The file is large. Search it with search_files and read only the range you need.");
                if (often) json.WriteString("_warning", "This range was read three times in a row, and was different each time. Another read in a row is refused; do something else first.");
            }),
            Summary: shown == 1 ? "1 line" : $"{shown} lines");
    }

    private static ToolResult Binary(string path, string extension) => ToolJson.Error(
        $"Cannot read binary file '{path}' ({extension}). Use vision_analyze for images, or terminal to inspect binary files.");

    private static ToolResult NotFound(string given, string path) => ToolJson.Error($"File not found: {given}", json =>
    {
        string[] similar = [.. SimilarPaths.Find(path, 5)];
        if (similar.Length > 0) ToolJson.Strings(json, "similar_files", similar);
    });
}
