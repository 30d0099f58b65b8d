using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Files;

/// <summary>A unified diff in colours, cut to what a client shows (WIRE.md 10.4).</summary>
internal static partial class InlineDiff
{
    private const int MostFiles = 6;
    private const int MostLines = 80;

    // The colours of the default skin.
    private const string FileColour = "\e[38;2;218;165;32m";
    private const string HunkColour = "\e[38;2;139;134;130m";
    private const string ContextColour = "\e[38;2;184;134;11m";
    private const string MinusColour = "\e[38;2;255;255;255;48;2;83;28;28m";
    private const string PlusColour = "\e[38;2;255;255;255;48;2;26;61;27m";
    private const string Reset = "\e[0m";

    /// <summary>The coloured diff; null when there is none.</summary>
    /// <param name="diff">A diff as <see cref="LineDiff"/> writes it, of any number of files.</param>
    public static string? Of(string diff)
    {
        if (diff.Length == 0) return null;
        var text = new StringBuilder("  ┊ review diff");
        int shown = 0, files = 0, omitted = 0, skipped = 0;
        foreach (var (line, colour, begins) in Lines(diff.TrimEnd('\n').Split('\n')))
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
            text.Append('\n').Append(colour).Append(line).Append(Reset);
        }

        if (omitted == 0) return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $"\n{ContextColour}… omitted {omitted} diff line(s)");
        if (skipped > 0) text.Append(CultureInfo.InvariantCulture, $" across {skipped} additional file(s)/section(s)");
        return text.Append(Reset).ToString();
    }

    // Only outside of a hunk is a line with --- a header: inside it is a removed one that begins with two hyphens.
    private static IEnumerable<(string Line, string Colour, bool BeginsFile)> Lines(string[] lines)
    {
        int removed = 0, added = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            bool inHunk = removed > 0 || added > 0;
            if (!inHunk && line.StartsWith("--- ", StringComparison.Ordinal) && i + 1 < lines.Length && lines[i + 1].StartsWith("+++ ", StringComparison.Ordinal))
            {
                yield return ($"{line[4..]} → {lines[++i][4..]}", FileColour, true);
                continue;
            }

            if (!inHunk && HunkHead().Match(line) is { Success: true } head)
            {
                removed = Count(head.Groups[1]);
                added = Count(head.Groups[2]);
                yield return (line, HunkColour, false);
                continue;
            }

            char mark = inHunk && line.Length > 0 ? line[0] : ' ';
            if (inHunk && mark is not ('+' or '\\')) removed--;
            if (inHunk && mark is not ('-' or '\\')) added--;
            yield return (line, mark switch { '-' => MinusColour, '+' => PlusColour, _ => ContextColour }, false);
        }
    }

    private static int Count(Group figure) => !figure.Success ? 1 : int.TryParse(figure.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;

    [GeneratedRegex(@"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", RegexOptions.CultureInvariant)]
    private static partial Regex HunkHead();
}
