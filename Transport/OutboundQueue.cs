using System.Buffers;

namespace Gateway.Transport;

/// <summary>Frames that wait for a client that is behind. Order is kept, but for one thing: text that follows text of the same
/// session and kind is joined to it while it still waits. Nothing is dropped. Not thread-safe.</summary>
internal sealed class OutboundQueue
{
    /// <summary>Bytes written at a time, and the size up to which frames are joined.</summary>
    public const int BatchBytes = 64 * 1024;

    private const int PooledFrames = 128;
    private readonly Dictionary<string, WaitingFrame> _joinable = new(StringComparer.Ordinal);
    private readonly Stack<WaitingFrame> _pool = new();
    private WaitingFrame? _first;
    private WaitingFrame? _last;

    /// <summary>Bytes that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _first is null;

    /// <summary>Adds a frame, or joins it to one that waits.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="sent">How many of its bytes are sent already; only when nothing waits.</param>
    public void Add(in OutgoingFrame frame, int sent = 0)
    {
        if (frame.Session is not null && sent == 0)
        {
            if (_joinable.TryGetValue(frame.Session, out var open) && open.CanTake(frame))
            {
                Bytes += open.Join(frame);
                return;
            }

            _joinable.Remove(frame.Session);
        }

        if (!_pool.TryPop(out var added)) added = new WaitingFrame();
        added.Fill(frame, sent);
        Bytes += added.Bytes.Length;
        if (_last is null) _first = added;
        else _last.Next = added;
        _last = added;
        if (frame.Session is not null && frame.Joining != Joining.None && sent == 0) _joinable[frame.Session] = added;
    }

    /// <summary>Takes as many whole frames from the front as fit into one batch, at least one.</summary>
    /// <param name="batch">Gets them; a frame that is larger than a batch comes alone.</param>
    public void Take(OutboundBatch batch)
    {
        batch.Start(_first!.Method);
        do
        {
            var frame = _first!;
            if (!batch.TryAdd(frame.Bytes)) return;
            _first = frame.Next;
            Bytes -= frame.Bytes.Length;
            Retire(frame);
        }
        while (_first is not null);
        _last = null;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        for (var frame = _first; frame is not null;)
        {
            var next = frame.Next;
            Retire(frame);
            frame = next;
        }

        (_first, _last, Bytes) = (null, null, 0);
    }

    private void Retire(WaitingFrame frame)
    {
        if (frame.Session is not null && _joinable.GetValueOrDefault(frame.Session) == frame) _joinable.Remove(frame.Session);
        frame.Release();
        if (_pool.Count < PooledFrames) _pool.Push(frame);
    }

    private sealed class WaitingFrame
    {
        private byte[] _buffer = [];
        private int _length;
        private int _bodyStart;
        private int _bodyEnd;
        private Joining _joining;

        public WaitingFrame? Next { get; set; }

        public string? Session { get; private set; }

        public string? Method { get; private set; }

        public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

        public void Fill(in OutgoingFrame frame, int sent)
        {
            (Session, Method, Next) = (frame.Session, frame.Method, null);
            (_joining, _bodyStart, _bodyEnd) = (frame.Joining, frame.BodyStart, frame.BodyEnd);
            var rest = frame.Bytes[sent..];
            Reserve(rest.Length);
            rest.CopyTo(_buffer);
            _length = rest.Length;
        }

        public bool CanTake(in OutgoingFrame frame) =>
            frame.Joining != Joining.None && frame.Joining == _joining
            && _length + frame.Bytes.Length <= BatchBytes
            && Bytes[.._bodyStart].SequenceEqual(frame.Bytes[..frame.BodyStart]);

        // Returns by how many bytes this frame grew; what follows the body is the same in both.
        public int Join(in OutgoingFrame frame)
        {
            int before = _length;
            int at = _joining == Joining.Append ? _bodyEnd : _bodyStart;
            var added = frame.Bytes[frame.BodyStart..];
            Reserve(at + added.Length);
            added.CopyTo(_buffer.AsSpan(at));
            _bodyEnd = at + frame.BodyEnd - frame.BodyStart;
            _length = at + added.Length;
            return _length - before;
        }

        public void Release()
        {
            if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _length, Session, Method, Next) = ([], 0, null, null, null);
        }

        private void Reserve(int length)
        {
            if (length <= _buffer.Length) return;
            byte[] larger = ArrayPool<byte>.Shared.Rent(length);
            Bytes.CopyTo(larger);
            if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
