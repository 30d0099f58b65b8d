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

    private const int ChunkBytes = 64 << 10;
    private const int KeptBytes = 1 << 20;
    private readonly ReadBytes _read;
    private readonly int _maxLineBytes;
    private readonly Func<int, byte[]> _allocate;
    private byte[] _chunk = [];
    private byte[] _held = [];
    private int _start;
    private int _end;

    /// <summary>Creates a reader.</summary>
    /// <param name="read">Fills a span and returns how many bytes came; 0 at the end.</param>
    /// <param name="maxLineBytes">Longest line in bytes.</param>
    /// <param name="allocate">Makes the memory of lines that do not come whole; default plain arrays.</param>
    public LineReader(ReadBytes read, int maxLineBytes = DefaultMaxLineBytes, Func<int, byte[]>? allocate = null)
    {
        _read = read;
        _maxLineBytes = maxLineBytes;
        _allocate = allocate ?? (static length => GC.AllocateUninitializedArray<byte>(length));
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
    /// <param name="line">The line; its bytes are valid until the next call.</param>
    /// <returns><see langword="false"/> at the end of the input.</returns>
    public bool TryRead(out Line line)
    {
        // One huge line must not hold its memory for the life of the process.
        if (_held.Length > KeptBytes) _held = [];
        int length = 0;
        var fault = LineFault.None;
        while (true)
        {
            var available = _chunk.AsSpan(_start, _end - _start);
            int newline = available.IndexOf((byte)'\n');
            int first = _start;
            var piece = newline < 0 ? available : available[..newline];
            _start += newline < 0 ? piece.Length : newline + 1;

            // The usual line came whole and need not be copied.
            if (newline >= 0 && newline <= _maxLineBytes && length == 0 && fault == LineFault.None)
            {
                line = new Line(_chunk.AsMemory(first, newline));
                return true;
            }

            if (fault == LineFault.None) fault = Append(ref length, piece);
            if (newline >= 0) break;

            // Empty before the read, so that a reader that failed once does not hand out old bytes.
            _start = _end = 0;
            if (_chunk.Length == 0) _chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            _end = _read(_chunk);
            if (_end > 0) continue;
            if (length > 0 || fault != LineFault.None) break;
            line = default;
            return false;
        }

        line = fault == LineFault.None ? new Line(_held.AsMemory(0, length)) : new Line(default, fault, _maxLineBytes);
        return true;
    }

    // What was held of a line that turns out not to fit is given up at once.
    private LineFault Append(ref int length, ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty) return LineFault.None;
        var fault = LineFault.None;
        if ((long)length + piece.Length > _maxLineBytes) fault = LineFault.TooLong;
        else if (length + piece.Length > _held.Length) fault = Grow(length, piece.Length);
        if (fault != LineFault.None)
        {
            _held = [];
            return fault;
        }

        piece.CopyTo(_held.AsSpan(length));
        length += piece.Length;
        return LineFault.None;
    }

    private LineFault Grow(int length, int more)
    {
        byte[] larger;
        try
        {
            larger = _allocate((int)Math.Max(length + more, Math.Min(Math.Max(_held.Length, 4096) * 2L, _maxLineBytes)));
        }
        catch (OutOfMemoryException)
        {
            return LineFault.OutOfMemory;
        }

        _held.AsSpan(0, length).CopyTo(larger);
        _held = larger;
        return LineFault.None;
    }
}
