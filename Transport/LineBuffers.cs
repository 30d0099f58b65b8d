using System.Buffers;

namespace Gateway.Transport;

/// <summary>Buffers for lines, handed back and forth between the reader and the loop.</summary>
/// <remarks>The shared pool keeps what is returned for the thread that returned it, and the reader never returns anything;
/// under bursts it would allocate. Usual lines therefore have a stock of their own. Safe from any thread.</remarks>
internal sealed class LineBuffers
{
    /// <summary>Bytes of a buffer for a usual line.</summary>
    public const int UsualBytes = 1024;

    // A full pump, the line being read and the line being worked on.
    private const int Kept = LinePump.DefaultCapacity + 2;
    private const int LongestPooled = 1 << 20;
    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _usual = new(Kept);
    private readonly Func<int, byte[]> _allocate;

    /// <summary>Creates an empty stock.</summary>
    /// <param name="allocate">Makes buffers over 1 MiB, which are left to the garbage collector afterwards: one huge line must
    /// not pin its memory. Default: plain arrays.</param>
    public LineBuffers(Func<int, byte[]>? allocate = null) =>
        _allocate = allocate ?? (static length => GC.AllocateUninitializedArray<byte>(length));

    /// <summary>A buffer of at least that many bytes.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public byte[] Rent(int length)
    {
        if (length > LongestPooled) return _allocate(length);
        if (length > UsualBytes) return ArrayPool<byte>.Shared.Rent(length);
        lock (_gate)
        {
            if (_usual.TryPop(out byte[]? buffer)) return buffer;
        }

        return new byte[UsualBytes];
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length is > UsualBytes and <= LongestPooled) ArrayPool<byte>.Shared.Return(buffer);
        if (buffer.Length != UsualBytes) return;
        lock (_gate)
        {
            if (_usual.Count < Kept) _usual.Push(buffer);
        }
    }
}
