namespace Gateway.Transport;

/// <summary>Carries lines from a reader thread of its own to the one loop that takes them. Bounded in lines and in bytes:
/// when the loop lags, the reader waits and the pipe pushes back on the client.</summary>
internal sealed class LinePump
{
    /// <summary>Lines that may wait.</summary>
    public const int DefaultCapacity = 128;

    /// <summary>Bytes of memory that waiting lines may hold. One line that is larger is let through when nothing else waits.</summary>
    public const int DefaultMaxBytes = 16 << 20;

    private readonly object _gate = new();
    private readonly Queue<Line> _lines;
    private readonly int _capacity;
    private readonly int _maxBytes;
    private long _bytes;
    private bool _ended;
    private bool _stopped;

    /// <summary>Creates a pump; nothing is read before <see cref="Start"/>.</summary>
    /// <param name="capacity">Lines that may wait.</param>
    /// <param name="maxBytes">Bytes of memory that waiting lines may hold.</param>
    public LinePump(int capacity = DefaultCapacity, int maxBytes = DefaultMaxBytes)
    {
        _capacity = capacity;
        _maxBytes = maxBytes;
        _lines = new Queue<Line>(capacity);
    }

    /// <summary>Starts the reader thread.</summary>
    /// <param name="reader">Where lines come from.</param>
    /// <param name="failed">Told on that thread when reading failed for a reason other than the end of the input. The message
    /// is ours and fit to be shown; a bug's own exception is the inner one.</param>
    public void Start(LineReader reader, Action<IOException> failed)
    {
        var thread = new Thread(() => Pump(reader, failed)) { Name = "stdin", IsBackground = true };
        thread.Start();
    }

    /// <summary>Waits for <see cref="Stop"/>.</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <returns>Whether it was stopped.</returns>
    public bool WaitForStop(int milliseconds)
    {
        lock (_gate)
        {
            if (!_stopped) Monitor.Wait(_gate, milliseconds);
            return _stopped;
        }
    }

    /// <summary>Adds a line, waiting while the pump is full.</summary>
    /// <returns><see langword="false"/> once the pump was ended or stopped.</returns>
    public bool Put(in Line line)
    {
        lock (_gate)
        {
            while (IsFullFor(line) && !_stopped && !_ended) Monitor.Wait(_gate);
            if (_stopped || _ended) return false;
            _lines.Enqueue(line);
            _bytes += line.Buffer.Length;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Waits for the next line.</summary>
    /// <returns><see langword="false"/> when there will be none: the input ended and is used up, or the pump was stopped.</returns>
    public bool Take(out Line line)
    {
        lock (_gate)
        {
            while (_lines.Count == 0 && !_ended && !_stopped) Monitor.Wait(_gate);
            if (_stopped || _lines.Count == 0)
            {
                line = default;
                return false;
            }

            line = _lines.Dequeue();
            _bytes -= line.Buffer.Length;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>No more lines will come; those waiting are still taken.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops at once; waiting lines are dropped.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsFullFor(in Line line) =>
        _lines.Count >= _capacity || (_lines.Count > 0 && _bytes + line.Buffer.Length > _maxBytes);

    // The end is told in any case: a loop that waits for lines that nobody reads would never end.
    private void Pump(LineReader reader, Action<IOException> failed)
    {
        try
        {
            while (reader.TryRead(out var line) && Put(line))
            {
            }
        }
        catch (IOException exception)
        {
            failed(exception);
        }
        catch (Exception exception)
        {
            failed(new IOException($"unexpected {exception.GetType().Name}", exception));
        }
        finally
        {
            End();
        }
    }
}
