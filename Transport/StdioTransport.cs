namespace Gateway.Transport;

/// <summary>Frames to the client over a file descriptor, one write(2) each where the kernel takes it whole.</summary>
internal sealed class StdioTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly int _fd;
    private bool _closed;

    /// <summary>Sends to <paramref name="fd"/>, which stays open and belongs to the process.</summary>
    public StdioTransport(int fd) => _fd = fd;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_closed) return false;
            if (FileDescriptor.Write(_fd, frame)) return true;
            _closed = true;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        lock (_gate) _closed = true;
    }
}
