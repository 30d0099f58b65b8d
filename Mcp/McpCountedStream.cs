namespace Gateway.Mcp;

/// <summary>The body of an answer, counted while it is read.</summary>
/// <param name="inner">The body.</param>
/// <param name="traffic">Counts.</param>
/// <param name="hasEvents">Whether it consists of events: then each of them is bounded, else the whole.</param>
internal sealed class McpCountedStream(Stream inner, McpTraffic traffic, bool hasEvents) : Stream
{
    private long _unfinished;
    private bool _lineIsEmpty = true;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Counted(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken);
        return Counted(buffer.Span[..count]);
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(ReadOnlySpan<byte> bytes)
    {
        _unfinished += bytes.Length;
        if (hasEvents)
        {
            // An empty line ends an event.
            for (int i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == '\r') continue;
                if (bytes[i] == '\n' && _lineIsEmpty) _unfinished = bytes.Length - i - 1;
                _lineIsEmpty = bytes[i] == '\n';
            }
        }

        return traffic.Take(bytes.Length, _unfinished) ? bytes.Length : throw new McpFloodException(traffic.Reason!);
    }
}
