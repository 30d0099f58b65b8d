using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>Prompts of the user (WIRE section 9).</summary>
internal sealed class PromptMethods
{
    private readonly SessionFactory _factory;
    private readonly TurnDesk _desk;
    private readonly string _home;

    /// <summary>Creates the group.</summary>
    public PromptMethods(SessionFactory factory, TurnDesk desk, string home)
    {
        _home = home;
        _factory = factory;
        _desk = desk;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("prompt.submit", Lane.Session, json => json.PromptSubmitParams, json => json.StatusResult, SubmitAsync).Taking(Route.LongText),
        Route.Of("session.steer", Lane.Session, json => json.SteerParams, json => json.SteerResult, SteerAsync).Taking(Route.LongText),
        Route.Of("input.detect_drop", Lane.Session, json => json.DetectDropParams, json => json.DetectDropResult, DetectDrop).Taking(Route.LongText),
    ];

    private async ValueTask<StatusResult> SubmitAsync(PromptSubmitParams request, Call call)
    {
        var session = _factory.RequireLoaded(request.SessionId);
        string text = request.Text
            ?? throw new RpcException(ErrorCode.InvalidParams, "prompt.submit: params.text is missing; it must be a string");

        var turn = await Accepted(_desk.AcceptAsync(session, text, call.Order, call.CancellationToken));
        call.AfterReply = () => _desk.Start(session, turn, text);
        return new StatusResult("streaming");
    }

    // What is said to a session where no turn runs is a prompt; nothing that was accepted is lost (quirk Q16).
    private async ValueTask<SteerResult> SteerAsync(SteerParams request, Call call)
    {
        string text = request.Text?.Trim() ?? "";
        if (text.Length == 0) throw new RpcException(ErrorCode.BadInput, "text is required");
        var session = _factory.RequireLoaded(request.SessionId);
        while (!session.TrySteer(text))
        {
            try
            {
                var turn = await _desk.AcceptAsync(session, text, call.Order, call.CancellationToken);
                call.AfterReply = () => _desk.Start(session, turn, text);
                break;
            }
            catch (TurnRefusedException refused) when (refused.Reason == TurnRefusal.Busy)
            {
            }
            catch (TurnRefusedException refused)
            {
                throw refused.Answer();
            }
        }

        return new SteerResult("queued", text);
    }

    private static async ValueTask<RunningTurn> Accepted(ValueTask<RunningTurn> claim)
    {
        try
        {
            return await claim;
        }
        catch (TurnRefusedException refused)
        {
            throw refused.Answer();
        }
    }

    private DetectDropResult DetectDrop(DetectDropParams request)
    {
        var session = _factory.Require(request.SessionId);
        string? path = DroppedFile.Find(request.Text ?? "", session.WorkingDirectory, _home);
        return path is null
            ? new DetectDropResult(false)
            : new DetectDropResult(true, IsImage: false, Path: path, Name: System.IO.Path.GetFileName(path), Text: $"[User attached file: {path}]");
    }
}
