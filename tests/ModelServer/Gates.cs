namespace ModelServer;

/// <summary>Named points in scripts at which a reply waits for the test, and the test for the reply.</summary>
internal sealed class Gates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Gate> _gates = [];

    public async Task PassAsync(string name, CancellationToken cancellationToken)
    {
        Gate gate = Get(name);
        gate.Reached.TrySetResult();
        await gate.Opened.Task.WaitAsync(cancellationToken);
    }

    public void Open(string name) => Get(name).Opened.TrySetResult();

    public Task ReachedAsync(string name) => Get(name).Reached.Task;

    private Gate Get(string name)
    {
        lock (_lock)
        {
            if (!_gates.TryGetValue(name, out Gate? gate)) _gates[name] = gate = new Gate();
            return gate;
        }
    }

    /// <summary>One gate; once open, it stays open.</summary>
    private sealed class Gate
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
