using System.Buffers;

namespace Gateway.Transport;

/// <summary>Splits a stream of bytes into lines. Input without a final newline counts as a last line (EDGES).</summary>
internal sealed class LineReader
{
    /// <summary>Longest line in bytes. A longer one is skipped to its newline and reported as too long.</summary>
    public const int DefaultMaxLineBytes = 64 << 20;

    private readonly ReadBytes _read;
    private readonly int _maxLineBytes;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Creates a reader.</summary>
    /// <param name="read">Fills a span and returns how many bytes came; 0 at the end.</param>
    /// <param name="maxLineBytes">Longest line in bytes.</param>
    public LineReader(ReadBytes read, int maxLineBytes = DefaultMaxLineBytes)
    {
        _read = read;
        _maxLineBytes = maxLineBytes;
    }

    /// <summary>Reads some bytes, waiting for at least one.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public delegate int ReadBytes(Span<byte> buffer);

    /// <summary>Reads the next line, waiting for it.</summary>
    /// <returns><see langword="false"/> at the end of the input.</returns>
    public bool TryRead(out Line line)
    {
        byte[] held = [];
        int length = 0;
        bool tooLong = false;
        while (true)
        {
            var available = _chunk.AsSpan(_start, _end - _start);
            int newline = available.IndexOf((byte)'\n');
            var piece = newline < 0 ? available : available[..newline];
            if (tooLong || length + piece.Length > _maxLineBytes) tooLong = true;
            else Append(ref held, ref length, piece);
            _start += newline < 0 ? piece.Length : newline + 1;
            if (newline >= 0) break;

            _start = 0;
            _end = _read(_chunk);
            if (_end == 0 && length == 0 && !tooLong)
            {
                Release(held);
                line = default;
                return false;
            }

            if (_end == 0) break;
        }

        if (tooLong)
        {
            Release(held);
            line = new Line([], 0, TooLong: true);
            return true;
        }

        line = new Line(held, length);
        return true;
    }

    /// <summary>Gives a line's array back to the pool.</summary>
    public static void Release(in Line line) => Release(line.Buffer);

    private static void Release(byte[] buffer)
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private static void Append(ref byte[] held, ref int length, ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty) return;
        if (length + piece.Length > held.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length + piece.Length, Math.Min(held.Length * 2, 1 << 30)));
            held.AsSpan(0, length).CopyTo(larger);
            Release(held);
            held = larger;
        }

        piece.CopyTo(held.AsSpan(length));
        length += piece.Length;
    }
}
