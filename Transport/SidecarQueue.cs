using System.Buffers;
using System.Threading.Channels;

namespace Gateway.Transport;

/// <summary>Copies of frames on their way to the sidecar. Bounded in number and bytes; when full, the newest is dropped
/// and counted.</summary>
internal sealed class SidecarQueue
{
    /// <summary>Frames that may wait (WIRE 5.3).</summary>
    public const int MaxFrames = 256;

    /// <summary>Bytes that may wait. A frame that finds the queue empty is taken whatever its length.</summary>
    public const int MaxBytes = 32 << 20;

    private readonly Channel<Message> _frames =
        Channel.CreateBounded<Message>(new BoundedChannelOptions(MaxFrames) { SingleReader = true });

    private long _bytes;
    private long _dropped;
    private volatile bool _closed;

    /// <summary>One frame without its newline, in a pooled array that <see cref="Release"/> gives back.</summary>
    /// <param name="Buffer">Holds the bytes.</param>
    /// <param name="Length">How many of them belong to the frame.</param>
    public readonly record struct Message(byte[] Buffer, int Length)
    {
        /// <summary>The bytes of the frame.</summary>
        public ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);
    }

    /// <summary>Frames that were never delivered, so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _frames.Reader.Count == 0;

    /// <summary>Copies a frame into the queue, or drops it. Never waits.</summary>
    /// <param name="frame">The frame; its newline is left out.</param>
    public void Offer(ReadOnlySpan<byte> frame)
    {
        if (_closed) return;
        if (frame.EndsWith("\n"u8)) frame = frame[..^1];
        int waiting = _frames.Reader.Count;
        if (waiting >= MaxFrames || (waiting > 0 && Interlocked.Read(ref _bytes) + frame.Length > MaxBytes))
        {
            Drop();
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(buffer);
        Interlocked.Add(ref _bytes, frame.Length);
        if (_frames.Writer.TryWrite(new Message(buffer, frame.Length))) return;
        Interlocked.Add(ref _bytes, -frame.Length);
        ArrayPool<byte>.Shared.Return(buffer);
        if (!_closed) Drop();
    }

    /// <summary>Takes the oldest frame; to be followed by <see cref="Release"/>.</summary>
    public bool TryTake(out Message message)
    {
        if (!_frames.Reader.TryRead(out message)) return false;
        Interlocked.Add(ref _bytes, -message.Length);
        return true;
    }

    /// <summary>Waits for a frame.</summary>
    /// <returns><see langword="false"/> when there will be none.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _frames.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Gives the array of a frame back to the pool.</summary>
    public static void Release(in Message message) => ArrayPool<byte>.Shared.Return(message.Buffer);

    /// <summary>Counts a frame that will not be delivered.</summary>
    public void Drop() => Interlocked.Increment(ref _dropped);

    /// <summary>Takes no more frames; those that wait may still be taken.</summary>
    public void Close()
    {
        _closed = true;
        _frames.Writer.TryComplete();
    }

    /// <summary>Drops what waits.</summary>
    public void Clear()
    {
        while (TryTake(out var message))
        {
            Release(message);
            Drop();
        }
    }
}
