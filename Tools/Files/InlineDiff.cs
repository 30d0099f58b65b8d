using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Display;

namespace Gateway.Tools.Files;

/// <summary>A unified diff in colours, cut to what a client shows (WIRE.md 10.4).</summary>
internal static partial class InlineDiff
{
    private const int MostFiles = 6;
    private const int MostLines = 80;

    private const string Reset = "\e[0m";

    /// <summary>The coloured diff; null when there is none.</summary>
    /// <param name="diff">A diff as <see cref="LineDiff"/> writes it, of any number of files.</param>
    /// <param name="colours">Its colours; null for those of the default skin.</param>
    public static string? Of(string diff, DiffColours? colours = null)
    {
        if (diff.Length == 0) return null;
        colours ??= DiffColours.Default;
        var text = new StringBuilder("  ┊ review diff");
        int shown = 0, files = 0, omitted = 0, skipped = 0;
        foreach (var (line, colour, begins) in Lines(diff.TrimEnd('\n').Split('\n'), colours))
        {
            bool full = shown >= MostLines || (begins && files >= MostFiles) || skipped > 0;
            if (begins && full) skipped++;
            else if (begins) files++;
            if (full)
            {
                omitted++;
                continue;
            }

            shown++;

            // Of control sequences only our own colours may reach the terminal, none from the files.
            text.Append('\n').Append(colour).Append(VisibleText.Of(line.EndsWith('\r') ? line[..^1] : line)).Append(Reset);
        }

        if (omitted == 0) return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $"\n{colours.Context}… omitted {omitted} diff line(s)");
        if (skipped > 0) text.Append(CultureInfo.InvariantCulture, $" across {skipped} additional file(s)/section(s)");
        return text.Append(Reset).ToString();
    }

    // Only outside of a hunk is a line with --- a header: inside it is a removed one that begins with two hyphens.
    private static IEnumerable<(string Line, string Colour, bool BeginsFile)> Lines(string[] lines, DiffColours colours)
    {
        int removed = 0, added = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            bool inHunk = removed > 0 || added > 0;
            if (!inHunk && line.StartsWith("--- ", StringComparison.Ordinal) && i + 1 < lines.Length && lines[i + 1].StartsWith("+++ ", StringComparison.Ordinal))
            {
                yield return ($"{line[4..]} → {lines[++i][4..]}", colours.File, true);
                continue;
            }

            if (!inHunk && HunkHead().Match(line) is { Success: true } head)
            {
                removed = Count(head.Groups[1]);
                added = Count(head.Groups[2]);
                yield return (line, colours.Hunk, false);
                continue;
            }

            char mark = inHunk && line.Length > 0 ? line[0] : ' ';
            if (inHunk && mark is not ('+' or '\\')) removed--;
            if (inHunk && mark is not ('-' or '\\')) added--;
            yield return (line, mark switch { '-' => colours.Minus, '+' => colours.Plus, _ => colours.Context }, false);
        }
    }

    private static int Count(Group figure) => !figure.Success ? 1 : int.TryParse(figure.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;

    [GeneratedRegex(@"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", RegexOptions.CultureInvariant)]
    private static partial Regex HunkHead();
}
