using Gateway.Agent;

namespace Gateway.Sessions;

/// <summary>One live conversation: its history, what it spent, and the turn that runs, if any. Safe from any thread.</summary>
internal sealed class Session
{
    private readonly Lock _gate = new();
    private readonly List<ConversationMessage> _history = [];
    private TokenUsage _usage;
    private RunningTurn? _turn;
    private RunningTurn? _unreported;
    private long _interruptedThrough;
    private bool _closed;

    /// <summary>Creates an empty session.</summary>
    /// <param name="id">Live id, unique in this process.</param>
    /// <param name="key">Stored key (WIRE 7.1).</param>
    /// <param name="workingDirectory">Absolute directory its tools start in.</param>
    /// <param name="events">Where its events go.</param>
    public Session(string id, string key, string workingDirectory, ISessionEvents events)
    {
        Id = id;
        Key = key;
        WorkingDirectory = workingDirectory;
        Events = events;
    }

    /// <summary>Live id, unique in this process.</summary>
    public string Id { get; }

    /// <summary>Stored key.</summary>
    public string Key { get; }

    /// <summary>Absolute directory its tools start in.</summary>
    public string WorkingDirectory { get; }

    /// <summary>Where its events go.</summary>
    public ISessionEvents Events { get; }

    /// <summary>Terminal width in columns.</summary>
    public int Columns { get; set; } = 80;

    /// <summary>Instructions of the session, fixed at its first turn so that providers can cache them.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>What was granted for this session (once made by its first turn).</summary>
    public SessionApprovals? Approvals { get; set; }

    /// <summary>Tokens of all turns so far.</summary>
    public TokenUsage Usage
    {
        get
        {
            lock (_gate) return _usage;
        }
    }

    /// <summary>Whether a turn runs.</summary>
    public bool Busy
    {
        get
        {
            lock (_gate) return _turn is not null;
        }
    }

    /// <summary>The turn that runs; null when none does.</summary>
    public RunningTurn? Turn
    {
        get
        {
            lock (_gate) return _turn;
        }
    }

    /// <summary>Takes up a stored conversation. To be called before the first turn.</summary>
    public void Restore(IReadOnlyList<ConversationMessage> history, string? systemPrompt)
    {
        SystemPrompt = systemPrompt;
        lock (_gate) _history.AddRange(history);
    }

    /// <summary>Takes the newest user message and all that followed it out of the conversation.</summary>
    /// <param name="forget">Does the same on disk; called only when the session is idle, and nothing changes when it throws.</param>
    /// <param name="removed">How many messages went; 0 when there was no user message.</param>
    /// <returns><see langword="false"/> when a turn runs.</returns>
    public bool TryUndo(Action forget, out int removed)
    {
        lock (_gate)
        {
            removed = 0;
            if (_turn is not null || _unreported is not null) return false;
            int last = _history.FindLastIndex(message => message.Role == Role.User);
            if (last < 0) return true;
            forget();
            removed = _history.Count - last;
            _history.RemoveRange(last, removed);
            return true;
        }
    }

    /// <summary>The conversation so far, as a copy.</summary>
    public IReadOnlyList<ConversationMessage> History()
    {
        lock (_gate) return [.. _history];
    }

    /// <summary>Claims the session for a turn.</summary>
    /// <param name="order">Place of the prompt among the client's requests. A prompt sent before an interrupt is interrupted
    /// even if it only now gets its turn.</param>
    /// <param name="turn">The claimed turn.</param>
    /// <param name="ending">When a turn is interrupted or its end is just being reported: completes when that is done.</param>
    /// <returns><see langword="false"/> when a turn runs or the session is closed.</returns>
    public bool TryBegin(long order, out RunningTurn turn, out Task? ending)
    {
        lock (_gate)
        {
            ending = _turn is null ? _unreported?.Ended : _turn.Interrupted ? _turn.Ended : null;
            turn = null!;
            if (_turn is not null || _unreported is not null || _closed) return false;
            turn = _turn = new RunningTurn([.. _history]);
            if (order < _interruptedThrough) turn.Interrupt();
            return true;
        }
    }

    /// <summary>Whether it was closed and accepts nothing more.</summary>
    public bool Closed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    /// <summary>Ends a turn: keeps what it said, and the session is no longer busy. To be called before the client hears of
    /// the end, since it may answer with the next prompt at once; that prompt waits for <see cref="Reported"/>, so that its
    /// events never overtake the end of this turn.</summary>
    public TokenUsage End(RunningTurn turn, TurnResult? result)
    {
        lock (_gate)
        {
            if (result is not null)
            {
                _history.AddRange(result.NewMessages);
                _usage += result.Usage;
            }

            _turn = null;
            _unreported = turn;
            return _usage;
        }
    }

    /// <summary>The client was told that the turn ended.</summary>
    public void Reported(RunningTurn turn)
    {
        lock (_gate) _unreported = null;
        turn.End();
    }

    /// <summary>Stops the running turn, and every prompt sent before this.</summary>
    /// <param name="order">Place of the interrupt among the client's requests.</param>
    /// <returns>Whether a turn was running.</returns>
    public bool Interrupt(long order)
    {
        RunningTurn? turn;
        lock (_gate)
        {
            _interruptedThrough = Math.Max(_interruptedThrough, order);
            turn = _turn;
        }

        turn?.Interrupt();
        return turn is not null;
    }

    /// <summary>Stops the running turn and accepts no more.</summary>
    /// <returns>Completes when nothing of the session runs.</returns>
    public Task Close()
    {
        RunningTurn? turn;
        lock (_gate)
        {
            _closed = true;
            turn = _turn ?? _unreported;
        }

        turn?.Interrupt();
        return turn?.Ended ?? Task.CompletedTask;
    }
}
