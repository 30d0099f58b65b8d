using Gateway.Processes;

namespace Gateway.Tools.Files;

/// <summary>Writes a whole file (AGENT.md 10.4).</summary>
internal sealed class WriteFileTool(FileTarget target, FileLocks locks) : ITool
{
    /// <inheritdoc/>
    public string Name => "write_file";

    /// <inheritdoc/>
    public string Toolset => "file";

    /// <inheritdoc/>
    public string Description =>
        """
        Gives a file the content, replacing all that was there; missing folders are made. Prefer it to echo or here-documents in the terminal.
        A file whose lines end with CR LF keeps such line ends, and one that begins with a byte order mark keeps it. To change parts of a file use patch. Files of the system, files with credentials and the settings of this program are refused.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"path":{"type":"string","description":"The file: absolute, relative to the working directory, or beginning with ~."},"content":{"type":"string","description":"The whole new content."}},"required":["path","content"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string? given = ToolJson.Text(call.Arguments, "path");
        if (target.Resolve(given, context) is not { } path) return ToolJson.Error("path must name a file.");
        if (ToolJson.Text(call.Arguments, "content") is not { } content) return ToolJson.Error("content must be a text; pass \"\" for an empty file.");
        if (content.Trim() == ReadFileTool.UnchangedText) return ToolJson.Error("This is the note of read_file about an unchanged file, not content. Nothing was written.");
        if (target.WriteRefusal(path) is { } refusal) return ToolJson.Error(refusal);
        string key = FileTarget.Key(path);
        using var held = await locks.TakeAsync([key], cancellationToken);
        try
        {
            return await Task.Run(() => Write(given!, path, key, content, context), CancellationToken.None);
        }
        catch (TextFileException exception)
        {
            return ToolJson.Error(exception.Message);
        }
    }

    private ToolResult Write(string given, string path, string key, string content, ToolContext context)
    {
        var state = context.State;

        // What is replaced need not be text; only for the diff it has to be.
        TextFile? before = Before(path);
        if (Config.SecretMask.CarriesMask(content, before?.Text)) return ToolJson.Error(Config.SecretMask.MaskRefusal(given));
        bool stale = before is not null && state.Reads.IsStale(key, before.ChangedAt);
        var (bytes, made) = TextFile.Write(path, content, before, target);
        state.Reads.Written(key, File.GetLastWriteTimeUtc(path));
        string diff = LineDiff.Unified(LineDiff.Name(path, state.CurrentDirectory), before?.Text, before is { UsesCrLf: true } ? content.Replace("\r\n", "\n", StringComparison.Ordinal) : content);
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteNumber("bytes_written", bytes);
                json.WriteBoolean("dirs_created", made);
                if (stale) json.WriteString("_warning", $"Warning: {given} was modified since you last read it (external edit or concurrent agent). It has been replaced; look at the difference if those changes matter.");
            }),
            Summary: $"{bytes} bytes")
        {
            InlineDiff = InlineDiff.Of(diff, context.DiffColours),
        };
    }

    private static TextFile? Before(string path)
    {
        if (Directory.Exists(path)) throw new TextFileException($"'{path}' is a directory.");
        if (FileFacts.Of(path) is { IsRegular: false }) throw new TextFileException(TextFile.NotRegular(path));
        try
        {
            return TextFile.Read(path);
        }
        catch (TextFileException)
        {
            return null;
        }
    }
}
