using System.Globalization;

namespace Gateway.Rpc;

/// <summary>Runs calls side by side, a bounded number at a time.</summary>
internal sealed class WorkerLane
{
    /// <summary>Calls that may wait for a place before more are refused.</summary>
    public const int MaxWaiting = 256;

    /// <summary>Calls that run at a time unless HERMES_TUI_RPC_POOL_WORKERS says otherwise.</summary>
    public const int DefaultWorkers = 8;

    private readonly Lock _gate = new();
    private readonly Queue<Call> _waiting = new();
    private readonly Func<Call, Task> _run;
    private readonly int _workers;
    private int _running;

    /// <summary>Creates the lane.</summary>
    /// <param name="run">Runs one call to its answer; must not throw.</param>
    /// <param name="workers">Calls that run at a time.</param>
    public WorkerLane(Func<Call, Task> run, int workers)
    {
        _run = run;
        _workers = workers;
    }

    /// <summary>Reads HERMES_TUI_RPC_POOL_WORKERS: at least 2; anything that is no number means the default.</summary>
    public static int WorkersFrom(string? value) =>
        int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int workers) ? Math.Clamp(workers, 2, 256) : DefaultWorkers;

    /// <summary>Accepts a call.</summary>
    /// <returns><see langword="false"/> when too many wait.</returns>
    public bool TryAdd(Call call)
    {
        lock (_gate)
        {
            if (_running >= _workers)
            {
                if (_waiting.Count >= MaxWaiting) return false;
                _waiting.Enqueue(call);
                return true;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Lane.DrainAsync(state.Call), (Lane: this, Call: call), preferLocal: false);
        return true;
    }

    private async Task DrainAsync(Call call)
    {
        while (true)
        {
            await _run(call);
            lock (_gate)
            {
                if (_waiting.TryDequeue(out var next))
                {
                    call = next;
                    continue;
                }

                _running--;
                return;
            }
        }
    }
}
