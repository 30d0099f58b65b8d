namespace Gateway.Agent.Models;

/// <summary>A response body as the event parser sees it: read-only, each read restarts the silence limit, the first bytes can be
/// looked at before parsing begins, and one event may only have a bounded size: the parser keeps a whole one in memory.</summary>
internal sealed class BodyStream(Stream inner, CallClock clock) : Stream
{
    /// <summary>Most bytes between two events, or in an answer that is no stream.</summary>
    public const int LargestEvent = 16 << 20;

    private byte[] _peeked = [];
    private long _sinceEvent;
    private int _peekedStart;
    private int _peekedEnd;

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

    /// <summary>The first byte that is no white space, without consuming it; 0 when the body ends before one or does not begin with
    /// one in its first KiB.</summary>
    public async Task<byte> PeekAsync()
    {
        _peeked = new byte[1024];
        while (_peekedEnd < _peeked.Length)
        {
            clock.Heard();
            var read = await inner.ReadAsync(_peeked.AsMemory(_peekedEnd), clock.Token);
            if (read == 0)
            {
                return 0;
            }

            _peekedEnd += read;
            var text = _peeked.AsSpan(0, _peekedEnd);
            if (text.StartsWith("\uFEFF"u8))
            {
                text = text[3..];
            }

            var first = text.IndexOfAnyExcept(" \t\r\n"u8);
            if (first >= 0)
            {
                return text[first];
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var left = Math.Min(_peekedEnd - _peekedStart, buffer.Length);
        if (left > 0)
        {
            _peeked.AsSpan(_peekedStart, left).CopyTo(buffer.Span);
            _peekedStart += left;
            _sinceEvent += left;
            return new ValueTask<int>(left);
        }

        return ReadInnerAsync(buffer, cancellationToken);
    }

    /// <summary>The parser has finished an event: the next one has its full size before it.</summary>
    public void EventEnded() => _sinceEvent = 0;

    private async ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        clock.Heard();
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _sinceEvent += read;
        return _sinceEvent <= LargestEvent
            ? read
            : throw new ModelException(new ModelError(ModelErrorKind.Oversized, "The endpoint sent more than 16 MiB in one piece, which is no model's answer."));
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
