using System.Globalization;
using System.Text;

namespace Gateway.Display;

/// <summary>Text for a person's terminal, with nothing in it that the terminal would carry out, or not show at all.</summary>
internal static class VisibleText
{
    private const char Escape = '\u001b';

    /// <summary>The text with control characters, those that change the direction of writing, and those that cannot be seen written as
    /// <c>\x1b</c> or <c>\u202e</c>. Line ends and tabs stay, and so do joiners and variation selectors where scripts and emoji need them.
    /// The very text that was given when there is nothing to replace.</summary>
    public static string Of(string text) => Clean(text, keepsColours: false);

    /// <summary>The same for text that carries colours on purpose: sequences that only set colours and styles (<c>ESC [ … m</c>) stay, and
    /// carriage returns become line ends.</summary>
    public static string Coloured(string text) => Clean(text.Contains('\r') ? text.ReplaceLineEndings("\n") : text, keepsColours: true);

    private static string Clean(string text, bool keepsColours)
    {
        // Most text is plain ASCII and leaves here.
        int at = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        StringBuilder? result = null;
        int kept = 0;
        while (at >= 0 && at < text.Length)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out int length) != System.Buffers.OperationStatus.Done || !IsHidden(text, at, rune))
            {
                at += length;
                continue;
            }

            if (keepsColours && ColourLength(text.AsSpan(at)) is > 0 and var colour)
            {
                at += colour;
                continue;
            }

            result ??= new StringBuilder(text.Length + 16);
            result.Append(text, kept, at - kept);
            foreach (char unit in text.AsSpan(at, length))
            {
                if (unit < 0x100) result.Append(CultureInfo.InvariantCulture, $"\\x{(int)unit:x2}");
                else result.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }

            kept = at += length;
        }

        return result is null ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    private static bool IsHidden(string text, int at, Rune rune) => rune.Value switch
    {
        '\n' or '\t' or (>= ' ' and <= '~') => false,
        0x2028 or 0x2029 => true,

        // Zero-width joiners and the combining grapheme joiner: at most one after a character that it can belong to.
        0x200C or 0x200D or 0x034F => !FollowsLetterOrSymbol(text, at),

        // Variation selectors: at most one after a character that is seen; a row of them carries text that nobody sees.
        (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180D) or 0x180F or (>= 0xE0100 and <= 0xE01EF) => !FollowsVisible(text, at),
        >= 0xE0020 and <= 0xE007F => !IsInFlag(text, at),
        0x3164 or 0xFFA0 or 0x17B4 or 0x17B5 or (>= 0xE0000 and <= 0xE0FFF) => true,

        // Signs of Arabic, Syriac and Kaithi that are format characters by name, and yet drawn.
        (>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD => false,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format,
    };

    private static bool FollowsLetterOrSymbol(string text, int at) =>
        Before(text, at) is { IsAscii: false } rune && (Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol) && rune.Value != 0x034F;

    private static bool FollowsVisible(string text, int at) => Before(text, at) is { } rune && !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune)
        && rune.Value is not (0x034F or (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180F) or (>= 0xE0000 and <= 0xE0FFF))
        && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format;

    private static Rune? Before(string text, int at) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var rune, out _) == System.Buffers.OperationStatus.Done ? rune : null;

    // The flags of England, Scotland and Wales are a black flag and letters that are not drawn.
    private static bool IsInFlag(string text, int at)
    {
        const int LastLetter = 2 + (5 * 2);
        int from = Math.Max(0, at - LastLetter);
        int flag = from + text.AsSpan(from, at - from).LastIndexOf("\U0001F3F4");
        if (flag < from) return false;
        var letters = text.AsSpan(flag + 2);
        return letters.StartsWith("\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F")
            || letters.StartsWith("\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F")
            || letters.StartsWith("\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F");
    }

    // ESC [ digits and semicolons m; the length of the sequence, 0 for anything else.
    private static int ColourLength(ReadOnlySpan<char> text)
    {
        if (text is not [Escape, '[', ..]) return 0;
        int end = 2;
        while (end < text.Length && text[end] is (>= '0' and <= '9') or ';' or ':') end++;
        return end < text.Length && text[end] == 'm' ? end + 1 : 0;
    }
}
