namespace Gateway.Diagnostics;

/// <summary>Which threads work on something that moves from thread to thread as it awaits, and everything it starts with it.</summary>
internal sealed class WorkThreads
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _threads = [];
    private readonly AsyncLocal<bool> _followed;

    /// <summary>Follows nothing yet.</summary>
    public WorkThreads() => _followed = new AsyncLocal<bool>(change => Moved(change.CurrentValue));

    /// <summary>Follows the calling flow of control from here to the end of the method that calls this.</summary>
    public void Follow() => _followed.Value = true;

    /// <summary>The kernel's ids of the threads that are at it now.</summary>
    public IReadOnlyList<int> Now()
    {
        lock (_gate) return [.. _threads];
    }

    private void Moved(bool here)
    {
        int thread = ThreadStates.CurrentId();
        lock (_gate) _ = here ? _threads.Add(thread) : _threads.Remove(thread);
    }
}
