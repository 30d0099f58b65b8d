namespace Gateway.Rpc;

/// <summary>Counts accepted requests that have no answer yet, so that an ending can wait for them.</summary>
internal sealed class InFlight
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;
    private int _count;

    /// <summary>A request was accepted.</summary>
    public void Enter()
    {
        lock (_gate) _count++;
    }

    /// <summary>A request was answered.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0) _idle?.TrySetResult();
        }
    }

    /// <summary>Completes when every accepted request is answered.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (_count == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }
}
