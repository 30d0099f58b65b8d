using System.Diagnostics;
using Gateway.Agent;
using Gateway.Diagnostics;

namespace Gateway.Sessions;

/// <summary>A turn between its claim and its end.</summary>
internal sealed class RunningTurn
{
    private readonly CancellationTokenSource _interrupt = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Claims a turn over a conversation.</summary>
    public RunningTurn(Session owner, IReadOnlyList<ConversationMessage> history)
    {
        Owner = owner;
        History = history;
    }

    /// <summary>The live session that started it.</summary>
    public Session Owner { get; }

    /// <summary>The conversation before the turn.</summary>
    public IReadOnlyList<ConversationMessage> History { get; set; }

    /// <summary>Keeps other gateways from running a turn on the same stored session; null when there is no lock.</summary>
    public IDisposable? Lock { get; set; }

    /// <summary>When it was claimed (Stopwatch ticks).</summary>
    public long StartedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>The threads that work on it.</summary>
    public WorkThreads Threads { get; } = new();

    /// <summary>What the user says while it runs.</summary>
    public Guidance Guidance { get; } = new();

    /// <summary>Writes the turn to disk.</summary>
    public TurnRecorder? Recorder { get; set; }

    /// <summary>Cancelled when the turn is to stop.</summary>
    public CancellationToken InterruptToken => _interrupt.Token;

    /// <summary>Whether it was told to stop.</summary>
    public bool Interrupted => _interrupt.IsCancellationRequested;

    /// <summary>Completes when the session is free again.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Tells it to stop. Returns at once: what stopping sets off runs elsewhere, since the caller may be the
    /// dispatcher loop.</summary>
    public void Interrupt() => _ = _interrupt.CancelAsync();

    /// <summary>The session is free again.</summary>
    public void End() => _ended.TrySetResult();
}
