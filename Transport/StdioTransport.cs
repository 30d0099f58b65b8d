namespace Gateway.Transport;

/// <summary>Frames to the client. While the client keeps up, a frame is written by whoever produced it, in one write(2); when it
/// falls behind, frames wait in a queue that one writer thread empties in batches. Producers never wait for the client.</summary>
internal sealed class StdioTransport : ITransport
{
    /// <summary>Waiting bytes at which turns pause (<see cref="RoomAsync"/>): 1 MiB. They go on at half of it.</summary>
    public const int TurnBound = 1 << 20;

    /// <summary>Waiting bytes at which no further requests are taken (<see cref="Crowded"/>): 8 MiB.</summary>
    public const int RequestBound = 8 << 20;

    // A client that takes nothing for this long while we are closing will take nothing any more.
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly OutputDescriptor _output;
    private readonly Action<string?, bool, IOException?> _lost;
    private readonly OutboundQueue _queue = new();
    private TaskCompletionSource? _room;
    private Thread? _writer;
    private long _sent;
    private int _inBatch;
    private bool _closed;

    /// <summary>Creates the transport; its thread starts when the client first falls behind.</summary>
    /// <param name="output">Where frames go.</param>
    /// <param name="lost">Called once when nothing more can be sent: with the method whose answer (null: an event, "": an answer
    /// to something unreadable) could not be written, whether nothing had gone out before, and what failed here, which is null when the
    /// client is gone.</param>
    public StdioTransport(OutputDescriptor output, Action<string?, bool, IOException?> lost)
    {
        _output = output;
        _lost = lost;
    }

    /// <inheritdoc/>
    public bool Crowded
    {
        get
        {
            lock (_gate) return Waiting >= RequestBound;
        }
    }

    // Under the lock: what the writer holds counts until it is written.
    private long Waiting => _queue.Bytes + _inBatch;

    /// <inheritdoc/>
    public bool Write(in OutgoingFrame frame)
    {
        IOException? failure = null;
        lock (_gate)
        {
            if (_closed) return false;
            int taken = 0;
            if (_output.NeverWaits && Waiting == 0)
            {
                taken = TryWrite(frame.Bytes, ref failure);
                _sent += Math.Max(0, taken);
                if (taken == frame.Bytes.Length) return true;
            }

            if (taken >= 0)
            {
                _queue.Add(frame, taken);
                WakeWriter();
                return true;
            }

            Abandon();
        }

        _lost(frame.Method, _sent == 0, failure);
        return false;
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Waiting < TurnBound || _closed || cancellationToken.IsCancellationRequested) return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(WaitAsync(_room.Task, cancellationToken));
        }

        static async Task WaitAsync(Task room, CancellationToken cancellationToken) =>
            await room.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public bool Close(TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_gate)
        {
            long sent = -1;
            long stalled = 0;
            while (!_closed && Waiting > 0)
            {
                long now = Environment.TickCount64;
                if (sent != _sent) (sent, stalled) = (_sent, now + (long)Stall.TotalMilliseconds);
                long left = Math.Min(deadline, stalled) - now;
                if (left <= 0) break;
                Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
            }

            bool all = Waiting == 0;
            Abandon();
            return all;
        }
    }

    private void WakeWriter()
    {
        if (_writer is null)
        {
            var writer = new Thread(WriteWaiting) { Name = "stdout", IsBackground = true };
            writer.Start();
            _writer = writer;
        }

        Monitor.PulseAll(_gate);
    }

    private void WriteWaiting()
    {
        var batch = new OutboundBatch();
        while (true)
        {
            lock (_gate)
            {
                while (_queue.IsEmpty && !_closed) Monitor.Wait(_gate);
                if (_closed) return;
                _queue.Take(batch);
                _inBatch = batch.Length;
            }

            IOException? failure = null;
            for (int at = 0; at < batch.Length;)
            {
                int taken = TryWrite(batch.From(at), ref failure);
                if (taken < 0)
                {
                    lock (_gate) Abandon();
                    _lost(batch.Method, _sent == 0, failure);
                    return;
                }

                at += taken;
                Progress(taken);
                if (at < batch.Length && taken == 0) _output.WaitUntilWritable();
            }
        }
    }

    // -1: nothing more can be sent.
    private int TryWrite(ReadOnlySpan<byte> data, ref IOException? failure)
    {
        try
        {
            return _output.TryWrite(data);
        }
        catch (IOException exception)
        {
            failure = exception;
            return -1;
        }
    }

    private void Progress(int taken)
    {
        lock (_gate)
        {
            if (_closed) return;
            _sent += taken;
            _inBatch -= taken;
            if (_room is not null && Waiting <= TurnBound / 2)
            {
                _room.TrySetResult();
                _room = null;
            }

            Monitor.PulseAll(_gate);
        }
    }

    // Under the lock: nothing more is accepted or sent, and nobody waits for it.
    private void Abandon()
    {
        _closed = true;
        _inBatch = 0;
        _queue.Clear();
        _room?.TrySetResult();
        _room = null;
        Monitor.PulseAll(_gate);
    }
}
