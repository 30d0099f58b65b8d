namespace Gateway.Processes;

/// <summary>Starts children and knows all that live, so that none outlives the gateway. Thread-safe.</summary>
internal sealed class ChildProcesses
{
    private readonly Lock _lock = new();
    private readonly HashSet<ChildProcess> _live = [];
    private bool _closed;

    /// <summary>Children that are running now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _live.Count;
        }
    }

    /// <summary>Runs a child to its end on a thread of its own.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="cancellationToken">Ends the child: the task then completes normally, with
    /// <see cref="ChildResult.Interrupted"/> set.</param>
    /// <exception cref="ChildStartException">It could not be started, or <see cref="KillAll"/> was called before.</exception>
    public Task<ChildResult> RunAsync(ChildStart start, CancellationToken cancellationToken) =>
        ChildProcess.RunAsync(start, this, cancellationToken);

    /// <summary>Ends every running child, its process group and all its descendants at once with SIGKILL and refuses new ones.
    /// What commands that are over left running stays. Returns when the signals are sent; never waits for a child. For the
    /// shutdown of the gateway.</summary>
    public void KillAll()
    {
        lock (_lock)
        {
            _closed = true;
            if (_live.Count == 0) return;
            var tree = new ProcessTree();
            foreach (var child in _live) child.AddTo(tree);
            tree.Kill();
        }
    }

    /// <summary>Takes a started child; false when everything has been killed already.</summary>
    internal bool Add(ChildProcess child)
    {
        lock (_lock)
        {
            if (!_closed) _live.Add(child);
            return !_closed;
        }
    }

    /// <summary>Forgets a child that is about to be reaped: its process id may belong to someone else afterwards.</summary>
    internal void Remove(ChildProcess child)
    {
        lock (_lock) _live.Remove(child);
    }
}
