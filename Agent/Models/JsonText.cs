using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>A reusable character buffer for decoding JSON strings without allocating per string.
/// Not thread-safe; <see cref="Dispose"/> gives the buffer back.</summary>
internal sealed class JsonText : IDisposable
{
    private char[] _chars = ArrayPool<char>.Shared.Rent(1024);

    /// <summary>The characters of a string token; valid until the next call. Unlike the framework's own decoding it accepts
    /// lone surrogates (kept) and invalid UTF-8 (U+FFFD), because streams are cut in the middle of characters in practice.</summary>
    public ReadOnlySpan<char> Decode(scoped ref readonly Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> value = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        if (_chars.Length < value.Length)
        {
            ArrayPool<char>.Shared.Return(_chars);
            _chars = ArrayPool<char>.Shared.Rent(value.Length);
        }

        var written = reader.ValueIsEscaped ? Unescape(value, _chars) : Encoding.UTF8.GetChars(value, _chars);
        return _chars.AsSpan(0, written);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        _chars = [];
    }

    /// <summary>Decodes the inside of a JSON string that is known to be well formed; lone surrogates are kept.</summary>
    /// <param name="source">The bytes between the quotes.</param>
    /// <param name="destination">At least as many characters as <paramref name="source"/> has bytes.</param>
    /// <returns>Characters written.</returns>
    public static int Unescape(ReadOnlySpan<byte> source, Span<char> destination)
    {
        var written = 0;
        while (!source.IsEmpty)
        {
            var backslash = source.IndexOf((byte)'\\');
            if (backslash < 0 || backslash + 1 >= source.Length)
            {
                return written + Encoding.UTF8.GetChars(source, destination[written..]);
            }

            written += Encoding.UTF8.GetChars(source[..backslash], destination[written..]);
            var escape = source[backslash + 1];
            source = source[(backslash + 2)..];
            destination[written++] = escape switch
            {
                (byte)'n' => '\n',
                (byte)'t' => '\t',
                (byte)'r' => '\r',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'u' => TakeHex(ref source),
                _ => (char)escape,
            };
        }

        return written;
    }

    /// <summary>The text with every lone surrogate replaced by U+FFFD; the same instance when there is none.</summary>
    public static string WithoutLoneSurrogates(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
                continue;
            }

            return Replace(text, i);
        }

        return text;
    }

    private static string Replace(string text, int first) => string.Create(text.Length, (text, first), static (target, state) =>
    {
        state.text.CopyTo(target);
        for (var i = state.first; i < target.Length; i++)
        {
            if (i + 1 < target.Length && char.IsSurrogatePair(target[i], target[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(target[i]))
            {
                target[i] = '\uFFFD';
            }
        }
    });

    private static char TakeHex(ref ReadOnlySpan<byte> source)
    {
        if (source.Length < 4)
        {
            source = [];
            return '\uFFFD';
        }

        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            value = (value << 4) | HexDigit(source[i]);
        }

        source = source[4..];
        return (char)value;
    }

    private static int HexDigit(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => 0,
    };
}
