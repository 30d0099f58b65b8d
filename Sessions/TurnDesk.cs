using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Why a prompt cannot become a turn now.</summary>
internal enum TurnRefusal
{
    /// <summary>The session is closed.</summary>
    Closed,

    /// <summary>A turn runs in this process.</summary>
    Busy,

    /// <summary>Another process runs a turn on the same stored session.</summary>
    BusyElsewhere,
}

/// <summary>A prompt cannot become a turn now.</summary>
internal sealed class TurnRefusedException : Exception
{
    /// <summary>Says why, to the program and to the user.</summary>
    public TurnRefusedException(TurnRefusal reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    public TurnRefusal Reason { get; }
}

/// <summary>Makes turns of prompts: claims the conversation in this process and among all, takes up what another process added to
/// it, and stores the prompt before anybody says that it was accepted.</summary>
internal sealed class TurnDesk
{
    private readonly SessionRecords _records;
    private readonly TurnLocks _locks;
    private readonly TurnRunner _runner;
    private readonly Func<Session, TurnRecorder> _recorder;

    /// <summary>Creates the desk.</summary>
    public TurnDesk(SessionRecords records, TurnLocks locks, TurnRunner runner, Func<Session, TurnRecorder> recorder)
    {
        _records = records;
        _locks = locks;
        _runner = runner;
        _recorder = recorder;
    }

    /// <summary>Accepts a prompt; its turn is claimed and stored, and has to be started with <see cref="Start"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="text">The prompt.</param>
    /// <param name="order">Its place among the client's requests: an interrupt sent later stops the turn.</param>
    /// <param name="cancellationToken">Cancelled when the gateway shuts down.</param>
    /// <exception cref="TurnRefusedException">A turn runs, or the session is closed.</exception>
    public async ValueTask<RunningTurn> AcceptAsync(Session session, string text, long order, CancellationToken cancellationToken)
    {
        var turn = await ClaimAsync(session, order, cancellationToken);
        return OrRelease(session, turn, () =>
        {
            turn.Recorder = _recorder(session);
            turn.Recorder.Prompt(text);
            session.Events.TurnStarted();
        });
    }

    /// <summary>Claims a session for work on its conversation that is no turn, such as compression; <see cref="Release"/> ends it.</summary>
    /// <exception cref="TurnRefusedException">A turn runs, or the session is closed.</exception>
    public async ValueTask<RunningTurn> ClaimAsync(Session session, long order, CancellationToken cancellationToken)
    {
        RunningTurn turn;
        while (!session.TryBegin(order, out turn, out var ending))
        {
            if (session.Closed) throw new TurnRefusedException(TurnRefusal.Closed, "session not found");

            // A client may submit right after an interrupt; the interrupted turn is gone in a moment.
            if (ending is null) throw new TurnRefusedException(TurnRefusal.Busy, session.BusyElsewhere ? "session busy: a turn runs on the same stored session" : "session busy");
            await ending.WaitAsync(cancellationToken);
        }

        return OrRelease(session, turn, () =>
        {
            FollowCompression(session, turn);
            if (!_locks.TryTake(session.Key, out var held))
                throw new TurnRefusedException(TurnRefusal.BusyElsewhere, "session busy: another tui-gateway runs a turn on this stored session; wait for it or interrupt it there");
            turn.Lock = held;
            Renew(session, turn);
        });
    }

    /// <summary>Gives back a claim that became no turn. What the user said meanwhile becomes one.</summary>
    public void Release(Session session, RunningTurn turn)
    {
        turn.Lock?.Dispose();
        turn.Recorder?.Dispose();
        session.End(turn, [], default);
        session.Reported(turn);
        if (turn.Guidance.Take() is { } left) _ = Task.Run(() => FollowAsync(session, left, session.TrySteer));
    }

    /// <summary>Starts a turn on the thread pool.</summary>
    public void Start(Session session, RunningTurn turn, string text) => _ = Task.Run(() => RunAsync(session, turn, text));

    /// <summary>Tells the model something that happened outside its turns, such as the end of a process: with the next tool result while a
    /// turn runs, else as the prompt of a turn of its own. Returns at once.</summary>
    /// <returns><see langword="false"/> when the session is closed, so that nobody is told.</returns>
    public bool Deliver(Session session, string notice)
    {
        if (session.Closed) return false;
        if (!session.TryTell(notice)) _ = Task.Run(() => FollowAsync(session, notice, session.TryTell));
        return true;
    }

    // A session must not stay busy because something went wrong before its turn began.
    private RunningTurn OrRelease(Session session, RunningTurn turn, Action prepare)
    {
        bool prepared = false;
        try
        {
            prepare();
            prepared = true;
            return turn;
        }
        finally
        {
            if (!prepared) Release(session, turn);
        }
    }

    // What the user said too late for the turn becomes the next one; when another prompt was faster, it is said to that one's turn.
    private async Task RunAsync(Session session, RunningTurn turn, string text)
    {
        if (await _runner.RunAsync(session, turn, text) is { } left) await FollowAsync(session, left, session.TrySteer);
    }

    private async Task FollowAsync(Session session, string left, Func<string, bool> say)
    {
        while (true)
        {
            try
            {
                var turn = await AcceptAsync(session, left, long.MaxValue, CancellationToken.None);
                Start(session, turn, left);
                return;
            }
            catch (TurnRefusedException refused)
            {
                if (refused.Reason == TurnRefusal.Closed || say(left)) return;
                if (refused.Reason == TurnRefusal.Busy) continue;
                session.Events.Status("warn", $"⚠ Not delivered to the model: {left}");
                return;
            }
        }
    }

    // Another process may have compressed the conversation, which then goes on under another key.
    private void FollowCompression(Session session, RunningTurn turn)
    {
        try
        {
            string tip = _records.Tip(session.Key);
            if (tip == session.Key) return;
            var head = _records.Head(tip);
            long? tail = _records.Tail(tip);
            var history = MessageRecords.FromRows(_records.Messages(tip));
            session.Continue(tip, history, tail, default);

            // Word for word what the other process sends, so that both find the same cached prefix.
            session.Conversation.SystemPrompt = head?.SystemPrompt;
            turn.History = history;
        }
        catch (SessionDatabaseException)
        {
        }
    }

    // A database that cannot be read, or from which the session was deleted, leaves the conversation as this process knows it.
    private void Renew(Session session, RunningTurn turn)
    {
        try
        {
            if (session.Conversation.Pending.Any) return;
            long? tail = _records.Tail(session.Key);
            if (tail is null || tail == session.Conversation.StoredTail) return;
            session.Renew(turn, MessageRecords.FromRows(_records.Messages(session.Key)));
            session.Conversation.StoredTail = tail;
        }
        catch (SessionDatabaseException)
        {
        }
    }
}
