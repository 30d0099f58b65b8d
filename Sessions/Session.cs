using Gateway.Agent;

namespace Gateway.Sessions;

/// <summary>One live conversation: its history, what it spent, and the turn that runs, if any. Safe from any thread.</summary>
internal sealed class Session
{
    private readonly Conversation _conversation;
    private long _interruptedThrough;
    private bool _closed;

    /// <summary>Creates a session.</summary>
    /// <param name="id">Live id, unique in this process.</param>
    /// <param name="conversation">What was said under its stored key (WIRE 7.1).</param>
    /// <param name="workingDirectory">Absolute directory its tools start in.</param>
    /// <param name="events">Where its events go.</param>
    public Session(string id, Conversation conversation, string workingDirectory, ISessionEvents events)
    {
        Id = id;
        _conversation = conversation;
        WorkingDirectory = workingDirectory;
        Events = events;
    }

    /// <summary>Live id, unique in this process.</summary>
    public string Id { get; }

    /// <summary>Stored key.</summary>
    public string Key => _conversation.Key;

    /// <summary>What was said under its stored key; shared with other live sessions on it.</summary>
    public Conversation Conversation => _conversation;

    /// <summary>Absolute directory its tools start in.</summary>
    public string WorkingDirectory { get; }

    /// <summary>Where its events go.</summary>
    public ISessionEvents Events { get; }

    /// <summary>Terminal width in columns.</summary>
    public int Columns { get; set; } = 80;

    /// <summary>What was granted for this session (once made by its first turn).</summary>
    public SessionApprovals? Approvals { get; set; }

    /// <summary>Where its tools can ask the user.</summary>
    public SessionQuestions? Questions { get; set; }

    /// <summary>Tokens of all turns so far.</summary>
    public TokenUsage Usage
    {
        get
        {
            lock (Gate) return _conversation.Usage;
        }
    }

    /// <summary>Whether a turn runs.</summary>
    public bool Busy => Turn is not null;

    /// <summary>Whether the turn that runs was started by another live session on the same conversation.</summary>
    public bool BusyElsewhere => Turn is { } turn && turn.Owner != this;

    /// <summary>The turn that runs on the conversation; null when none does.</summary>
    public RunningTurn? Turn
    {
        get
        {
            lock (Gate) return _conversation.Turn;
        }
    }

    private Lock Gate => _conversation.Gate;

    /// <summary>Takes the newest user message and all that followed it out of the conversation. To be called by whoever claimed it.</summary>
    /// <param name="forget">Does the same on disk and says which row is now the newest; nothing changes when it throws.</param>
    /// <returns>How many messages went; 0 when there was no user message.</returns>
    public int Undo(Func<long?> forget)
    {
        int last;
        lock (Gate) last = _conversation.History.FindLastIndex(message => message.Role == Role.User);
        if (last < 0) return 0;
        _conversation.StoredTail = forget();
        lock (Gate)
        {
            int removed = _conversation.History.Count - last;
            _conversation.History.RemoveRange(last, removed);
            _conversation.ToolState?.Forget();
            return removed;
        }
    }

    /// <summary>Says something to the turn that runs.</summary>
    /// <returns><see langword="false"/> when none runs, or one that was told to stop.</returns>
    public bool TrySteer(string text)
    {
        lock (Gate)
        {
            if (_conversation.Turn is not { Interrupted: false } turn) return false;
            turn.Guidance.Add(text);
            return true;
        }
    }

    /// <summary>Tells the turn that runs something that happened.</summary>
    /// <returns><see langword="false"/> when none runs, or one that was told to stop.</returns>
    public bool TryTell(string notice)
    {
        lock (Gate)
        {
            if (_conversation.Turn is not { Interrupted: false } turn) return false;
            turn.Guidance.AddNotice(notice);
            return true;
        }
    }

    /// <summary>Takes up what another process added to the conversation. To be called by the turn that was claimed.</summary>
    public void Renew(RunningTurn turn, IReadOnlyList<ConversationMessage> history)
    {
        lock (Gate)
        {
            _conversation.History.Clear();
            _conversation.History.AddRange(history);
            _conversation.ToolState?.Forget();
            turn.History = history;
        }
    }

    /// <summary>Puts a shorter conversation under a new stored key in the place of this one. To be called by whoever claimed it.</summary>
    /// <param name="key">Stored key.</param>
    /// <param name="history">The messages.</param>
    /// <param name="storedTail">Row of the newest one.</param>
    /// <param name="spent">What shortening it cost; its prompt size is what the next turn begins with.</param>
    public void Continue(string key, IReadOnlyList<ConversationMessage> history, long? storedTail, TokenUsage spent)
    {
        lock (Gate)
        {
            _conversation.Key = key;
            _conversation.StoredTail = storedTail;
            _conversation.SystemPrompt = null;
            _conversation.ToolState?.Forget();
            _conversation.Usage += spent;
            _conversation.History.Clear();
            _conversation.History.AddRange(history);
        }
    }

    /// <summary>Reads what was said so far, unless that has been done.</summary>
    /// <exception cref="Storage.SessionDatabaseException">It cannot be read.</exception>
    public void Load()
    {
        if (_conversation.Read() is not { } history) return;
        lock (Gate) _conversation.TakeUp(history);
    }

    /// <summary>The conversation so far, as a copy.</summary>
    public IReadOnlyList<ConversationMessage> History()
    {
        lock (Gate) return [.. _conversation.History];
    }

    /// <summary>The conversation before the turn that runs, as a copy.</summary>
    /// <param name="before">The row of that turn's prompt, which with all after it is no part of the copy; null when none runs.</param>
    public IReadOnlyList<ConversationMessage> History(out long? before)
    {
        lock (Gate)
        {
            before = _conversation.Turn?.Recorder?.PromptRow;
            return [.. _conversation.History];
        }
    }

    /// <summary>Claims the session for a turn.</summary>
    /// <param name="order">Place of the prompt among the client's requests. A prompt sent before an interrupt is interrupted
    /// even if it only now gets its turn.</param>
    /// <param name="turn">The claimed turn.</param>
    /// <param name="ending">When a turn is interrupted or its end is just being reported: completes when that is done.</param>
    /// <returns><see langword="false"/> when a turn runs or the session is closed.</returns>
    public bool TryBegin(long order, out RunningTurn turn, out Task? ending)
    {
        lock (Gate)
        {
            var running = _conversation.Turn;
            ending = running is null ? _conversation.Unreported?.Ended : running.Interrupted ? running.Ended : null;
            turn = null!;
            if (running is not null || _conversation.Unreported is not null || _closed) return false;
            turn = _conversation.Turn = new RunningTurn(this, [.. _conversation.History]);
            if (order < _interruptedThrough) turn.Interrupt();
            return true;
        }
    }

    /// <summary>Whether it was closed and accepts nothing more.</summary>
    public bool Closed
    {
        get
        {
            lock (Gate) return _closed;
        }
    }

    /// <summary>Ends a turn: keeps what it said (the prompt at least, which is on disk already), and the session is no longer busy. To be called before the client hears of
    /// the end, since it may answer with the next prompt at once; that prompt waits for <see cref="Reported"/>, so that its
    /// events never overtake the end of this turn.</summary>
    public TokenUsage End(RunningTurn turn, IReadOnlyList<ConversationMessage> said, TokenUsage spent)
    {
        lock (Gate)
        {
            _conversation.History.AddRange(said);
            _conversation.Usage += spent;
            _conversation.Turn = null;
            _conversation.Unreported = turn;
            return _conversation.Usage;
        }
    }

    /// <summary>Counts what was spent beside its turns.</summary>
    public void Spend(TokenUsage spent)
    {
        lock (Gate) _conversation.Usage += spent;
    }

    /// <summary>The client was told that the turn ended.</summary>
    public void Reported(RunningTurn turn)
    {
        lock (Gate) _conversation.Unreported = null;
        turn.End();
    }

    /// <summary>Stops the turn that runs on the conversation, and every prompt sent here before this.</summary>
    /// <param name="order">Place of the interrupt among the client's requests.</param>
    /// <returns>The live session whose turn was stopped; null when none ran.</returns>
    public Session? Interrupt(long order)
    {
        RunningTurn? turn;
        lock (Gate)
        {
            _interruptedThrough = Math.Max(_interruptedThrough, order);
            turn = _conversation.Turn;
        }

        turn?.Interrupt();
        return turn?.Owner;
    }

    /// <summary>Stops the turn it started and accepts no more; the turn of another live session on the conversation goes on.</summary>
    /// <returns>Completes when nothing of the session runs.</returns>
    public Task Close()
    {
        RunningTurn? turn;
        lock (Gate)
        {
            _closed = true;
            turn = _conversation.Turn ?? _conversation.Unreported;
        }

        if (turn?.Owner != this) return Task.CompletedTask;
        turn.Interrupt();
        return turn.Ended;
    }
}
