using System.Text;
using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>Changes parts of files (AGENT.md 10.5).</summary>
internal sealed class PatchTool(FileTarget target, FileLocks locks, SyntaxCheck syntax) : ITool
{
    /// <inheritdoc/>
    public string Name => "patch";

    /// <inheritdoc/>
    public string Toolset => "file";

    /// <inheritdoc/>
    public string Description =>
        """
        Changes parts of files and answers with the difference. Prefer it to sed or awk in the terminal, and to writing a whole file again.
        mode "replace": one piece of one file. old_string has to be unique in it (take some lines around it along), or pass replace_all. Small differences in blanks, indentation and quotes are forgiven.
        mode "patch": several places or files at once. Nothing is written unless all of it fits. The text looks like this:
        *** Begin Patch
        *** Update File: src/a.py
        @@ def greet():
         unchanged line
        -old line
        +new line
        *** Add File: src/b.py
        +its lines
        *** Delete File: src/c.py
        *** Move File: src/d.py -> src/e.py
        *** End Patch
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"mode":{"type":"string","enum":["replace","patch"],"description":"replace: one piece of one file; patch: a patch text."},"path":{"type":"string","description":"For replace: the file."},"old_string":{"type":"string","description":"For replace: the text that is there, without line numbers."},"new_string":{"type":"string","description":"For replace: the text that shall be there; \"\" removes it."},"replace_all":{"type":"boolean","description":"For replace: change every place. Default false."},"patch":{"type":"string","description":"For patch: the text from *** Begin Patch to *** End Patch."}},"required":["mode"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string? mode = ToolJson.Text(call.Arguments, "mode");
        var plan = new PatchPlan(target, context);
        switch (mode)
        {
            case "replace":
                if (ToolJson.Text(call.Arguments, "path") is not { Length: > 0 } path) return Failure("path is required for mode 'replace'");
                if (ToolJson.Text(call.Arguments, "old_string") is not { } old || ToolJson.Text(call.Arguments, "new_string") is not { } now)
                    return Failure("old_string and new_string are required for mode 'replace'");
                return await ReplaceAsync(path, old, now, ToolJson.Flag(call.Arguments, "replace_all"), context, cancellationToken);
            case "patch":
                if (ToolJson.Text(call.Arguments, "patch") is not { Length: > 0 } text) return Failure("patch is required for mode 'patch'");
                var (files, problem) = PatchText.Parse(text);
                if (problem is not null) return Failure(problem);
                using (await locks.TakeAsync(plan.Paths(files), cancellationToken))
                {
                    foreach (var file in files) plan.Add(file);
                    if (plan.Problems.Count > 0) return Failure($"Patch validation failed (no files were modified):\n{string.Join('\n', plan.Problems.Select(one => $"  • {one}"))}");
                    return await ApplyAsync(plan.Files, 0, context, cancellationToken);
                }

            default:
                return Failure($"Unknown mode: {mode}. Use replace or patch.");
        }
    }

    private async Task<ToolResult> ReplaceAsync(string given, string old, string now, bool all, ToolContext context, CancellationToken cancellationToken)
    {
        if (target.Resolve(given, context) is not { } path) return Failure("path must name a file.");
        if (target.WriteRefusal(path) is { } refusal) return Failure(refusal);
        using var held = await locks.TakeAsync([path], cancellationToken);
        try
        {
            if (TextFile.Read(path) is not { } file) return Failure($"File not found: {given}");
            var (text, count, problem) = Replacement.Apply(file.Text, file.UsesCrLf ? Unix(old) : old, file.UsesCrLf ? Unix(now) : now, all);
            if (text is null) return Failure(problem!, context.State.Reads.IsStale(path, file.ChangedAt) ? $"{given} changed since you last read it. Read it again before you edit it." : null);
            return await ApplyAsync([new PlannedFile(given, path, file, text)], count, context, cancellationToken);
        }
        catch (TextFileException exception)
        {
            return Failure(exception.Message);
        }
    }

    private async Task<ToolResult> ApplyAsync(IReadOnlyList<PlannedFile> files, int count, ToolContext context, CancellationToken cancellationToken)
    {
        var diff = new StringBuilder();
        var stale = new List<string>();
        var done = new List<PlannedFile>();
        foreach (var file in files)
        {
            try
            {
                if (file.Before is not null && context.State.Reads.IsStale(file.Path, file.Before.ChangedAt)) stale.Add(file.Given);
                await Task.Run(() => Write(file), CancellationToken.None);
                if (file.After is not null) context.State.Reads.Written(file.Path, File.GetLastWriteTimeUtc(file.Path));
                diff.Append(LineDiff.Unified(file.Given, file.Before?.Text, file.After));
                done.Add(file);
            }
            catch (TextFileException exception)
            {
                string state = done.Count == 0 ? "" : $"\nWritten before: {string.Join(", ", done.Select(one => one.Given))}";
                return Failure($"Apply phase failed (state may be inconsistent — run `git diff` to assess):\n  • {exception.Message}{state}");
            }
        }

        var lint = new List<(string Path, SyntaxVerdict Verdict)>();
        foreach (var file in done.Where(file => file.After is not null))
            if (await syntax.RunAsync(file.Path, cancellationToken) is { } verdict) lint.Add((file.Given, verdict));
        return Success(done, diff.ToString(), count, lint, stale);
    }

    private void Write(PlannedFile file)
    {
        if (file.After is not null)
        {
            _ = TextFile.Write(file.Path, file.After, file.Before, target.WriteRefusal);
            return;
        }

        try
        {
            File.Delete(file.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot delete '{file.Given}': {PrivateFiles.Reason(exception)}");
        }
    }

    private static ToolResult Success(List<PlannedFile> files, string diff, int count, List<(string Path, SyntaxVerdict Verdict)> lint, List<string> stale)
    {
        string[] Of(Func<PlannedFile, bool> which) => [.. files.Where(which).Select(file => file.Given)];
        string[] modified = Of(file => file.Before is not null && file.After is not null), created = Of(file => file.Before is null), deleted = Of(file => file.After is null);
        string json = ToolJson.Object(writer =>
        {
            writer.WriteBoolean("success", true);
            if (count > 1) writer.WriteNumber("replacements", count);
            if (diff.Length > 0) writer.WriteString("diff", diff);
            if (modified.Length > 0) ToolJson.Strings(writer, "files_modified", modified);
            if (created.Length > 0) ToolJson.Strings(writer, "files_created", created);
            if (deleted.Length > 0) ToolJson.Strings(writer, "files_deleted", deleted);
            if (lint.Count > 0)
            {
                writer.WriteStartObject("lint");
                foreach (var (path, verdict) in lint)
                {
                    writer.WriteStartObject(path);
                    writer.WriteString("status", verdict.Status);
                    if (verdict.Output is { Length: > 0 } output) writer.WriteString(verdict.Status == "skipped" ? "message" : "output", output);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            if (stale.Count > 0) writer.WriteString("_warning", $"Warning: {string.Join(", ", stale)} was modified since you last read it (external edit or concurrent agent). Your change was made to the newer content.");
        });
        string summary = files.Count == 1 ? $"1 file changed" : $"{files.Count} files changed";
        return new ToolResult(json, null, summary) { InlineDiff = InlineDiff.Of(diff) };
    }

    private static ToolResult Failure(string message, string? hint = null) => new(
        ToolJson.Object(json =>
        {
            json.WriteBoolean("success", false);
            json.WriteString("error", message);
            if (hint is not null) json.WriteString("_hint", hint);
        }),
        message.Split('\n')[0]);

    private static string Unix(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
