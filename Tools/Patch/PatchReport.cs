using System.Text.Json;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>What became of a patch, as the model and the client are told.</summary>
internal sealed record PatchReport
{
    /// <summary>What was done.</summary>
    public IReadOnlyList<PatchStep> Done { get; init; } = [];

    /// <summary>Files that somebody else had changed.</summary>
    public IReadOnlyList<string> Stale { get; init; } = [];

    /// <summary>What the checkers said.</summary>
    public IReadOnlyList<(string Path, SyntaxVerdict Verdict)> Lint { get; init; } = [];

    /// <summary>Places that changed, for a replacement; 0 for a patch text.</summary>
    public int Replacements { get; init; }

    /// <summary>Whether it was the replacement in one file, which is told without that file's name.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about it; null for nothing.</summary>
    public string? Hint { get; init; }

    /// <summary>A patch that was not understood.</summary>
    public static ToolResult Failure(string message) => new PatchReport { Problem = message }.Result();

    /// <summary>The answer of the tool. One that failed half-way tells what was changed before.</summary>
    /// <param name="colours">Colours of the diff that the client shows; null for those of the default skin.</param>
    public ToolResult Result(DiffColours? colours = null)
    {
        string diff = string.Concat(Done.Select(step => step.Diff));
        string json = ToolJson.Object(writer =>
        {
            writer.WriteBoolean("success", Problem is null);
            if (Problem is not null) writer.WriteString("error", Problem);
            if (Replacements > 1) writer.WriteNumber("replacements", Replacements);
            if (diff.Length > 0) writer.WriteString("diff", diff);
            Names(writer, "files_modified", file => file.Before is not null && file.After is not null);
            Names(writer, "files_created", file => file.Before is null);
            Names(writer, "files_deleted", file => file.After is null);
            if (Lint.Count > 0) WriteLint(writer);
            if (Stale.Count > 0) writer.WriteString("_warning", $"Warning: {string.Join(", ", Stale)} was modified since you last read it (external edit or concurrent agent). Your change was made to the newer content.");
            if (Hint is not null) writer.WriteString("_hint", Hint);
        });
        string summary = Done.Count == 1 ? "1 file changed" : $"{Done.Count} files changed";
        return new ToolResult(json, Problem?.Split('\n')[0], Problem is null ? summary : null) { InlineDiff = InlineDiff.Of(diff, colours) };
    }

    private void Names(Utf8JsonWriter writer, string name, Func<PlannedFile, bool> which)
    {
        string[] names = [.. Done.Select(step => step.File).Where(which).Select(file => file.Given)];
        if (names.Length > 0) ToolJson.Strings(writer, name, names);
    }

    private void WriteLint(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("lint");
        foreach (var (path, verdict) in Lint)
        {
            if (!IsSingle) writer.WriteStartObject(path);
            writer.WriteString("status", verdict.Status);
            if (verdict.Output is { Length: > 0 } output) writer.WriteString(verdict.Status == "skipped" ? "message" : "output", output);
            if (!IsSingle) writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
