using System.Globalization;
using System.Text;

namespace Gateway.Rpc;

/// <summary>Texts that a user decides about, with nothing in them that a terminal would carry out instead of showing it.</summary>
internal static class VisibleText
{
    /// <summary>The text with control characters and those that change the direction of writing or cannot be seen as <c>\x1b</c> or
    /// <c>\u202e</c>; line ends and tabs stay. The very text that was given when it has none.</summary>
    public static string Of(string text)
    {
        int first = 0;
        while (first < text.Length && !IsHidden(text, first)) first++;
        if (first == text.Length) return text;
        var result = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (int at = first; at < text.Length; at++)
        {
            if (!IsHidden(text, at)) result.Append(text[at]);
            else if (text[at] < 0x100) result.Append(CultureInfo.InvariantCulture, $"\\x{(int)text[at]:x2}");
            else result.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
        }

        return result.ToString();
    }

    private static bool IsHidden(string text, int at) => text[at] switch
    {
        '\n' or '\t' => false,
        '\u2028' or '\u2029' => true,

        // Joiners hold emoji and scripts together, but between letters of a command they only hide.
        _ => CharUnicodeInfo.GetUnicodeCategory(text, at) is UnicodeCategory.Control or UnicodeCategory.Format
            || (char.IsLowSurrogate(text[at]) && at > 0 && char.IsHighSurrogate(text[at - 1]) && CharUnicodeInfo.GetUnicodeCategory(text, at - 1) == UnicodeCategory.Format),
    };
}
