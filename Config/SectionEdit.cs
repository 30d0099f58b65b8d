using System.Text;

namespace Gateway.Config;

/// <summary>Replaces one top-level section of a YAML text; all other lines stay byte for byte.</summary>
internal static class SectionEdit
{
    /// <summary>The text with the section as it shall be. Whoever calls checks that the result says what it should.</summary>
    /// <param name="text">The file.</param>
    /// <param name="name">Key of the section, a plain word.</param>
    /// <param name="section">A map of lists of texts.</param>
    /// <param name="present">Whether the file has the section.</param>
    /// <returns>Null when it is not written as a plain key at the start of a line.</returns>
    public static string? Replace(string text, string name, ConfigNode section, bool present)
    {
        string end = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var block = new StringBuilder(name).Append(':').Append(end);
        foreach (var (key, list) in section.Entries)
        {
            block.Append("  ").Append(Word(key)).Append(": [").AppendJoin(", ", list.Items.Select(item => Word(item.AsString() ?? ""))).Append(']').Append(end);
        }

        var lines = Lines(text);
        int start = lines.FindIndex(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        if (start < 0 && present) return null;
        if (start < 0)
        {
            string gap = text.Length == 0 || text.EndsWith('\n') ? "" : end;
            return text + gap + block;
        }

        int next = start + 1;
        while (next < lines.Count && (lines[next].Trim().Length == 0 || lines[next][0] is ' ' or '\t' or '-')) next++;

        // Blank lines belong to what follows.
        while (next > start + 1 && lines[next - 1].Trim().Length == 0) next--;
        return string.Concat(lines[..start]) + block + string.Concat(lines[next..]);
    }

    private static string Word(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-') && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            ? text
            : AllowlistEdit.Quote(text);

    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int at = text.IndexOf('\n', start);
            at = at < 0 ? text.Length : at + 1;
            lines.Add(text[start..at]);
            start = at;
        }

        return lines;
    }
}
