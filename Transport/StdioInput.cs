namespace Gateway.Transport;

/// <summary>Lines from the client over a file descriptor, read by whoever takes them. May be stopped from another thread.</summary>
internal sealed class StdioInput : ILineSource
{
    private readonly StopSignal _stop = new();
    private readonly InputDescriptor _descriptor;
    private readonly LineReader _lines;

    /// <summary>Reads from <paramref name="fd"/>, which stays open and belongs to the process.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="maxLineBytes">Longest line in bytes.</param>
    public StdioInput(int fd, int maxLineBytes)
    {
        _descriptor = new InputDescriptor(new InputCalls(fd, _stop));
        _lines = new LineReader(_descriptor.Read, maxLineBytes);
    }

    /// <summary>Why reading ended although the input did not: a failure of this machine. The message may be shown.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>How the input ended, for the log (see <see cref="InputDescriptor.EndKind"/>).</summary>
    public string? EndKind => _descriptor.EndKind;

    /// <inheritdoc/>
    public bool PeerClosed => _descriptor.HungUp;

    /// <inheritdoc/>
    public bool TryRead(out Line line)
    {
        line = default;
        try
        {
            // What had been read of a line when the stop came is not a line.
            return !_stop.IsSet && _lines.TryRead(out line) && !_stop.IsSet;
        }
        catch (IOException exception)
        {
            Failure = exception;
            return false;
        }
    }

    /// <inheritdoc/>
    public bool WaitForStop(int milliseconds) => _stop.Wait(milliseconds);

    /// <summary>Ends the wait for a line, now and for ever. Safe from any thread.</summary>
    public void Stop() => _stop.Set();
}
