using System.Globalization;

namespace Gateway.Transport;

/// <summary>Splits a stream of bytes into lines. Input without a final newline counts as a last line (EDGES).</summary>
internal sealed class LineReader
{
    /// <summary>Longest line in bytes unless configured. A longer one is skipped to its newline and reported as too long.</summary>
    public const int DefaultMaxLineBytes = 64 << 20;

    /// <summary>Smallest limit that may be configured.</summary>
    public const int LeastMaxLineBytes = 1 << 10;

    /// <summary>Largest limit that may be configured.</summary>
    public const int GreatestMaxLineBytes = 1 << 30;

    private readonly ReadBytes _read;
    private readonly int _maxLineBytes;
    private readonly LineBuffers _buffers;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Creates a reader.</summary>
    /// <param name="read">Fills a span and returns how many bytes came; 0 at the end.</param>
    /// <param name="maxLineBytes">Longest line in bytes.</param>
    /// <param name="buffers">Where the lines' memory comes from; default a stock of its own.</param>
    public LineReader(ReadBytes read, int maxLineBytes = DefaultMaxLineBytes, LineBuffers? buffers = null)
    {
        _read = read;
        _maxLineBytes = maxLineBytes;
        _buffers = buffers ?? new LineBuffers();
    }

    /// <summary>Reads some bytes, waiting for at least one.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public delegate int ReadBytes(Span<byte> buffer);

    /// <summary>Reads HERMES_TUI_GATEWAY_MAX_LINE_BYTES: decimal digits, from <see cref="LeastMaxLineBytes"/> to
    /// <see cref="GreatestMaxLineBytes"/>; anything else means <see cref="DefaultMaxLineBytes"/>.</summary>
    /// <param name="value">The variable; null when unset.</param>
    /// <param name="invalid">Whether it is set to something that cannot be used.</param>
    /// <returns>The limit in bytes.</returns>
    public static int LimitFrom(string? value, out bool invalid)
    {
        bool valid = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            && limit is >= LeastMaxLineBytes and <= GreatestMaxLineBytes;
        invalid = value is not null && !valid;
        return valid ? limit : DefaultMaxLineBytes;
    }

    /// <summary>Reads the next line, waiting for it.</summary>
    /// <returns><see langword="false"/> at the end of the input.</returns>
    public bool TryRead(out Line line)
    {
        byte[] held = [];
        int length = 0;
        var fault = LineFault.None;
        while (true)
        {
            var available = _chunk.AsSpan(_start, _end - _start);
            int newline = available.IndexOf((byte)'\n');
            var piece = newline < 0 ? available : available[..newline];
            if (fault == LineFault.None) fault = Append(ref held, ref length, piece);
            _start += newline < 0 ? piece.Length : newline + 1;
            if (newline >= 0) break;

            // Empty before the read, so that a reader that failed once does not hand out old bytes.
            _start = _end = 0;
            _end = _read(_chunk);
            if (_end > 0) continue;
            if (length > 0 || fault != LineFault.None) break;
            line = default;
            return false;
        }

        line = fault == LineFault.None ? new Line(held, length, Owner: _buffers) : new Line([], 0, fault, _maxLineBytes);
        return true;
    }

    /// <summary>Gives a line's buffer back; the line must not be used afterwards.</summary>
    public static void Release(in Line line) => line.Owner?.Return(line.Buffer);

    // What was held of a line that turns out not to fit is given back at once.
    private LineFault Append(ref byte[] held, ref int length, ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty) return LineFault.None;
        var fault = LineFault.None;
        if ((long)length + piece.Length > _maxLineBytes) fault = LineFault.TooLong;
        else if (length + piece.Length > held.Length) fault = Grow(ref held, length, piece.Length);
        if (fault != LineFault.None)
        {
            _buffers.Return(held);
            held = [];
            return fault;
        }

        piece.CopyTo(held.AsSpan(length));
        length += piece.Length;
        return LineFault.None;
    }

    private LineFault Grow(ref byte[] held, int length, int more)
    {
        byte[] larger;
        try
        {
            larger = _buffers.Rent((int)Math.Max(length + more, Math.Min(held.Length * 2L, _maxLineBytes)));
        }
        catch (OutOfMemoryException)
        {
            return LineFault.OutOfMemory;
        }

        held.AsSpan(0, length).CopyTo(larger);
        _buffers.Return(held);
        held = larger;
        return LineFault.None;
    }
}
