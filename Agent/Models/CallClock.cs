namespace Gateway.Agent.Models;

/// <summary>The limits of one model call: the user's interruption, the whole-request limit, which ends with the first event of a stream, the
/// longest silence on the connection, and the longest stretch without an event (some servers keep a dead answer alive with comments).</summary>
internal sealed class CallClock : IDisposable
{
    private readonly CancellationToken _user;
    private readonly CancellationTokenSource _total;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _stale;
    private readonly CancellationTokenSource _any;
    private readonly TimeSpan _requestTimeout;
    private readonly TimeSpan _readTimeout;
    private readonly TimeSpan _staleTimeout;
    private bool _begun;

    /// <summary>Starts all limits.</summary>
    /// <param name="requestTimeout">Whole request, up to the first event.</param>
    /// <param name="readTimeout">Longest silence on the connection.</param>
    /// <param name="staleTimeout">Longest stretch without an event.</param>
    /// <param name="time">Clock.</param>
    /// <param name="user">The user's interruption.</param>
    public CallClock(TimeSpan requestTimeout, TimeSpan readTimeout, TimeSpan staleTimeout, TimeProvider time, CancellationToken user)
    {
        _user = user;
        _requestTimeout = requestTimeout;
        _readTimeout = readTimeout;
        _staleTimeout = staleTimeout;
        _total = new CancellationTokenSource(requestTimeout, time);
        _silence = new CancellationTokenSource(readTimeout, time);
        _stale = new CancellationTokenSource(staleTimeout, time);
        _any = CancellationTokenSource.CreateLinkedTokenSource([user, _total.Token, _silence.Token, _stale.Token]);
    }

    /// <summary>Cancelled when any limit is reached or the user interrupts.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>Bytes came, or are about to be waited for.</summary>
    public void Heard() => _silence.CancelAfter(_readTimeout);

    /// <summary>An event came.</summary>
    public void Progressed()
    {
        _stale.CancelAfter(_staleTimeout);
        if (!_begun)
        {
            // A model that answers may take its time.
            _begun = true;
            _total.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The client holds us up: no limit runs until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        foreach (var limit in (ReadOnlySpan<CancellationTokenSource>)[_total, _silence, _stale]) limit.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>All limits start afresh.</summary>
    public void Resume()
    {
        if (!_begun)
        {
            _total.CancelAfter(_requestTimeout);
        }

        Heard();
        _stale.CancelAfter(_staleTimeout);
    }

    /// <summary>Which limit was reached, as an error; null when it was the user or nothing.</summary>
    public ModelError? Expired() => _user.IsCancellationRequested ? null
        : _total.IsCancellationRequested ? new ModelError(ModelErrorKind.Timeout, "The model did not finish its answer in time.")
        : _silence.IsCancellationRequested || _stale.IsCancellationRequested
            ? new ModelError(ModelErrorKind.Timeout, "The model endpoint stopped sending (read timeout).")
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _any.Dispose();
        _stale.Dispose();
        _silence.Dispose();
        _total.Dispose();
    }
}
