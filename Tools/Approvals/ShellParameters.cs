using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>The values of parameters: <c>$x</c>, <c>${x:-y}</c>, <c>${x:0:1}</c> and their like.</summary>
internal sealed partial class ShellScope
{
    private static readonly SearchValues<char> PatternSigns = SearchValues.Create("*?[\\$`\"'");

    /// <summary>Reads the parameter after a <c>$</c>.</summary>
    /// <param name="rest">What follows it.</param>
    /// <param name="length">How many characters belong to it; 0 when it is no parameter, or a plain one whose value is not known.</param>
    /// <returns>Its value; <see cref="UnreadText.Whole"/> when it only shows when the script runs.</returns>
    public string Read(ReadOnlySpan<char> rest, out int length)
    {
        length = 0;
        if (rest.Length == 0) return "";
        if (rest[0] is '@' or '*' or (>= '1' and <= '9'))
        {
            // Positional parameters: empty in a fresh shell.
            length = 1;

            // $* is put together with the first separator.
            if (rest[0] == '*' && Get("IFS") is not null) return UnreadText.Whole;
            return Get(rest[0] == '*' ? "@" : rest[..1].ToString()) ?? "";
        }

        if (rest[0] == '{') return ReadBraced(rest, out length);
        int end = NameLength(rest);
        if (end == 0 || Get(rest[..end].ToString()) is not { } value) return rest[..end] is "_" ? Unread(end, out length) : "";
        length = end;
        return value;
    }

    private string ReadBraced(ReadOnlySpan<char> rest, out int length)
    {
        length = 0;
        int close = Closing(rest[..Math.Min(rest.Length, LongestValue)]);
        LostTrack |= close < 0 && rest.Length > LongestValue;
        if (close < 0) return "";
        if (rest.Length > 1 && rest[1] == '!') return Indirect(rest[..(close + 1)], out length);
        var inside = rest[1..close];
        int end = NameLength(inside);
        if (inside is [>= '0' and <= '9', ..]) end = inside.IndexOfAnyExceptInRange('0', '9') is >= 0 and var digits ? digits : inside.Length;
        else if (inside is ['@' or '*', ..]) end = 1;
        if (end == 1 && inside[0] is '@' or '*' && inside.Length > 1) return Unread(close + 1, out length);
        string name = inside[..end].ToString(), change = inside[end..].ToString();
        if (end == 0) return inside is ['#', ..] ? Known("0", close + 1, out length) : change.Length > 1 ? Unread(close + 1, out length) : "";
        string? value = Get(name) ?? (name is "@" or "*" or "1" or "2" or "3" ? "" : null);

        // All of these begin at the root.
        bool isSetPath = name is "PATH" or "HOME" or "PWD" or "SHELL" or "path" or "home" or "pwd" or "shell";
        if (isSetPath && change == ":0:1") return Known("/", close + 1, out length);
        if (value is not { Length: > 0 } && Fallback().Match(change) is { Success: true } given)
        {
            value = WithoutQuotes(given.Groups[1].Value);
            if (change.TrimStart(':').StartsWith('=')) Set(name, value);
            return Known(value, close + 1, out length);
        }

        // Whether the other value is taken is not known, so it is.
        if (Alternative().Match(change) is { Success: true } other) return Known(value is "" && change[0] == ':' ? "" : WithoutQuotes(other.Groups[1].Value), close + 1, out length);
        if (change.Length == 0) return value is null ? "" : Known(value, close + 1, out length);
        if (value is null) return Unread(close + 1, out length);
        if (!UnreadText.IsIn(value)) return Known(Changed(value, change), close + 1, out length);

        // Of a whole list whose first word is known the name is known.
        return Known(change is "[@]" or "[*]" && value[0] is not ('$' or UnreadText.Mark) ? value : UnreadText.Whole, close + 1, out length);
    }

    private static string WithoutQuotes(string text) => text.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);

    private static string Known(string value, int end, out int length)
    {
        length = end;
        return value;
    }

    private static string Unread(int end, out int length) => Known(UnreadText.Whole, end, out length);

    private static int NameLength(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        return end > 0 && char.IsAsciiDigit(text[0]) ? 1 : end;
    }

    // Index of the brace that closes the first one.
    private static int Closing(ReadOnlySpan<char> text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\') at++;
            else if (text[at] == '{') depth++;
            else if (text[at] == '}' && --depth == 0) return at;
        }

        return text.IndexOf('}');
    }

    private string Indirect(ReadOnlySpan<char> braced, out int length)
    {
        string? value = Get(braced[2..^1].ToString()) is { } name ? Get(name) : null;
        return value is null ? Unread(braced.Length, out length) : Known(value, braced.Length, out length);
    }

    private static string Changed(string value, string change)
    {
        if (Slice().Match(change) is { Success: true } slice)
        {
            int from = Math.Clamp(int.Parse(slice.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 0, value.Length);
            int count = slice.Groups[2].Success ? int.Parse(slice.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : value.Length;
            return value.Substring(from, Math.Min(count, value.Length - from));
        }

        if (Swap().Match(change) is { Success: true } swap && IsLiteral(swap.Groups[2].Value))
        {
            if (PipedText.Swapped(value, swap.Groups[2].Value, swap.Groups[3].Value) is not { } all) return UnreadText.Whole;
            int first = value.IndexOf(swap.Groups[2].Value, StringComparison.Ordinal);
            if (swap.Groups[1].Length > 1 || first < 0) return all;
            return string.Concat(value.AsSpan(0, first), swap.Groups[3].Value, value.AsSpan(first + swap.Groups[2].Length));
        }

        return change switch
        {
            ['[', .., ']'] or ":" => value,
            ",," => value.ToLowerInvariant(),
            "^^" => value.ToUpperInvariant(),
            "," => value.Length == 0 ? "" : char.ToLowerInvariant(value[0]) + value[1..],
            "^" => value.Length == 0 ? "" : char.ToUpperInvariant(value[0]) + value[1..],
            "@E" => ShellQuotes.DecodeAnsi(value),
            "@P" or "@Q" or "@L" or "@U" => change == "@L" ? value.ToLowerInvariant() : change == "@U" ? value.ToUpperInvariant() : value,
            ['#', .. var head] when IsLiteral(head) && value.StartsWith(head.TrimStart('#'), StringComparison.Ordinal) => value[head.TrimStart('#').Length..],
            ['%', .. var tail] when IsLiteral(tail) && value.EndsWith(tail.TrimStart('%'), StringComparison.Ordinal) => value[..^tail.TrimStart('%').Length],
            ['#' or '%', .. var none] when IsLiteral(none) => value,
            [':', '-' or '=' or '?', ..] or ['-' or '=' or '?', ..] => value,
            _ => UnreadText.Whole,
        };
    }

    private static bool IsLiteral(string pattern) => pattern.AsSpan().IndexOfAny(PatternSigns) < 0;

    [GeneratedRegex("^:?[-=](.*)$", RegexOptions.Singleline)]
    private static partial Regex Fallback();

    [GeneratedRegex(@"^:?\+(.*)$", RegexOptions.Singleline)]
    private static partial Regex Alternative();

    [GeneratedRegex("^: ?([0-9]{1,4})(?::([0-9]{1,4}))?$")]
    private static partial Regex Slice();

    [GeneratedRegex("^(//?)([^/#%][^/]*)(?:/(.*))?$", RegexOptions.Singleline)]
    private static partial Regex Swap();
}
