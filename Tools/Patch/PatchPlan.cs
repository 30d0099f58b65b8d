using Gateway.Processes;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>Works out what a patch makes of the files, without touching any. Two names of one file are one file.</summary>
internal sealed class PatchPlan(FileTarget target, ToolContext context, CancellationToken cancellationToken)
{
    private readonly OrderedDictionary<string, PlannedFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TextFile> _texts = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>What is wrong, one sentence for each problem.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What the files are known by that a patch touches.</summary>
    public IEnumerable<string> Keys(IEnumerable<FilePatch> patches) =>
        patches.SelectMany(patch => new[] { patch.Path, patch.Target }).Select(path => target.Resolve(path, context)).OfType<string>().Select(FileTarget.Key);

    /// <summary>Adds what happens to a file.</summary>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public void Add(FilePatch patch)
    {
        try
        {
            bool leaves = patch.Action is PatchAction.Delete or PatchAction.Move;
            if (Look(patch.Path, leaves) is not { } file) return;
            switch (patch.Action)
            {
                case PatchAction.Add when file.After is not null:
                    _problems.Add($"{patch.Path}: file already exists; use *** Update File: to change it");
                    break;
                case PatchAction.Add:
                    if (HasPlace(patch.Path, file)) Put(file with { After = new PlannedContent(file.Before?.Origin, patch.Content) });
                    break;
                case var _ when file.After is null:
                    _problems.Add($"{patch.Path}: file not found");
                    break;
                case PatchAction.Delete:
                    Put(file with { After = null });
                    break;
                case PatchAction.Update:
                    if (Changed(patch, file.After) is { } content) Put(file with { After = content });
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

    /// <summary>How the files are brought there: everything is written before anything is taken away, so that what fails leaves the content in
    /// one place or the other. Reads what it takes; call it once, when all is added and there is no problem.</summary>
    public IReadOnlyList<PatchStep> Steps()
    {
        var changed = _files.Values.Where(file => file.Before != file.After).ToArray();
        var steps = new List<PatchStep>();
        foreach (var file in changed)
        {
            try
            {
                steps.Add(file.After is null ? Removal(file) : IsRename(file) ? Renaming(file) : Writing(file, file.After));
            }
            catch (TextFileException exception)
            {
                _problems.Add(exception.Message);
            }
        }

        return [.. steps.OrderBy(step => step.Kind)];
    }

    private void Put(PlannedFile file) => _files[file.Path] = file;

    private void Move(FilePatch patch, PlannedFile file)
    {
        if (Look(patch.Target!, leaves: false) is not { } place) return;
        if (place.After is not null)
        {
            _problems.Add($"{patch.Target}: file already exists");
            return;
        }

        if (!HasPlace(patch.Target!, place) || Changed(patch, file.After!) is not { } content) return;

        // A link that is moved would lead elsewhere; what it leads to is put in its place.
        if (IsLink(file)) content = content with { Text = TextOf(content) };
        Put(place with { After = content });
        Put(file with { After = null });
    }

    private PlannedFile? Look(string given, bool leaves)
    {
        if (target.Resolve(given, context) is not { } path)
        {
            _problems.Add($"'{given}' is no path");
            return null;
        }

        if ((leaves ? target.RemovalRefusal(path) : target.WriteRefusal(path)) is { } refusal)
        {
            _problems.Add(refusal);
            return null;
        }

        // A link that leaves is a file of its own; whoever changes one means what it leads to.
        string place = FileTarget.Place(path), real = FileTarget.Key(path), key = leaves ? place : real;
        if (_files.TryGetValue(place, out var known) || _files.TryGetValue(key, out known)) return known;
        if (Directory.Exists(real)) throw new TextFileException($"'{path}' is a directory.");
        var facts = FileFacts.Of(real);
        if (facts is { IsRegular: false }) throw new TextFileException(TextFile.NotRegular(path));

        // Changed already under its own name, and now leaving under that of a link.
        var content = _files.TryGetValue(real, out var changed) ? changed.After : facts is null ? null : new PlannedContent(real, null);
        if (content is null && key == place && place != real && FileFacts.Of(place, followLink: false) is not null) content = new PlannedContent(real, null);
        var file = new PlannedFile(given, key, content, content);
        Put(file);
        return file;
    }

    private bool HasPlace(string given, PlannedFile file)
    {
        if (IsLink(file))
        {
            _problems.Add($"{given}: this patch takes a link of that name away; make the file in a patch of its own");
            return false;
        }

        string? folder = Path.GetDirectoryName(file.Path);
        while (folder is not null && !Directory.Exists(folder))
        {
            if (FileFacts.Of(folder, followLink: false) is not null)
            {
                _problems.Add($"{given}: '{folder}' is a file, not a directory");
                return false;
            }

            folder = Path.GetDirectoryName(folder);
        }

        return true;
    }

    private static bool IsLink(PlannedFile file) => file.Before?.Origin is { } origin && origin != file.Path;

    private string TextOf(PlannedContent content) => content.Text ?? Original(content.Origin!).Text;

    private TextFile Original(string path)
    {
        if (_texts.TryGetValue(path, out var known)) return known;
        return _texts[path] = TextFile.Read(path) ?? throw new TextFileException($"{path}: file not found");
    }

    private TextFile? TryOriginal(string? path)
    {
        try
        {
            return path is null ? null : Original(path);
        }
        catch (TextFileException)
        {
            return null;
        }
    }

    // Only when the old name is free afterwards, and nobody else needs what the new one holds now.
    private bool IsRename(PlannedFile file) =>
        file.After is { Text: null, Origin: { } origin } && origin != file.Path
        && _files.TryGetValue(origin, out var source) && source.After is null
        && !_files.Values.Any(other => other.Path != file.Path && other.After?.Origin == file.Path);

    private PatchStep Renaming(PlannedFile file)
    {
        string source = file.After!.Origin!;
        return new PatchStep(PatchStepKind.Rename, file, source, null, null, LineDiff.Unified(Name(source), Name(file.Path), "", ""));
    }

    private PatchStep Writing(PlannedFile file, PlannedContent after)
    {
        string text = TextOf(after);
        var made = TryOriginal(after.Origin);
        bool moved = after.Origin is not null && after.Origin != file.Path;
        string diff = LineDiff.Unified(Name(after.Origin ?? file.Path), Name(file.Path), made?.Text, text);
        return new PatchStep(PatchStepKind.Write, file, moved ? after.Origin : null, made, text, diff);
    }

    private PatchStep Removal(PlannedFile file)
    {
        // A file that goes on elsewhere is told of there, and a link has no lines.
        bool silent = IsLink(file) || _files.Values.Any(other => other.Path != file.Path && other.After?.Origin == file.Path);
        string? text = silent ? null : TryOriginal(file.Path)?.Text;
        string diff = silent ? "" : text is null ? $"Binary files a/{Name(file.Path)} and /dev/null differ\n" : LineDiff.Unified(Name(file.Path), text, null);
        return new PatchStep(PatchStepKind.Delete, file, null, null, null, diff);
    }

    private string Name(string path) => LineDiff.Name(path, FileTarget.Key(context.State.CurrentDirectory));

    private PlannedContent? Changed(FilePatch patch, PlannedContent content)
    {
        if (patch.Hunks.Count == 0) return content;
        string before = TextOf(content), text = before;
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
            int from = hunk.Hint is null ? -1 : text.IndexOf(hunk.Hint, StringComparison.Ordinal);
            var whole = Replacement.Apply(text, old, now, false, cancellationToken);
            if (whole.Text is null && from >= 0 && Replacement.ApplyFirst(text, from, old, now, cancellationToken) is { Text: not null } behind) whole = behind;
            if (whole.Text is null)
            {
                _problems.Add($"{patch.Path}: change {number}: {whole.Problem!.Replace("old_string", "its lines", StringComparison.Ordinal)}");
                return null;
            }

            text = whole.Text;
        }

        return content.Origin is not null && Original(content.Origin).Text == text ? content with { Text = null } : content with { Text = text };
    }

    private static string Inserted(string text, string? hint, string added)
    {
        int at = hint is null ? -1 : text.IndexOf(hint, StringComparison.Ordinal);
        if (at < 0) return (text.Length == 0 || text.EndsWith('\n') ? text : text + "\n") + added + "\n";
        int line = text.IndexOf('\n', at);
        return line < 0 ? text + "\n" + added + "\n" : string.Concat(text.AsSpan(0, line + 1), added, "\n", text.AsSpan(line + 1));
    }
}
