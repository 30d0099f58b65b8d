using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Protocol;

/// <summary>Escapes what JSON demands (quote, backslash, control characters) and, beyond that, only U+2028 and U+2029,
/// at which newer line readers of Node split a frame. Everything else goes out as UTF-8; lone surrogates become U+FFFD.</summary>
internal sealed unsafe class WireEncoder : JavaScriptEncoder
{
    private readonly SearchValues<char> _ascii = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017"
        + "\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\");

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        int ascii = span.IndexOfAny(_ascii);
        int other = FirstOther(ascii < 0 ? span : span[..ascii]);
        return other < 0 ? ascii : other;
    }

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) =>
        unicodeScalar is < 0x20 or '"' or '\\' or 0x2028 or 0x2029 or (>= 0xD800 and <= 0xDFFF);

    /// <inheritdoc/>
    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var output = new Span<char>(buffer, bufferLength);
        if (!WillEncode(unicodeScalar)) return new Rune(unicodeScalar).TryEncodeToUtf16(output, out numberOfCharactersWritten);
        char letter = unicodeScalar switch
        {
            '"' => '"',
            '\\' => '\\',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\b' => 'b',
            '\f' => 'f',
            _ => 'u',
        };
        numberOfCharactersWritten = letter == 'u' ? 6 : 2;
        if (bufferLength < numberOfCharactersWritten)
        {
            numberOfCharactersWritten = 0;
            return false;
        }

        output[0] = '\\';
        output[1] = letter;
        return letter != 'u' || unicodeScalar.TryFormat(output[2..], out _, "x4");
    }

    // The separators, and surrogates that are not one half of a pair. Most text is plain and leaves at the first line.
    private static int FirstOther(ReadOnlySpan<char> span)
    {
        if (Ascii.IsValid(span)) return -1;
        for (int i = 0; i < span.Length; i++)
        {
            if (span[i] < '\u2028') continue;
            if (span[i] <= '\u2029') return i;
            if (!char.IsSurrogate(span[i])) continue;
            bool pair = char.IsHighSurrogate(span[i]) && i + 1 < span.Length && char.IsLowSurrogate(span[i + 1]);
            if (!pair) return i;
            i++;
        }

        return -1;
    }
}
