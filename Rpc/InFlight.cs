namespace Gateway.Rpc;

/// <summary>Accepted requests that have no answer yet, so that an ending can wait for them and a log can name them.</summary>
internal sealed class InFlight
{
    private readonly Lock _gate = new();
    private readonly HashSet<Call> _calls = [];
    private TaskCompletionSource? _idle;

    /// <summary>A request was accepted.</summary>
    public void Enter(Call call)
    {
        lock (_gate) _calls.Add(call);
    }

    /// <summary>A request was answered.</summary>
    public void Leave(Call call)
    {
        lock (_gate)
        {
            if (_calls.Remove(call) && _calls.Count == 0) _idle?.TrySetResult();
        }
    }

    /// <summary>Completes when every accepted request is answered.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (_calls.Count == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>The requests, as a copy.</summary>
    public IReadOnlyList<Call> Calls()
    {
        lock (_gate) return [.. _calls];
    }
}
