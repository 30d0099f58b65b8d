namespace Gateway.Rpc;

/// <summary>Runs calls one after another per key, keys side by side.</summary>
internal sealed class SessionLane
{
    /// <summary>Calls that may wait behind one key before more are refused.</summary>
    public const int MaxWaiting = 1024;

    private readonly Lock _gate = new();

    // A row for every key that is at work; its queue is made when a second call comes, which is rare.
    private readonly Dictionary<string, Queue<Call>?> _waiting = new(StringComparer.Ordinal);
    private readonly Func<Call, Task> _run;

    /// <summary>Creates the lane.</summary>
    /// <param name="run">Runs one call to its answer; must not throw.</param>
    public SessionLane(Func<Call, Task> run) => _run = run;

    /// <summary>Accepts a call.</summary>
    /// <returns><see langword="false"/> when too many wait behind its key.</returns>
    public bool TryAdd(Call call)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(call.OrderKey, out var queue))
            {
                if (queue is null) _waiting[call.OrderKey] = queue = new Queue<Call>();
                if (queue.Count >= MaxWaiting) return false;
                queue.Enqueue(call);
                return true;
            }

            _waiting[call.OrderKey] = null;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Lane.DrainAsync(state.Call), (Lane: this, Call: call), preferLocal: false);
        return true;
    }

    private async Task DrainAsync(Call call)
    {
        string key = call.OrderKey;
        while (true)
        {
            await _run(call);
            lock (_gate)
            {
                if (_waiting[key] is { } queue && queue.TryDequeue(out var next))
                {
                    call = next;
                    continue;
                }

                _waiting.Remove(key);
                return;
            }
        }
    }
}
