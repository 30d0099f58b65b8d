using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>Prompts of the user (WIRE section 9).</summary>
internal sealed class PromptMethods
{
    private readonly SessionStore _sessions;
    private readonly SessionFactory _factory;
    private readonly TurnRunner _turns;

    /// <summary>Creates the group.</summary>
    public PromptMethods(SessionStore sessions, SessionFactory factory, TurnRunner turns)
    {
        _sessions = sessions;
        _factory = factory;
        _turns = turns;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("prompt.submit", Lane.Session, json => json.PromptSubmitParams, json => json.StatusResult, SubmitAsync),
        Route.Of("input.detect_drop", Lane.Session, json => json.DetectDropParams, json => json.DetectDropResult, DetectDrop),
    ];

    private async ValueTask<StatusResult> SubmitAsync(PromptSubmitParams request, Call call)
    {
        var session = _factory.Require(request.SessionId);
        string text = request.Text
            ?? throw new RpcException(ErrorCode.InvalidParams, "prompt.submit: params.text is missing; it must be a string");

        if (_sessions.BusyElsewhere(session)) throw new RpcException(ErrorCode.SessionBusy, "session busy: a turn runs on the same stored session");
        RunningTurn turn;
        while (!session.TryBegin(call.Order, out turn, out var ending))
        {
            if (session.Closed) throw new RpcException(ErrorCode.SessionNotFound, "session not found");

            // A client may submit right after an interrupt; the interrupted turn is gone in a moment.
            if (ending is null) throw new RpcException(ErrorCode.SessionBusy, "session busy");
            await ending.WaitAsync(call.CancellationToken);
        }

        turn.Recorder = _factory.Recorder(session);
        turn.Recorder.Prompt(text);
        session.Events.TurnStarted();
        call.AfterReply = () => _turns.Start(session, turn, text);
        return new StatusResult("streaming");
    }

    private DetectDropResult DetectDrop(DetectDropParams request)
    {
        var session = _factory.Require(request.SessionId);
        string? path = DroppedFile.Find(request.Text ?? "", session.WorkingDirectory);
        return path is null
            ? new DetectDropResult(false)
            : new DetectDropResult(true, IsImage: false, Path: path, Name: System.IO.Path.GetFileName(path), Text: $"[User attached file: {path}]");
    }
}
