using System.Text;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>Replaces a piece of a text by another.</summary>
internal static class Replacement
{
    private const int Neighbours = 3;
    private const double Similar = 0.5;

    // About a second's worth.
    private const long MostSteps = 500_000_000;

    /// <summary>The new text, and how many places changed; or what is wrong.</summary>
    /// <param name="text">The file.</param>
    /// <param name="old">What stands there.</param>
    /// <param name="replacement">What shall stand there.</param>
    /// <param name="all">Whether every place changes; otherwise there has to be exactly one.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static (string? Text, int Count, string? Problem) Apply(string text, string old, string replacement, bool all, CancellationToken cancellationToken = default)
    {
        if (old.Length == 0) return (null, 0, "old_string cannot be empty");
        if (old == replacement) return (null, 0, "old_string and new_string are identical");
        var effort = new Effort(MostSteps, cancellationToken);
        var found = FuzzyMatch.Find(text, old, effort, out bool exact);
        if (found.Count == 0) return (null, 0, NotFound(text, old, effort));
        if (found.Count > 1 && !all) return (null, 0, $"Found {found.Count} matches for old_string. Provide more context to make it unique, or use replace_all=True.");
        return Replaced(text, old, replacement, found, exact);
    }

    /// <summary>Changes the first place from a position on, for pieces that are not unique.</summary>
    /// <inheritdoc cref="Apply"/>
    public static (string? Text, int Count, string? Problem) ApplyFirst(string text, int from, string old, string replacement, CancellationToken cancellationToken)
    {
        string rest = text[from..];
        var effort = new Effort(MostSteps, cancellationToken);
        var found = FuzzyMatch.Find(rest, old, effort, out bool exact);
        if (found.Count == 0) return (null, 0, NotFound(rest, old, effort));
        var (changed, count, problem) = Replaced(rest, old, replacement, [found[0]], exact);
        return (changed is null ? null : string.Concat(text.AsSpan(0, from), changed), count, problem);
    }

    private static (string? Text, int Count, string? Problem) Replaced(string text, string old, string replacement, IReadOnlyList<Stretch> found, bool exact)
    {
        if (!exact && Drifts(text, old, replacement)) return (null, 0, "old_string and new_string hold escaped quotes (\\' or \\\") that the file does not have. Write them without the backslash.");
        var result = new StringBuilder(text.Length + replacement.Length);
        int from = 0;
        foreach (var place in found)
        {
            string piece = replacement;
            if (!exact) piece = Indented(piece.Trim('\n'), old.Trim('\n'), text.Substring(place.Start, place.Length));
            result.Append(text, from, place.Start - from).Append(piece);
            from = place.Start + place.Length;
        }

        return (result.Append(text, from, text.Length - from).ToString(), found.Count, null);
    }

    // What was found by its words alone may stand deeper in the file than the model wrote it.
    private static string Indented(string replacement, string old, string found)
    {
        string want = Indent(old), has = Indent(found);
        if (want == has) return replacement;
        if (has.StartsWith(want, StringComparison.Ordinal))
        {
            string more = has[want.Length..];
            return string.Join('\n', replacement.Split('\n').Select(line => line.Length == 0 ? line : more + line));
        }

        if (!want.StartsWith(has, StringComparison.Ordinal)) return replacement;
        string less = want[has.Length..];
        return string.Join('\n', replacement.Split('\n').Select(line => line.StartsWith(less, StringComparison.Ordinal) ? line[less.Length..] : line));
    }

    private static string Indent(string text)
    {
        string line = text.Split('\n').FirstOrDefault(one => one.Trim().Length > 0) ?? "";
        return line[..^line.TrimStart().Length];
    }

    private static bool Drifts(string text, string old, string replacement) =>
        new[] { "\\'", "\\\"" }.Any(escape => old.Contains(escape, StringComparison.Ordinal)
            && replacement.Contains(escape, StringComparison.Ordinal) && !text.Contains(escape, StringComparison.Ordinal));

    private static string NotFound(string text, string old, Effort effort)
    {
        const string message = "Could not find a match for old_string in the file";
        if (effort.IsSpent) return message + "\n\nThere is too much text to look for something similar. Copy the lines exactly as they stand there, or take fewer of them.";
        string first = old.Split('\n').FirstOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "";
        string[] lines = text.Split('\n');
        if (lines.Length > 20_000 || first.Length is 0 or > 400) return message;
        int[] near =
        [
            .. Enumerable.Range(0, lines.Length)
                .Where(i => lines[i].Length < 1000)
                .Select(i => (At: i, Score: Likeness.AtLeast(lines[i].Trim(), first, Similar, effort)))
                .Where(scored => scored.Score is not null)
                .OrderByDescending(scored => scored.Score)
                .Take(Neighbours)
                .Select(scored => scored.At),
        ];
        if (near.Length == 0) return message;
        var sections = near.Select(at => string.Join('\n', Enumerable.Range(Math.Max(0, at - 1), Math.Min(lines.Length, at + 3) - Math.Max(0, at - 1)).Select(i => $"{i + 1,6}|{lines[i]}")));
        return $"{message}\n\nDid you mean one of these sections?\n{string.Join("\n---\n", sections)}";
    }
}
