using System.Buffers;
using System.Text;

namespace Gateway.Tools;

/// <summary>Removes terminal control sequences (ECMA-48) from text.</summary>
internal static class AnsiText
{
    private const char Escape = '\u001b';
    private const char Bell = '\a';
    private const char StringTerminator = '\u009c';
    private static readonly SearchValues<char> Starts = SearchValues.Create(
        string.Concat(Enumerable.Range(0x80, 32).Select(code => (char)code).Prepend(Escape)));

    /// <summary>Whether there is anything to remove.</summary>
    public static bool HasSequences(ReadOnlySpan<char> text) => text.ContainsAny(Starts);

    /// <summary>The text without colour, cursor and title sequences in their 7-bit and 8-bit forms. A string sequence
    /// without an end loses its introducer only.</summary>
    public static string Strip(string text)
    {
        if (!HasSequences(text)) return text;

        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        var unterminated = false;
        while (!rest.IsEmpty)
        {
            var start = rest.IndexOfAny(Starts);
            if (start < 0) start = rest.Length;
            result.Append(rest[..start]);
            rest = rest[start..];
            if (!rest.IsEmpty) rest = rest[SequenceLength(rest, ref unterminated)..];
        }

        return result.ToString();
    }

    private static int SequenceLength(ReadOnlySpan<char> text, ref bool unterminated)
    {
        var seven = text[0] == Escape;
        if (seven && text.Length == 1) return 1;

        // An 8-bit introducer is the 7-bit one's second character plus 0x40.
        var kind = seven ? text[1] : (char)(text[0] - 0x40);
        var at = seven ? 2 : 1;
        switch (kind)
        {
            case '[':
                while (at < text.Length && text[at] is >= '0' and <= '?') at++;
                while (at < text.Length && text[at] is >= ' ' and <= '/') at++;
                return at < text.Length && text[at] is >= '@' and <= '~' ? at + 1 : at;
            case ']' or 'P' or 'X' or '^' or '_':
                var end = unterminated ? -1 : text[at..].IndexOfAny(Bell, StringTerminator, Escape);
                if (end < 0)
                {
                    unterminated = true;
                    return at;
                }

                end += at;
                return text[end] == Escape ? (end + 1 < text.Length && text[end + 1] == '\\' ? end + 2 : end) : end + 1;
            case >= ' ' and <= '/' when seven:
                while (at < text.Length && text[at] is >= ' ' and <= '/') at++;
                return Math.Min(at + 1, text.Length);
            case >= '0' and <= '~' when seven:
                return 2;
            default:
                return 1;
        }
    }
}
