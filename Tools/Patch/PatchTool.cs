using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>Changes parts of files (AGENT.md 10.5).</summary>
internal sealed class PatchTool(FileTarget target, FileLocks locks, SyntaxCheck syntax) : ITool
{
    private const int HintFrom = 2;

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
        var arguments = call.Arguments;
        string? text = ToolJson.Text(arguments, "patch"), old = ToolJson.Text(arguments, "old_string");
        string? mode = ToolJson.Text(arguments, "mode") ?? (old is not null ? "replace" : text is not null ? "patch" : null);
        switch (mode)
        {
            case "replace":
                if (ToolJson.Text(arguments, "path") is not { Length: > 0 } path) return PatchReport.Failure("path is required for mode 'replace'");
                if (old is null || ToolJson.Text(arguments, "new_string") is not { } now) return PatchReport.Failure("old_string and new_string are required for mode 'replace'");
                return await ReportAsync(await ReplaceAsync(path, old, now, ToolJson.Flag(arguments, "replace_all"), context, cancellationToken), context, cancellationToken);
            case "patch":
                if (text is not { Length: > 0 }) return PatchReport.Failure("patch is required for mode 'patch'");
                var (files, problem) = PatchText.Parse(text);
                return problem is not null ? PatchReport.Failure(problem) : await ReportAsync(await PatchAsync(files, context, cancellationToken), context, cancellationToken);
            default:
                return PatchReport.Failure($"Unknown mode: {mode}. Use replace or patch.");
        }
    }

    private async Task<PatchReport> ReplaceAsync(string given, string old, string now, bool all, ToolContext context, CancellationToken cancellationToken)
    {
        if (target.Resolve(given, context) is not { } path) return new PatchReport { Problem = "path must name a file." };
        if (target.WriteRefusal(path) is { } refusal) return new PatchReport { Problem = refusal };
        string key = FileTarget.Key(path);
        using var held = await locks.TakeAsync([key], cancellationToken);
        return await Task.Run(Replace, CancellationToken.None);

        PatchReport Replace()
        {
            try
            {
                if (TextFile.Read(path) is not { } file) return new PatchReport { Problem = $"File not found: {given}" };
                var reads = context.State.Reads;
                var (text, count, problem) = Replacement.Apply(file.Text, file.UsesCrLf ? Unix(old) : old, file.UsesCrLf ? Unix(now) : now, all, cancellationToken);
                if (text is null) return new PatchReport { Problem = problem, Hint = Hint(reads, given, key, reads.IsStale(key, file.ChangedAt)) };
                var planned = new PlannedFile(given, key, new PlannedContent(key, null), new PlannedContent(key, text));
                cancellationToken.ThrowIfCancellationRequested();
                string diff = LineDiff.Unified(LineDiff.Name(path, context.State.CurrentDirectory), file.Text, text);
                return Apply([new PatchStep(PatchStepKind.Write, planned, null, file, text, diff)], context) with { Replacements = count, IsSingle = true };
            }
            catch (TextFileException exception)
            {
                return new PatchReport { Problem = exception.Message };
            }
        }
    }

    private async Task<PatchReport> PatchAsync(IReadOnlyList<FilePatch> files, ToolContext context, CancellationToken cancellationToken)
    {
        var plan = new PatchPlan(target, context, cancellationToken);
        using var held = await locks.TakeAsync(plan.Keys(files), cancellationToken);
        return await Task.Run(Patch, CancellationToken.None);

        PatchReport Patch()
        {
            foreach (var file in files) plan.Add(file);
            var steps = plan.Problems.Count == 0 ? plan.Steps() : [];
            cancellationToken.ThrowIfCancellationRequested();
            if (plan.Problems.Count == 0) return Apply(steps, context);
            string[] hints =
            [
                .. files.Where(file => file.Action == PatchAction.Update && plan.Problems.Any(problem => problem.StartsWith(file.Path + ": change ", StringComparison.Ordinal)))
                    .Select(file => target.Resolve(file.Path, context) is { } path ? Hint(context.State.Reads, file.Path, FileTarget.Key(path), false) : null).OfType<string>().Distinct(),
            ];
            return new PatchReport
            {
                Problem = $"Patch validation failed (no files were modified):\n{string.Join('\n', plan.Problems.Select(one => $"  • {one}"))}",
                Hint = hints.Length == 0 ? null : string.Join(' ', hints),
            };
        }
    }

    private static string? Hint(FileReads reads, string given, string key, bool stale)
    {
        int failures = reads.Failed(key);
        if (stale) return $"{given} changed since you last read it. Read it again before you edit it.";
        return failures < HintFrom ? null : $"Changes to {given} failed {failures} times in a row. Read it again with read_file and copy the lines from there.";
    }

    // Not to be interrupted: what was planned is made whole, which takes no longer than the disk does.
    private PatchReport Apply(IReadOnlyList<PatchStep> steps, ToolContext context)
    {
        if (steps.FirstOrDefault(step => step.Text is { } now && Config.SecretMask.CarriesMask(now, step.Before?.Text)) is { } masked)
            return new PatchReport { Problem = Config.SecretMask.MaskRefusal(masked.File.Given) };
        var reads = context.State.Reads;
        var stale = new List<string>();
        var done = new List<PatchStep>();
        foreach (var step in steps)
        {
            try
            {
                var file = step.File;
                if (file.Before is not null && reads.IsStale(file.Path, File.GetLastWriteTimeUtc(file.Path))) stale.Add(file.Given);
                Make(step);
                if (file.After is not null) reads.Written(file.Path, File.GetLastWriteTimeUtc(file.Path));
                else reads.Deleted(file.Path);
                done.Add(step);
            }
            catch (TextFileException exception)
            {
                string state = done.Count == 0 ? "" : $"\nWritten before: {string.Join(", ", done.Select(one => one.File.Given))}";
                return new PatchReport { Done = done, Stale = stale, Problem = $"Apply phase failed (state may be inconsistent — run `git diff` to assess):\n  • {exception.Message}{state}" };
            }
        }

        return new PatchReport { Done = done, Stale = stale };
    }

    private void Make(PatchStep step)
    {
        string path = step.File.Path;
        if (step.Kind == PatchStepKind.Write)
        {
            _ = TextFile.Write(path, step.Text!, step.Before, target, step.Source);
            return;
        }

        try
        {
            // What was judged is what is taken away: a folder that became a link meanwhile leads this nowhere.
            string old = step.Source ?? path;
            if (target.Refusal(old, old, null) is { } stays) throw new TextFileException(stays);
            using var folder = PinnedFolder.Open(Path.GetDirectoryName(old)!);
            if (step.Kind == PatchStepKind.Delete)
            {
                // What was moved is gone already.
                if (folder.Facts(Path.GetFileName(old)) is not null) folder.Remove(Path.GetFileName(old));
                return;
            }

            if (target.Refusal(path, path, null) is { } refusal) throw new TextFileException(refusal);
            using var place = PinnedFolder.Make(Path.GetDirectoryName(path)!, target.IsPrivate, out _);
            FileMove.Run((folder, Path.GetFileName(old)), (place, Path.GetFileName(path)), step.File.Before is not null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TextFileException($"Cannot {(step.Kind == PatchStepKind.Delete ? "delete" : "move")} '{step.Source ?? step.File.Given}': {PrivateFiles.Reason(exception)}");
        }
    }

    // The file is free for others while its checker runs.
    private async Task<ToolResult> ReportAsync(PatchReport report, ToolContext context, CancellationToken cancellationToken)
    {
        var lint = new List<(string Path, SyntaxVerdict Verdict)>();
        if (report.Problem is null)
        {
            foreach (var file in report.Done.Select(step => step.File).Where(file => file.After is not null))
                if (await syntax.RunAsync(file.Path, cancellationToken) is { } verdict) lint.Add((file.Given, verdict));
        }

        return (report with { Lint = lint }).Result(context.DiffColours);
    }

    private static string Unix(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
