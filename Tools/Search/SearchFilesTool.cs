using System.Globalization;
using Gateway.Processes;
using Gateway.Tools.Files;

namespace Gateway.Tools.Search;

/// <summary>What is looked for.</summary>
/// <param name="Pattern">Regular expression for contents, glob for names.</param>
/// <param name="Path">Absolute file or folder.</param>
/// <param name="Glob">Which files; null for all.</param>
/// <param name="Mode">content, files_only or count.</param>
/// <param name="Context">Lines around each match.</param>
/// <param name="Most">Results wanted.</param>
internal sealed record SearchQuery(string Pattern, string Path, string? Glob, string Mode, int Context, int Most);

/// <summary>One line that was found.</summary>
internal sealed record SearchMatch(string Path, int Line, string Content);

/// <summary>What was found.</summary>
internal sealed record SearchFindings
{
    /// <summary>Lines.</summary>
    public IReadOnlyList<SearchMatch> Matches { get; init; } = [];

    /// <summary>Files.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Matches of each file.</summary>
    public IReadOnlyList<(string Path, int Count)> Counts { get; init; } = [];

    /// <summary>Why the search failed; null when it did not.</summary>
    public string? Problem { get; init; }

    /// <summary>Why there may be more than was found; null when that is all.</summary>
    public string? Partial { get; init; }

    /// <summary>What else to know about the search; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>How many results there are.</summary>
    public int Total => Matches.Count + Files.Count + Counts.Count;
}

/// <summary>Looks for text in files, or for files (AGENT.md 10.6). Uses ripgrep where it is installed.</summary>
internal sealed class SearchFilesTool(FileTarget target, ChildProcesses children, IReadOnlyDictionary<string, string> environment) : ITool
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 1000;
    private const int MostContext = 20;
    private const int WarnAt = 3;
    private static readonly TimeSpan LongestWalk = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => "search_files";

    /// <inheritdoc/>
    public string Toolset => "file";

    /// <inheritdoc/>
    public string Description =>
        """
        Looks for text in files (target "content", pattern is a regular expression) or for files by name (target "files", pattern is a glob such as *.py, newest first). Hidden files and what version control ignores are left out.
        Prefer it to grep, rg, find or ls in the terminal.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"pattern":{"type":"string","description":"Regular expression, or glob for target files."},"target":{"type":"string","enum":["content","files"],"description":"Default content."},"path":{"type":"string","description":"File or folder to look in. Default: the working directory."},"file_glob":{"type":"string","description":"For content: only files whose names match, such as *.ts."},"limit":{"type":"integer","minimum":1,"description":"Most results. Default 50."},"offset":{"type":"integer","minimum":0,"description":"Results to pass over. Default 0."},"output_mode":{"type":"string","enum":["content","files_only","count"],"description":"For content: lines, only the files, or the number of matches in each. Default content."},"context":{"type":"integer","minimum":0,"description":"For content: lines around each match. Default 0."}},"required":["pattern"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        if (ToolJson.Text(arguments, "pattern") is not { Length: > 0 } pattern) return ToolJson.Error("pattern must be a text that is not empty.");
        string kind = ToolJson.Text(arguments, "target") ?? "content";
        if (kind is not ("content" or "files")) return ToolJson.Error($"Unknown target: {kind}. Use content or files.");
        string mode = ToolJson.Text(arguments, "output_mode") ?? "content";
        if (mode is not ("content" or "files_only" or "count")) return ToolJson.Error($"Unknown output_mode: {mode}. Use content, files_only or count.");
        string given = ToolJson.Text(arguments, "path") is { Length: > 0 } named ? named : ".";
        if (target.Resolve(given, context) is not { } path) return ToolJson.Error("path must name a file or folder.");
        if (target.ReadRefusal(path) is { } refusal) return ToolJson.Error(refusal);
        if (!Path.Exists(path)) return NotFound(given, path);
        if (FileFacts.Of(path) is { IsRegular: false, IsFolder: false }) return ToolJson.Error(TextFile.NotRegular(given));

        int limit = Math.Clamp(ToolJson.Number(arguments, "limit") ?? DefaultLimit, 1, MostLimit);
        int offset = Math.Clamp(ToolJson.Number(arguments, "offset") ?? 0, 0, 100_000);
        int around = Math.Clamp(ToolJson.Number(arguments, "context") ?? 0, 0, MostContext);
        string? glob = ToolJson.Text(arguments, "file_glob") is { Length: > 0 } text ? text : null;
        int repeated = context.State.Reads.Searching($"{kind} {mode} {path} {glob} {limit} {offset} {around} {pattern}");
        if (repeated > WarnAt)
        {
            return ToolJson.Error("BLOCKED: this search has been made several times in a row and its result will not change. Use what you have, or search for something else.", json =>
            {
                json.WriteString("pattern", pattern);
                json.WriteNumber("already_searched", repeated - 1);
            });
        }

        var query = new SearchQuery(pattern, path, glob, mode, around, limit + offset + 1);
        var found = ExecutablePath.Find("rg", environment.GetValueOrDefault("PATH")) is { } ripgrep
            ? await new RipgrepSearch(children, environment, ripgrep).RunAsync(query, kind == "files", cancellationToken)
            : await WalkAsync(query, kind == "files", cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return found.Problem is not null ? ToolJson.Error(found.Problem) : Report(found, limit, offset, repeated);
    }

    private async Task<SearchFindings> WalkAsync(SearchQuery query, bool names, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestWalk);
        return await Task.Run(() => new WalkingSearch(limit.Token, UsersPatterns()).Run(query, names), CancellationToken.None);
    }

    private string? UsersPatterns() => environment.GetValueOrDefault("XDG_CONFIG_HOME") is ['/', ..] config
        ? Path.Combine(config, "git", "ignore")
        : environment.GetValueOrDefault("HOME") is ['/', ..] home ? Path.Combine(home, ".config", "git", "ignore") : null;

    private static ToolResult Report(SearchFindings found, int limit, int offset, int repeated)
    {
        int shown = Math.Clamp(found.Total - offset, 0, limit);
        bool more = found.Total > offset + limit;
        string json = ToolJson.Object(writer =>
        {
            writer.WriteNumber("total_count", more ? offset + limit : found.Total);
            if (found.Matches.Count > 0)
            {
                writer.WriteStartArray("matches");
                foreach (var match in found.Matches.Skip(offset).Take(limit))
                {
                    writer.WriteStartObject();
                    writer.WriteString("path", match.Path);
                    writer.WriteNumber("line", match.Line);
                    writer.WriteString("content", match.Content);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            if (found.Files.Count > 0) ToolJson.Strings(writer, "files", found.Files.Skip(offset).Take(limit));
            if (found.Counts.Count > 0)
            {
                writer.WriteStartObject("counts");
                foreach (var (path, count) in found.Counts.Skip(offset).Take(limit)) writer.WriteNumber(path, count);
                writer.WriteEndObject();
            }

            if (more || found.Partial is not null) writer.WriteBoolean("truncated", true);
            if (more) writer.WriteString("hint", $"Results truncated. Use offset={offset + limit} to see more, or narrow with a more specific pattern or file_glob.");
            string repeat = repeated == WarnAt ? "The same search was made three times in a row. Its result does not change; go on with what you have." : "";
            string warning = $"{found.Partial} {repeat}".Trim();
            if (warning.Length > 0) writer.WriteString("_warning", warning);
            if (found.Note is not null) writer.WriteString("_hint", found.Note);
        });
        return new ToolResult(json, null, string.Create(CultureInfo.InvariantCulture, $"{shown} {(shown == 1 ? "result" : "results")}{(more ? ", more to come" : "")}"));
    }

    private static ToolResult NotFound(string given, string path)
    {
        string[] similar = [.. SimilarPaths.Find(path, 5)];
        return ToolJson.Error($"Path not found: {given}{(similar.Length > 0 ? $". Similar paths: {string.Join(", ", similar)}" : "")}");
    }
}
