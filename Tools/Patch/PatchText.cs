namespace Gateway.Tools.Patch;

/// <summary>What a patch does with a file.</summary>
internal enum PatchAction
{
    /// <summary>Changes parts of it.</summary>
    Update,

    /// <summary>Makes it.</summary>
    Add,

    /// <summary>Removes it.</summary>
    Delete,

    /// <summary>Gives it another place.</summary>
    Move,
}

/// <summary>One place of a file that changes.</summary>
/// <param name="Hint">A line above it; null for none.</param>
/// <param name="Old">Lines that are there.</param>
/// <param name="New">Lines that shall be there.</param>
internal sealed record PatchHunk(string? Hint, IReadOnlyList<string> Old, IReadOnlyList<string> New);

/// <summary>What happens to one file.</summary>
/// <param name="Action">What.</param>
/// <param name="Path">Which, as the model wrote it.</param>
/// <param name="Target">New place, for a move.</param>
/// <param name="Hunks">Changed places.</param>
/// <param name="Content">Content of a new file.</param>
internal sealed record FilePatch(PatchAction Action, string Path, string? Target, IReadOnlyList<PatchHunk> Hunks, string Content);

/// <summary>Reads patches in the format that models know as V4A (AGENT.md 10.5).</summary>
internal static class PatchText
{
    /// <summary>The files of a patch, or what is wrong with it.</summary>
    public static (IReadOnlyList<FilePatch> Files, string? Problem) Parse(string text)
    {
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        int start = Array.FindIndex(lines, line => line.Trim() == "*** Begin Patch");
        int end = Array.FindIndex(lines, Math.Max(0, start), line => line.Trim() == "*** End Patch");
        string[] body = lines[(start + 1)..(end < 0 ? lines.Length : end)];
        var files = new List<FilePatch>();
        for (int i = 0; i < body.Length;)
        {
            if (body[i].Trim().Length == 0)
            {
                i++;
                continue;
            }

            if (Header(body[i]) is not var (action, path, target)) return ([], $"Line {i + 1} of the patch belongs to no file: '{body[i]}'. Begin with *** Update File:, *** Add File:, *** Delete File: or *** Move File:.");
            int next = i + 1;
            while (next < body.Length && Header(body[next]) is null) next++;
            string[] content = body[(i + 1)..next];
            i = next;
            if (path.Length == 0 || (action == PatchAction.Move && string.IsNullOrEmpty(target))) return ([], "A file of the patch has no name.");
            if (action == PatchAction.Add) files.Add(new FilePatch(action, path, null, [], Added(content)));
            else files.Add(new FilePatch(action, path, target, action is PatchAction.Update or PatchAction.Move ? Hunks(content) : [], ""));
            if (action == PatchAction.Update && files[^1].Hunks.Count == 0) return ([], $"*** Update File: {path} changes nothing.");
        }

        return files.Count == 0 ? ([], "The patch names no file. It has to look like: *** Begin Patch, *** Update File: path, @@, lines that begin with ' ', '-' or '+', *** End Patch.") : (files, null);
    }

    private static (PatchAction Action, string Path, string? Target)? Header(string line)
    {
        line = line.TrimEnd();
        if (After(line, "*** Update File:") is { } updated) return (PatchAction.Update, updated, null);
        if (After(line, "*** Add File:") is { } added) return (PatchAction.Add, added, null);
        if (After(line, "*** Delete File:") is { } deleted) return (PatchAction.Delete, deleted, null);
        if (After(line, "*** Move File:") is not { } moved) return null;
        int arrow = moved.IndexOf("->", StringComparison.Ordinal);
        return arrow < 0 ? (PatchAction.Move, moved, null) : (PatchAction.Move, moved[..arrow].Trim(), moved[(arrow + 2)..].Trim());
    }

    private static string? After(string line, string prefix) => line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..].Trim() : null;

    private static string Added(string[] lines)
    {
        IEnumerable<string> kept = lines.Where(line => !line.StartsWith('\\'));
        if (lines.Length > 0 && lines[^1].Length == 0) kept = kept.SkipLast(1);
        string[] content = [.. kept.Select(line => line.StartsWith('+') ? line[1..] : line)];
        return content.Length == 0 ? "" : string.Join('\n', content) + "\n";
    }

    private static List<PatchHunk> Hunks(string[] lines)
    {
        var hunks = new List<PatchHunk>();
        string? hint = null;
        List<string> old = [], now = [];
        bool changes = false;
        int last = lines.Length;
        while (last > 0 && lines[last - 1].Length == 0) last--;
        foreach (string line in lines[..last])
        {
            if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                Close();
                hint = line.Trim('@', ' ') is { Length: > 0 } text && !IsPosition(text) ? text : null;
                continue;
            }

            if (line.StartsWith('\\') || line == "*** End of File") continue;
            char mark = line.Length == 0 ? ' ' : line[0];
            changes |= mark is '-' or '+';
            if (mark == '+') now.Add(line[1..]);
            else if (mark == '-') old.Add(line[1..]);
            else
            {
                // A blank line of the file needs no blank in front, and a line without a mark is one of the file.
                string context = mark == ' ' && line.Length > 0 ? line[1..] : line;
                old.Add(context);
                now.Add(context);
            }
        }

        Close();
        return hunks;

        void Close()
        {
            if (changes) hunks.Add(new PatchHunk(hint, old, now));
            (old, now, changes) = ([], [], false);
        }
    }

    // Line numbers of an ordinary diff say nothing about the words.
    private static bool IsPosition(string text) => text.StartsWith('-') && text.Contains('+', StringComparison.Ordinal) && text.Any(char.IsAsciiDigit);
}
