using Gateway.Tools;

namespace Gateway.Mcp;

/// <summary>A call under way.</summary>
/// <param name="user">The user of the session that calls; null where none listens.</param>
/// <param name="time">Limit of the call.</param>
/// <param name="clock">The clock.</param>
/// <param name="interrupt">The user's interruption.</param>
internal sealed class McpCaller(IUserQuestions? user, TimeSpan time, TimeProvider clock, CancellationToken interrupt) : IDisposable
{
    private readonly CancellationTokenSource _limit = new(time, clock);
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
    private readonly Lock _gate = new();
    private bool _ended;

    /// <summary>The user of the session that calls; null where none listens.</summary>
    public IUserQuestions? User => user;

    /// <summary>Cancelled when the call has ended or was interrupted: nobody waits for an answer then.</summary>
    public CancellationToken Over
    {
        get
        {
            lock (_gate) return _ended ? new CancellationToken(canceled: true) : _over.Token;
        }
    }

    /// <summary>Cancelled when the call took too long.</summary>
    public CancellationToken TimedOut => _limit.Token;

    /// <summary>Stops the clock of the call: it is not the server that takes its time.</summary>
    public void Hold() => Limit(Timeout.InfiniteTimeSpan);

    /// <summary>Lets the whole time of the call begin once more.</summary>
    public void Release() => Limit(time);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _ended = true;
        _over.Cancel();
        _over.Dispose();
        _limit.Dispose();
    }

    private void Limit(TimeSpan left)
    {
        lock (_gate)
        {
            if (!_ended) _limit.CancelAfter(left);
        }
    }
}

/// <summary>Whose calls a server works on. Safe from any thread.</summary>
internal sealed class McpCallers
{
    private readonly Lock _gate = new();
    private readonly List<McpCaller> _callers = [];

    /// <summary>A call of the one user that the server works for now. Null when there is none, and when there are several: the protocol
    /// does not say for which call a server asks, and one user must not see another's question.</summary>
    public McpCaller? Only
    {
        get
        {
            lock (_gate) return _callers.Count > 0 && _callers.TrueForAll(caller => caller.User is not null && caller.User == _callers[0].User) ? _callers[^1] : null;
        }
    }

    /// <summary>Whether no call is under way.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _callers.Count == 0;
        }
    }

    /// <summary>Notes a call.</summary>
    public void Add(McpCaller caller)
    {
        lock (_gate) _callers.Add(caller);
    }

    /// <summary>Its call is over.</summary>
    public void Remove(McpCaller caller)
    {
        lock (_gate) _callers.Remove(caller);
    }
}
