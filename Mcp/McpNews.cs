namespace Gateway.Mcp;

/// <summary>Tells that things have changed, once they are quiet for a moment, and only when they are not as they were told last. Safe from
/// any thread.</summary>
/// <param name="look">How things are, as a text that is another when they are.</param>
/// <param name="time">The clock.</param>
internal sealed class McpNews(Func<string> look, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private string _told = "";
    private bool _begun;
    private bool _held;
    private volatile bool _closed;

    private static TimeSpan Quiet => TimeSpan.FromMilliseconds(300);

    /// <summary>Whom to tell; null: nobody listens.</summary>
    public Action? Changed { get; set; }

    /// <summary>Tells how things are now, and from now on what changes.</summary>
    public void Tell()
    {
        Note();
        if (!_closed) Changed?.Invoke();
    }

    /// <summary>Takes it that everybody knows how things are now, and tells from now on what changes.</summary>
    public void Note()
    {
        string now = look();
        lock (_gate)
        {
            _told = now;
            _begun = true;
        }
    }

    /// <summary>Something may have changed. Nothing follows before the first <see cref="Tell"/> or <see cref="Note"/>.</summary>
    public void Hint()
    {
        lock (_gate)
        {
            if (_begun && !_closed && !_held) _timer ??= time.CreateTimer(_ => _ = Task.Run(Look), null, Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Holds back what changes, or no longer: what changed meanwhile is told then.</summary>
    public void Hold(bool held)
    {
        lock (_gate) _held = held;
        if (!held) Hint();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _timer?.Dispose();
        }
    }

    private void Look()
    {
        string now = look();
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
            if (_closed || _held || now == _told) return;
        }

        Tell();
    }
}
