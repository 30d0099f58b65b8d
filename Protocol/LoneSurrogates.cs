namespace Gateway.Protocol;

/// <summary>Escapes such as <c>\ud800</c> that are not half of a pair: JSON by its grammar, yet no text. Strict parsers
/// refuse them, and what a client sends is echoed and stored.</summary>
internal static class LoneSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>Puts <c>\ufffd</c> in the place of each, which is as long.</summary>
    /// <param name="json">JSON text, valid or not.</param>
    /// <returns>The same bytes when there is none, else a copy.</returns>
    public static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0) return json;
        byte[]? copy = null;
        int at = 0;
        while (json[at..].IndexOf((byte)'\\') is var distance and >= 0)
        {
            at += distance;
            int unit = Unit(json[at..]);
            bool pair = unit is >= 0xD800 and <= 0xDBFF && Unit(json[(at + EscapeLength)..]) is >= 0xDC00 and <= 0xDFFF;
            if (!pair && unit is >= 0xD800 and <= 0xDFFF)
            {
                copy ??= json.ToArray();
                "\\ufffd"u8.CopyTo(copy.AsSpan(at));
            }

            at = Math.Min(json.Length, at + (pair ? 2 * EscapeLength : unit >= 0 ? EscapeLength : 2));
        }

        return copy ?? json;
    }

    // The UTF-16 unit that an escape stands for; -1 when there is no such escape here.
    private static int Unit(ReadOnlySpan<byte> json)
    {
        if (json.Length < EscapeLength || json[0] != '\\' || json[1] != 'u') return -1;
        int unit = 0;
        foreach (byte digit in json[2..EscapeLength])
        {
            if (!char.IsAsciiHexDigit((char)digit)) return -1;
            unit = (unit << 4) | ((digit & 0xF) + (digit > '9' ? 9 : 0));
        }

        return unit;
    }
}
