namespace Gateway.Mcp;

/// <summary>Lists a server's tools again when it says that they have changed: one listing at a time, changes during one count for the next, and
/// the more often it says so, the longer it waits. Safe from any thread.</summary>
/// <param name="list">Lists them. Never throws.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Cancelled when the server is given up.</param>
internal sealed class McpRelisting(Func<Task> list, TimeProvider time, CancellationToken stop)
{
    // After so many distances of silence the next change is listed at once again.
    private const int QuietDistances = 4;
    private readonly Lock _gate = new();
    private TimeSpan _distance = Shortest;
    private long? _last;
    private bool _isUnderWay;
    private bool _isAsked;

    private static TimeSpan Shortest => TimeSpan.FromSeconds(1);

    private static TimeSpan Longest => TimeSpan.FromMinutes(1);

    /// <summary>The tools have changed. Returns at once.</summary>
    public void Hint()
    {
        lock (_gate)
        {
            _isAsked = true;
            if (_isUnderWay) return;
            _isUnderWay = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        while (Next() is { } wait)
        {
            try
            {
                if (wait > TimeSpan.Zero) await Task.Delay(wait, time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            lock (_gate)
            {
                _isAsked = false;
                _last = time.GetTimestamp();
            }

            await list();
        }
    }

    // How long to wait before the next listing; null when none is asked for.
    private TimeSpan? Next()
    {
        lock (_gate)
        {
            if (!_isAsked || stop.IsCancellationRequested)
            {
                _isUnderWay = false;
                return null;
            }

            if (_last is not { } last) return TimeSpan.Zero;
            var since = time.GetElapsedTime(last);
            if (since >= QuietDistances * _distance)
            {
                _distance = Shortest;
                return TimeSpan.Zero;
            }

            var wait = _distance - since;
            _distance = TimeSpan.FromTicks(Math.Min(Longest.Ticks, _distance.Ticks * 2));
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }
}
