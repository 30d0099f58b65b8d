using System.IO.Pipelines;
using System.Text;
using Gateway.Processes;

namespace Gateway.Mcp;

/// <summary>What a server prints, as a stream of bytes. A line without end is cut off with the connection.</summary>
/// <param name="traffic">Counts what comes.</param>
internal sealed class McpOutput(McpTraffic traffic)
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024));
    private readonly byte[] _bytes = new byte[256 * 1024];
    private long _line;
    private bool _over;

    /// <summary>For whoever reads.</summary>
    public Stream Reader => _pipe.Reader.AsStream();

    /// <summary>Takes output, from the child's own thread, which waits while nobody reads.</summary>
    public void Take(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && !_over)
        {
            var part = text[..Math.Min(text.Length, _bytes.Length / 3)];
            if (part.Length < text.Length && char.IsHighSurrogate(part[^1])) part = part[..^1];
            int count = Encoding.UTF8.GetBytes(part, _bytes);
            text = text[part.Length..];
            int end = _bytes.AsSpan(0, count).LastIndexOf((byte)'\n');
            _line = end < 0 ? _line + count : count - end - 1;
            if (!traffic.Take(count, _line))
            {
                End();
                return;
            }

            _bytes.AsSpan(0, count).CopyTo(_pipe.Writer.GetSpan(count));
            _pipe.Writer.Advance(count);
            var flushed = _pipe.Writer.FlushAsync();
            var result = flushed.IsCompleted ? flushed.GetAwaiter().GetResult() : flushed.AsTask().GetAwaiter().GetResult();
            _over = result.IsCompleted;
        }
    }

    /// <summary>No more will come.</summary>
    public void End()
    {
        if (_over) return;
        _over = true;
        _pipe.Writer.Complete();
    }

    /// <summary>Nobody reads any more.</summary>
    public void Abandon() => _pipe.Reader.Complete();
}

/// <summary>What a server reads, as a stream.</summary>
internal sealed class McpInput(InputPipe pipe) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

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
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int count = pipe.Write(buffer.Span);
            if (count < 0) throw new IOException("the server does not read any more");
            buffer = buffer[count..];
            if (!buffer.IsEmpty) await Task.Delay(5, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
