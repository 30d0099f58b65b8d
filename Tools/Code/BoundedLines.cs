using System.Buffers;

namespace Gateway.Tools.Code;

/// <summary>Reads lines of bytes, none longer than a limit, so that a sender without line ends costs no more memory than that.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="longest">Most bytes of a line, its end not counted.</param>
internal sealed class BoundedLines(Stream stream, int longest)
{
    private const int Piece = 16 * 1024;
    private readonly ArrayBufferWriter<byte> _held = new(Piece);
    private int _start;

    /// <summary>Whether a line was longer than the limit; nothing can be read any more then.</summary>
    public bool TooLong { get; private set; }

    /// <summary>The next line, without its end; valid until the next call. A last one may lack its end.</summary>
    /// <returns>Null at the end, or when a line is too long.</returns>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        int looked = 0;
        while (!TooLong)
        {
            var rest = _held.WrittenMemory[_start..];
            int end = rest.Span[looked..].IndexOf((byte)'\n');
            int length = end < 0 ? rest.Length : looked + end;
            if (length > longest)
            {
                TooLong = true;
                return null;
            }

            if (end >= 0)
            {
                _start += length + 1;
                return rest[..length];
            }

            looked = length;

            DropRead(rest);
            int count = await stream.ReadAsync(_held.GetMemory(Piece), cancellationToken);
            if (count == 0)
            {
                rest = _held.WrittenMemory[_start..];
                _start = _held.WrittenCount;

                // A conditional would make an empty line of null, which arrays convert from.
                if (rest.IsEmpty) return null;
                return rest;
            }

            _held.Advance(count);
        }

        return null;
    }

    // What was read makes room, but only when little has to be moved for it.
    private void DropRead(ReadOnlyMemory<byte> rest)
    {
        if (_start == 0 || rest.Length > Piece) return;
        byte[] kept = rest.ToArray();
        _held.ResetWrittenCount();
        _held.Write(kept);
        _start = 0;
    }
}
