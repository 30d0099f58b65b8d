namespace Gateway.Transport;

/// <summary>What goes out with one write(2): several frames, or one large one. Belongs to the writer.</summary>
internal sealed class OutboundBatch
{
    private byte[] _bytes = new byte[OutboundQueue.BatchBytes];

    /// <summary>Bytes in it.</summary>
    public int Length { get; private set; }

    /// <summary>The method that its first frame answers (see <see cref="OutgoingFrame.Method"/>).</summary>
    public string? Method { get; private set; }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<byte> From(int offset) => _bytes.AsSpan(offset, Length - offset);

    /// <summary>Begins a new one.</summary>
    public void Start(string? method)
    {
        // One huge frame must not hold its memory for the life of the process.
        if (_bytes.Length > OutboundQueue.BatchBytes) _bytes = new byte[OutboundQueue.BatchBytes];
        (Method, Length) = (method, 0);
    }

    /// <summary>Adds a frame if it fits; the first one always does.</summary>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        if (Length + frame.Length > _bytes.Length)
        {
            if (Length > 0) return false;
            _bytes = new byte[frame.Length];
        }

        frame.CopyTo(_bytes.AsSpan(Length));
        Length += frame.Length;
        return true;
    }
}
