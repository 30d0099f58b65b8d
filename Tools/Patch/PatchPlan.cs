using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>A file before and after.</summary>
/// <param name="Given">Path as the model wrote it.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Before">What is there; null for nothing.</param>
/// <param name="After">What shall be there; null for nothing.</param>
internal sealed record PlannedFile(string Given, string Path, TextFile? Before, string? After);

/// <summary>Works out what a patch makes of the files, without touching any.</summary>
internal sealed class PatchPlan(FileTarget target, ToolContext context)
{
    private readonly Dictionary<string, PlannedFile> _files = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>What is wrong, one sentence for each problem.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The files that change, in the order of the patch.</summary>
    public IReadOnlyList<PlannedFile> Files => [.. _files.Values.Where(file => file.Before?.Text != file.After)];

    /// <summary>Absolute paths that a patch touches.</summary>
    public IEnumerable<string> Paths(IEnumerable<FilePatch> patches) =>
        patches.SelectMany(patch => new[] { patch.Path, patch.Target }).Select(path => target.Resolve(path, context)).OfType<string>();

    /// <summary>Adds what happens to a file.</summary>
    public void Add(FilePatch patch)
    {
        try
        {
            if (Look(patch.Path) is not { } file) return;
            switch (patch.Action)
            {
                case PatchAction.Add when file.After is not null:
                    _problems.Add($"{patch.Path}: file already exists; use *** Update File: to change it");
                    break;
                case PatchAction.Add:
                    _files[file.Path] = file with { After = patch.Content };
                    break;
                case var _ when file.After is null:
                    _problems.Add($"{patch.Path}: file not found");
                    break;
                case PatchAction.Delete:
                    _files[file.Path] = file with { After = null };
                    break;
                case PatchAction.Update:
                    if (Changed(patch, file.After) is { } text) _files[file.Path] = file with { After = text };
                    break;
                case PatchAction.Move:
                    Move(patch, file);
                    break;
            }
        }
        catch (TextFileException exception)
        {
            _problems.Add(exception.Message);
        }
    }

    private void Move(FilePatch patch, PlannedFile file)
    {
        if (Look(patch.Target!) is not { } place) return;
        if (place.After is not null)
        {
            _problems.Add($"{patch.Target}: file already exists");
            return;
        }

        if (Changed(patch, file.After!) is not { } text) return;
        _files[place.Path] = place with { After = text };
        _files[file.Path] = file with { After = null };
    }

    private PlannedFile? Look(string given)
    {
        if (target.Resolve(given, context) is not { } path)
        {
            _problems.Add($"'{given}' is no path");
            return null;
        }

        if (target.WriteRefusal(path) is { } refusal)
        {
            _problems.Add(refusal);
            return null;
        }

        if (_files.TryGetValue(path, out var known)) return known;
        var before = TextFile.Read(path);
        return _files[path] = new PlannedFile(given, path, before, before?.Text);
    }

    private string? Changed(FilePatch patch, string text)
    {
        int number = 0;
        foreach (var hunk in patch.Hunks)
        {
            number++;
            string old = string.Join('\n', hunk.Old), now = string.Join('\n', hunk.New);
            if (hunk.Old.Count == 0)
            {
                text = Inserted(text, hunk.Hint, now);
                continue;
            }

            // A hint chooses among several places; without it the words have to be unique.
            int from = hunk.Hint is null ? 0 : Math.Max(0, text.IndexOf(hunk.Hint, StringComparison.Ordinal));
            var whole = Replacement.Apply(text, old, now, false);
            if (whole.Text is null && from > 0 && FirstBehind(text, from, old, now) is { } behind) whole = (behind, 1, null);
            if (whole.Text is null)
            {
                _problems.Add($"{patch.Path}: change {number}: {whole.Problem!.Replace("old_string", "its lines", StringComparison.Ordinal)}");
                return null;
            }

            text = whole.Text;
        }

        return text;
    }

    private static string? FirstBehind(string text, int from, string old, string now)
    {
        var found = FuzzyMatch.Find(text[from..], old, out _);
        return found.Count == 0 ? null : string.Concat(text.AsSpan(0, from + found[0].Start), now, text.AsSpan(from + found[0].Start + found[0].Length));
    }

    private static string Inserted(string text, string? hint, string added)
    {
        int at = hint is null ? -1 : text.IndexOf(hint, StringComparison.Ordinal);
        if (at < 0) return (text.Length == 0 || text.EndsWith('\n') ? text : text + "\n") + added + "\n";
        int line = text.IndexOf('\n', at);
        return line < 0 ? text + "\n" + added + "\n" : string.Concat(text.AsSpan(0, line + 1), added, "\n", text.AsSpan(line + 1));
    }
}
