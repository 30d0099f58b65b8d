using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Protocol;

/// <summary>Escapes what JSON demands (quote, backslash, control characters) and, beyond that, only U+2028 and U+2029,
/// at which newer line readers of Node split a frame. Everything else goes out as UTF-8; lone surrogates become U+FFFD.</summary>
internal sealed unsafe class WireEncoder : JavaScriptEncoder
{
    private readonly SearchValues<char> _special;

    /// <summary>Creates the encoder; one serves the process.</summary>
    public WireEncoder()
    {
        Span<char> special = stackalloc char[0x20 + 4 + 0x800];
        int count = 0;
        for (char c = '\0'; c < 0x20; c++) special[count++] = c;
        special[count++] = '"';
        special[count++] = '\\';
        special[count++] = '\u2028';
        special[count++] = '\u2029';
        for (int c = 0xD800; c <= 0xDFFF; c++) special[count++] = (char)c;
        _special = SearchValues.Create(special);
    }

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        int from = 0;
        while (from < textLength)
        {
            int at = span[from..].IndexOfAny(_special);
            if (at < 0) return -1;
            from += at;
            bool pair = char.IsHighSurrogate(span[from]) && from + 1 < textLength && char.IsLowSurrogate(span[from + 1]);
            if (!pair) return from;
            from += 2;
        }

        return -1;
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
}
