using System.Text;

namespace Gateway.Config;

/// <summary>Reads the .env format: <c>KEY=value</c>, comments, optional <c>export</c>, quotes (CONFIG.md 1).</summary>
internal static class DotEnvFile
{
    /// <summary>The assignments in file order. Lines that are not assignments are passed over.</summary>
    public static IReadOnlyList<(string Name, string Value)> Parse(string text) => [.. Lines(text).SelectMany(line => line.Assigned)];

    /// <summary>Where each line begins and ends, without its line end, and what it assigns: nothing, a value, or several that were glued
    /// together. A quoted value may span several lines of the file.</summary>
    public static IReadOnlyList<(int Start, int End, IReadOnlyList<(string Name, string Value)> Assigned)> Lines(string text)
    {
        var lines = new List<(int, int, IReadOnlyList<(string, string)>)>();
        var position = 0;
        while (position < text.Length)
        {
            var end = text.AsSpan(position).IndexOfAny('\r', '\n');
            var lineEnd = end < 0 ? text.Length : position + end;
            var found = new List<(string, string)>();
            lineEnd = Math.Max(ParseLine(text, position, lineEnd, found), lineEnd);
            lines.Add((position, lineEnd, found));
            position = lineEnd + 1;
        }

        return lines;
    }

    // Returns where parsing stopped, which lies beyond the line when a quoted value spans several.
    private static int ParseLine(string text, int start, int end, List<(string, string)> found)
    {
        var line = text.AsSpan(start, end - start);
        var offset = start + (line.Length - line.TrimStart().Length);
        line = line.Trim();
        if (line.StartsWith("export ") || line.StartsWith("export\t"))
        {
            var rest = line[7..].TrimStart();
            offset += line.Length - rest.Length;
            line = rest;
        }

        var equals = line.IndexOf('=');
        if (equals <= 0 || line[0] == '#')
        {
            return end;
        }

        var name = line[..equals].TrimEnd();
        if (!IsName(name))
        {
            return end;
        }

        var valueStart = offset + equals + 1;
        while (valueStart < end && text[valueStart] is ' ' or '\t')
        {
            valueStart++;
        }

        if (valueStart < end && text[valueStart] is '"' or '\'' && ReadQuoted(text, valueStart, out var quoted) is var after && after >= 0)
        {
            found.Add((name.ToString(), quoted));
            var lineBreak = text.AsSpan(after).IndexOfAny('\r', '\n');
            return lineBreak < 0 ? text.Length : after + lineBreak;
        }

        AddPlain(name.ToString(), text[valueStart..Math.Max(valueStart, end)], found);
        return end;
    }

    // Editors without a final newline glue the next appended assignment to the last value.
    private static void AddPlain(string name, string value, List<(string, string)> found)
    {
        for (var equals = value.IndexOf('='); equals >= 0; equals = value.IndexOf('=', equals + 1))
        {
            var known = KnownNameEndingAt(value, equals);
            if (known is not null && (equals == known.Length || value[equals - known.Length - 1] is not ('?' or '&')))
            {
                found.Add((name, CutComment(value[..(equals - known.Length)])));
                AddPlain(known, value[(equals + 1)..], found);
                return;
            }
        }

        found.Add((name, CutComment(value)));
    }

    private static string? KnownNameEndingAt(string value, int end)
    {
        string? longest = null;
        foreach (var candidate in ProviderCatalog.KnownVariables())
        {
            if (candidate.Length <= end && candidate.Length > (longest?.Length ?? 0)
                && string.CompareOrdinal(value, end - candidate.Length, candidate, 0, candidate.Length) == 0)
            {
                longest = candidate;
            }
        }

        return longest;
    }

    private static string CutComment(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '#' && (i == 0 || char.IsWhiteSpace(value[i - 1])))
            {
                return value[..i].Trim();
            }
        }

        return value.Trim();
    }

    // Returns the index after the closing quote, or -1 when there is none and the quote is part of the value.
    private static int ReadQuoted(string text, int start, out string value)
    {
        var quote = text[start];
        var builder = new StringBuilder();
        for (var i = start + 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == quote)
            {
                value = builder.ToString();
                return i + 1;
            }

            if (c == '\\' && i + 1 < text.Length)
            {
                i++;
                builder.Append(Unescape(text[i], quote));
            }
            else
            {
                builder.Append(c);
            }
        }

        value = "";
        return -1;
    }

    private static string Unescape(char c, char quote) => (c, quote) switch
    {
        ('\\', _) => "\\",
        ('\'', '\'') => "'",
        ('"', '"') => "\"",
        ('n', '"') => "\n",
        ('r', '"') => "\r",
        ('t', '"') => "\t",
        _ => "\\" + c,
    };

    /// <summary>Whether it can be the name of a variable.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
