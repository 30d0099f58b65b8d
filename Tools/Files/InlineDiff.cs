using System.Globalization;
using System.Text;

namespace Gateway.Tools.Files;

/// <summary>A unified diff in colours, cut to what a client shows (AGENT.md section 9).</summary>
internal static class InlineDiff
{
    private const int MostFiles = 6;
    private const int MostLines = 80;
    private const string Reset = "\e[0m";

    /// <summary>The coloured diff; null when there is none.</summary>
    public static string? Of(string diff)
    {
        if (diff.Length == 0) return null;
        var text = new StringBuilder();
        int lines = 0, files = 0, omitted = 0, sections = 0;
        bool counted = false;
        foreach (string line in diff.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("--- ", StringComparison.Ordinal))
            {
                files++;
                counted = false;
            }

            if (files > MostFiles || lines >= MostLines)
            {
                omitted++;
                if (!counted) sections++;
                counted = true;
                continue;
            }

            lines++;
            text.Append(Colour(line)).Append(line).Append(Reset).Append('\n');
        }

        if (omitted > 0) text.Append(CultureInfo.InvariantCulture, $"\e[2m… omitted {omitted} diff line(s) across {sections} additional file(s)/section(s){Reset}\n");
        return text.ToString().TrimEnd('\n');
    }

    private static string Colour(string line) =>
        line.StartsWith("--- ", StringComparison.Ordinal) || line.StartsWith("+++ ", StringComparison.Ordinal) ? "\e[1m"
        : line.StartsWith("@@", StringComparison.Ordinal) ? "\e[36m"
        : line.StartsWith('+') ? "\e[32m"
        : line.StartsWith('-') ? "\e[31m"
        : "\e[2m";
}
