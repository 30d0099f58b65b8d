namespace ModelServer;

/// <summary>Counts events and lets others wait until there were enough.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly List<(int Target, TaskCompletionSource Source)> _waiting = [];
    private int _count;

    public int Count
    {
        get { lock (_lock) return _count; }
    }

    public void Add()
    {
        lock (_lock)
        {
            _count++;
            foreach ((int target, TaskCompletionSource source) in _waiting)
                if (target <= _count) source.TrySetResult();
            _waiting.RemoveAll(waiting => waiting.Target <= _count);
        }
    }

    public Task ReachAsync(int target)
    {
        lock (_lock)
        {
            if (_count >= target) return Task.CompletedTask;
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((target, source));
            return source.Task;
        }
    }
}
