using System.Collections.Concurrent;

namespace Gateway.Sessions.Subagents;

/// <summary>A subagent that runs.</summary>
/// <param name="Who">Who it is.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record RunningSubagent(SubagentIdentity Who, DateTimeOffset StartedAt)
{
    private readonly CancellationTokenSource _stop = new();
    private int _tools;

    /// <summary>Cancelled when it alone is to stop.</summary>
    public CancellationToken StopToken => _stop.Token;

    /// <summary>Tools started so far.</summary>
    public int ToolCount => _tools;

    /// <summary>The newest tool; null before the first.</summary>
    public string? LastTool { get; private set; }

    /// <summary>Stops it and its own subagents; returns at once.</summary>
    public void Interrupt() => _ = _stop.CancelAsync();

    /// <summary>Counts a tool call.</summary>
    public int Uses(string tool)
    {
        LastTool = tool;
        return Interlocked.Increment(ref _tools);
    }
}

/// <summary>The subagents of all sessions, and whether new ones may be made. Safe from any thread.</summary>
internal sealed class SubagentRegistry
{
    private readonly ConcurrentDictionary<string, RunningSubagent> _running = new(StringComparer.Ordinal);
    private volatile bool _paused;

    /// <summary>Whether no new ones may be made; those that run go on.</summary>
    public bool Paused
    {
        get => _paused;
        set => _paused = value;
    }

    /// <summary>Those that run, oldest first.</summary>
    public IReadOnlyList<RunningSubagent> Running => [.. _running.Values.OrderBy(one => one.StartedAt)];

    /// <summary>Adds one that begins.</summary>
    public void Add(RunningSubagent one) => _running[one.Who.Id] = one;

    /// <summary>Takes out one that ended.</summary>
    public void Remove(string id) => _running.TryRemove(id, out _);

    /// <summary>Stops one.</summary>
    /// <returns><see langword="false"/> when none of that name runs.</returns>
    public bool Interrupt(string id)
    {
        if (!_running.TryGetValue(id, out var one)) return false;
        one.Interrupt();
        return true;
    }
}
