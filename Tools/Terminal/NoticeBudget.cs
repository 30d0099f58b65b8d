namespace Gateway.Tools.Terminal;

/// <summary>How many lines of watched processes are told, over all processes: 15 in 10 s, then none for 30 s (AGENT.md 10.1). Safe from
/// any thread.</summary>
internal sealed class NoticeBudget(TimeProvider time)
{
    private const int Most = 15;
    private static TimeSpan Span => TimeSpan.FromSeconds(10);
    private static TimeSpan Pause => TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<long> _told = [];
    private long? _pausedAt;

    /// <summary>Takes one from the budget.</summary>
    /// <returns><see langword="false"/> when there is none left now.</returns>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_pausedAt is { } paused)
            {
                if (time.GetElapsedTime(paused) < Pause) return false;
                _pausedAt = null;
                _told.Clear();
            }

            while (_told.TryPeek(out long first) && time.GetElapsedTime(first) >= Span) _told.Dequeue();
            if (_told.Count >= Most)
            {
                _pausedAt = time.GetTimestamp();
                return false;
            }

            _told.Enqueue(time.GetTimestamp());
            return true;
        }
    }
}
