namespace Gateway.Transport;

/// <summary>Hands frames to a receiver in the same process; <c>tui-gateway chat</c> and tests are such clients.</summary>
internal sealed class MemoryTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly Receiver _receive;
    private bool _closed;

    /// <summary>Creates a transport.</summary>
    /// <param name="receive">Gets every frame, one at a time; must copy what it keeps and not block.</param>
    public MemoryTransport(Receiver receive) => _receive = receive;

    /// <summary>Takes one frame, newline included.</summary>
    public delegate void Receiver(ReadOnlySpan<byte> frame);

    /// <inheritdoc/>
    public bool Crowded => false;

    /// <inheritdoc/>
    public bool Write(in OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_closed) return false;
            _receive(frame.Bytes);
            return true;
        }
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public bool Close(TimeSpan patience)
    {
        lock (_gate) _closed = true;
        return true;
    }
}
