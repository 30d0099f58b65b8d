using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Life of a session: create, close, interrupt, and what is known about it (WIRE section 7).</summary>
internal sealed class SessionMethods
{
    private readonly SessionStore _sessions;
    private readonly SessionFactory _factory;
    private readonly PendingQuestions _questions;
    private readonly SessionRecords _records;
    private readonly TurnDesk _desk;

    /// <summary>Creates the group.</summary>
    public SessionMethods(SessionStore sessions, SessionFactory factory, PendingQuestions questions, SessionRecords records, TurnDesk desk)
    {
        _sessions = sessions;
        _factory = factory;
        _questions = questions;
        _records = records;
        _desk = desk;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.create", Lane.Session, json => json.SessionCreateParams, json => json.SessionCreateResult, CreateAsync),
        Route.Of("session.resume", Lane.Worker, json => json.SessionResumeParams, json => json.SessionResumeResult, ResumeAsync),
        Route.Of("session.undo", Lane.Session, json => json.SessionParams, json => json.SessionUndoResult, UndoAsync),
        Route.Of("session.close", Lane.Session, json => json.SessionParams, json => json.SessionCloseResult, CloseAsync),
        Route.Of("session.interrupt", Lane.Control, json => json.SessionParams, json => json.StatusResult, InterruptAsync),
        Route.Of("session.history", Lane.Session, json => json.SessionParams, json => json.SessionHistoryResult, History),
        Route.Of("session.events.since", Lane.Session, json => json.EventsSinceParams, json => json.EventsSinceResult, EventsSince),
        Route.Of("session.usage", Lane.Session, json => json.SessionParams, json => json.UsageResult, Usage),
        Route.Of("terminal.resize", Lane.Inline, json => json.TerminalResizeParams, json => json.TerminalResizeResult, Resize),
    ];

    private ValueTask<SessionCreateResult> CreateAsync(SessionCreateParams request, Call call)
    {
        var session = _factory.Create(request.Cols ?? SessionFactory.DefaultColumns);
        var info = _factory.Info(session);

        // The answer carries it all; the event after it serves clients that wait for one.
        call.AfterReply = () => SessionFactory.EventsOf(session).Info(info);
        return new(new SessionCreateResult(session.Id, info));
    }

    private ValueTask<SessionResumeResult> ResumeAsync(SessionResumeParams request, Call call)
    {
        if (string.IsNullOrWhiteSpace(request.SessionId)) throw new RpcException(ErrorCode.SessionIdRequired, "session_id required");
        try
        {
            var head = _records.Head(request.SessionId) ?? throw new RpcException(ErrorCode.StoredSessionNotFound, "session not found");
            var session = _factory.Resume(head, request.Cols ?? SessionFactory.DefaultColumns);
            var info = _factory.Info(session);
            var rows = _factory.StoredTranscript(head.Id);
            call.AfterReply = () => SessionFactory.EventsOf(session).Info(info);
            return new(new SessionResumeResult(session.Id, head.Id, rows.Count, rows, info));
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"state.db unavailable: {exception.Message}");
        }
    }

    private async ValueTask<SessionUndoResult> UndoAsync(SessionParams request, Call call)
    {
        var session = _factory.RequireLoaded(request.SessionId);
        try
        {
            var claim = await _desk.ClaimAsync(session, call.Order, call.CancellationToken);
            try
            {
                return new(session.Undo(() => Forget(session)));
            }
            finally
            {
                _desk.Release(session, claim);
            }
        }
        catch (TurnRefusedException refused)
        {
            throw refused.Answer("session busy — /interrupt the current turn before /undo");
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"nothing was undone: state.db unavailable: {exception.Message}");
        }
    }

    // What is not on disk yet goes there first, so that the same exchange is taken out in both places.
    private long? Forget(Session session)
    {
        session.Conversation.Pending.Store(_records, session.Key, _factory.Model);
        return _records.RemoveLastExchange(session.Key);
    }

    private async ValueTask<SessionCloseResult> CloseAsync(SessionParams request, Call call)
    {
        var session = _sessions.Remove(request.SessionId) ?? _sessions.Remove(_sessions.FindKey(request.SessionId)?.Id);
        if (session is null) return new(false);
        var ended = session.Close();
        _questions.Close(session.Id);
        await ended.WaitAsync(call.CancellationToken);
        return new(true);
    }

    private async ValueTask<StatusResult> InterruptAsync(SessionParams request, Call call)
    {
        var session = await _factory.RequireAsync(request.SessionId, call.CancellationToken);
        var stopped = session.Interrupt(call.Order);
        _questions.Release(session.Id);
        if (stopped is not null && stopped != session) _questions.Release(stopped.Id);
        return new StatusResult("interrupted");
    }

    private SessionHistoryResult History(SessionParams request)
    {
        var history = _factory.RequireLoaded(request.SessionId).History();
        return new(history.Count, Transcript.Rows(history));
    }

    private EventsSinceResult EventsSince(EventsSinceParams request)
    {
        var events = SessionFactory.EventsOf(_factory.Require(request.SessionId));
        byte[] missed = events.Log.Since(Math.Max(0, request.LastSeen ?? 0), out long latest, out bool truncated, out int count);
        return new(missed, count, latest, truncated, events.Epoch);
    }

    private UsageResult Usage(SessionParams request)
    {
        var session = _factory.Require(request.SessionId);
        return _factory.Usage(session.Usage);
    }

    private TerminalResizeResult Resize(TerminalResizeParams request)
    {
        var session = _factory.Require(request.SessionId);
        session.Columns = request.Cols ?? SessionFactory.DefaultColumns;
        return new(session.Columns);
    }
}
