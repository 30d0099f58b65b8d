using System.Collections;
using System.Globalization;
using System.Text;

namespace Gateway.Tools.Files;

/// <summary>Compares two texts by lines.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    // Above this the comparison of the differing middle would cost more than it tells. Two million bytes remember that many decisions.
    private const long MostCells = 16_000_000;

    private enum Edit : byte
    {
        Keep,
        Remove,
        Add,
    }

    /// <summary>A file's name in a header: from the working directory where it lies below that, else absolute.</summary>
    public static string Name(string path, string workingDirectory)
    {
        string below = Path.GetRelativePath(workingDirectory, path);
        return below == ".." || below.StartsWith("../", StringComparison.Ordinal) ? path : below;
    }

    /// <summary>A unified diff; "" when the texts are equal.</summary>
    /// <param name="path">Name in the header.</param>
    /// <param name="before">Old text; null for a file that was not there.</param>
    /// <param name="after">New text; null for a file that is gone.</param>
    public static string Unified(string path, string? before, string? after) => before == after ? "" : Unified(path, path, before, after);

    /// <summary>A unified diff of a file that also may have another name; only a header when the texts are equal.</summary>
    /// <param name="oldPath">Old name.</param>
    /// <param name="newPath">New name.</param>
    /// <param name="before">Old text; null for a file that was not there.</param>
    /// <param name="after">New text; null for a file that is gone.</param>
    public static string Unified(string oldPath, string newPath, string? before, string? after)
    {
        var text = new StringBuilder();
        text.Append(before is null ? "--- /dev/null\n" : $"--- a/{oldPath.TrimStart('/')}\n");
        text.Append(after is null ? "+++ /dev/null\n" : $"+++ b/{newPath.TrimStart('/')}\n");
        if (before == after) return text.ToString();
        string[] old = Lines(before), now = Lines(after);
        var edits = Edits(old, now);
        for (int start = 0; start < edits.Count;)
        {
            int change = edits.FindIndex(start, edit => edit.Edit != Edit.Keep);
            if (change < 0) break;
            int from = Math.Max(start, change - Context), end = change, quiet = 0;
            for (int i = change; i < edits.Count && quiet <= 2 * Context; i++)
            {
                quiet = edits[i].Edit == Edit.Keep ? quiet + 1 : 0;
                if (quiet == 0) end = i + 1;
            }

            int to = Math.Min(edits.Count, end + Context);
            Hunk(text, edits, from, to, old, now);
            start = to;
        }

        return text.ToString();
    }

    private static void Hunk(StringBuilder text, List<(Edit Edit, int Old, int New)> edits, int from, int to, string[] old, string[] now)
    {
        var hunk = edits.GetRange(from, to - from);
        int removed = hunk.Count(edit => edit.Edit != Edit.Add), added = hunk.Count(edit => edit.Edit != Edit.Remove);
        int oldStart = hunk[0].Old + (removed > 0 ? 1 : 0), newStart = hunk[0].New + (added > 0 ? 1 : 0);
        text.Append(CultureInfo.InvariantCulture, $"@@ -{oldStart},{removed} +{newStart},{added} @@\n");
        foreach (var (edit, oldAt, newAt) in hunk)
        {
            char mark = edit switch { Edit.Keep => ' ', Edit.Remove => '-', _ => '+' };
            string line = edit == Edit.Add ? now[newAt] : old[oldAt];
            text.Append(mark).Append(line);
            if (!line.EndsWith('\n')) text.Append("\n\\ No newline at end of file\n");
        }
    }

    // Each line with its own end, so that a missing last one shows as a difference.
    private static string[] Lines(string? text)
    {
        if (string.IsNullOrEmpty(text)) return [];
        var lines = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return [.. lines];
    }

    private static List<(Edit Edit, int Old, int New)> Edits(string[] old, string[] now)
    {
        int head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head]) head++;
        int tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        var edits = new List<(Edit, int, int)>();
        for (int i = 0; i < head; i++) edits.Add((Edit.Keep, i, i));
        Middle(old, now, head, old.Length - tail, now.Length - tail, edits);
        for (int i = 0; i < tail; i++) edits.Add((Edit.Keep, old.Length - tail + i, now.Length - tail + i));
        return edits;
    }

    private static void Middle(string[] old, string[] now, int start, int oldEnd, int newEnd, List<(Edit, int, int)> edits)
    {
        int rows = oldEnd - start, columns = newEnd - start;
        int i = start, j = start;
        if (rows > 0 && columns > 0 && (long)rows * columns <= MostCells)
        {
            var removes = Decisions(Numbered(old[start..oldEnd], now[start..newEnd]));
            while (i < oldEnd && j < newEnd)
            {
                if (old[i] == now[j]) edits.Add((Edit.Keep, i++, j++));
                else if (removes[((i - start) * columns) + j - start]) edits.Add((Edit.Remove, i++, j));
                else edits.Add((Edit.Add, i, j++));
            }
        }

        while (i < oldEnd) edits.Add((Edit.Remove, i++, j));
        while (j < newEnd) edits.Add((Edit.Add, i, j++));
    }

    // Equal lines get equal numbers, which are faster to compare.
    private static (int[] Old, int[] New) Numbered(string[] old, string[] now)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return ([.. old.Select(Number)], [.. now.Select(Number)]);

        int Number(string line)
        {
            if (!numbers.TryGetValue(line, out int number)) numbers[line] = number = numbers.Count;
            return number;
        }
    }

    // Where two lines differ: whether leaving out the old one loses no more than leaving out the new one.
    private static BitArray Decisions((int[] Old, int[] New) lines)
    {
        var (old, now) = lines;
        var removes = new BitArray(old.Length * now.Length);
        int[] below = new int[now.Length + 1], row = new int[now.Length + 1];
        for (int a = old.Length - 1; a >= 0; a--)
        {
            for (int b = now.Length - 1; b >= 0; b--)
            {
                if (below[b] >= row[b + 1]) removes[(a * now.Length) + b] = true;
                row[b] = old[a] == now[b] ? below[b + 1] + 1 : Math.Max(below[b], row[b + 1]);
            }

            (below, row) = (row, below);
            row[^1] = 0;
        }

        return removes;
    }
}
