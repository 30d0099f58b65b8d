using Gateway.Agent;
using Gateway.Diagnostics;

namespace Gateway.Sessions;

/// <summary>What a turn runs with, or why it cannot.</summary>
/// <param name="Request">The turn; null when it cannot run.</param>
/// <param name="Problem">Why it cannot run, for the user.</param>
internal sealed record TurnPlan(TurnRequest? Request, string? Problem);

/// <summary>Runs claimed turns in the background and reports their ends.</summary>
internal sealed class TurnRunner
{
    private readonly ITurnEngine _engine;
    private readonly Func<Session, RunningTurn, string, TurnPlan> _plan;
    private readonly GatewayLog _log;

    /// <summary>Creates a runner.</summary>
    /// <param name="engine">Runs a turn against a model.</param>
    /// <param name="plan">Decides model, instructions and tools of a turn for a prompt; reads configuration afresh.</param>
    /// <param name="log">Where bugs are recorded.</param>
    public TurnRunner(ITurnEngine engine, Func<Session, RunningTurn, string, TurnPlan> plan, GatewayLog log)
    {
        _engine = engine;
        _plan = plan;
        _log = log;
    }

    /// <summary>Starts a claimed turn on the thread pool.</summary>
    public void Start(Session session, RunningTurn turn, string text) => _ = Task.Run(() => RunAsync(session, turn, text));

    private async Task RunAsync(Session session, RunningTurn turn, string text)
    {
        TurnResult? result = null;
        string? failure = null;
        try
        {
            var plan = _plan(session, turn, text);
            if (plan.Request is null) failure = plan.Problem ?? "the turn could not be prepared";
            else result = await _engine.RunAsync(plan.Request, session.Events, turn.InterruptToken);
        }
        catch (Exception exception)
        {
            _log.Failure($"turn of session {session.Id}", exception);
            GatewayLog.StandardError($"[gateway-turn] {exception.GetType().Name}");
            failure = "the turn failed inside the gateway; details are in logs/tui_gateway_crash.log";
        }

        var usage = session.End(turn, result);
        if (result is null) session.Events.TurnFailed(failure!);
        else if (result is { Status: TurnStatus.Error, Text: null }) session.Events.TurnFailed(result.Error ?? "the turn failed");
        else session.Events.TurnCompleted(result, usage);
    }
}
