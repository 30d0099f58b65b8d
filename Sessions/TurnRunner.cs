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
    private const string FailedHere = "the turn failed inside the gateway; details are in logs/tui_gateway_crash.log";
    private readonly ITurnEngine _engine;
    private readonly Func<Session, RunningTurn, string, TurnPlan> _plan;
    private readonly GatewayLog _log;
    private readonly Func<CancellationToken, Task> _settle;
    private readonly Action<Session, string, TurnResult?>? _after;

    /// <summary>Creates a runner.</summary>
    /// <param name="engine">Runs a turn against a model.</param>
    /// <param name="plan">Decides model, instructions and tools of a turn for a prompt; reads configuration afresh.</param>
    /// <param name="log">Where bugs are recorded.</param>
    /// <param name="settle">Waits, in bounds, for what is still being made ready; null for nothing.</param>
    /// <param name="after">Hears of each turn, its prompt and how it ended (null when it did not run), once the client knows; null: nobody does.</param>
    public TurnRunner(
        ITurnEngine engine,
        Func<Session, RunningTurn, string, TurnPlan> plan,
        GatewayLog log,
        Func<CancellationToken, Task>? settle = null,
        Action<Session, string, TurnResult?>? after = null)
    {
        _after = after;
        _settle = settle ?? (_ => Task.CompletedTask);
        _engine = engine;
        _plan = plan;
        _log = log;
    }

    /// <summary>Runs a claimed turn to its end and reports it. Never throws.</summary>
    /// <returns>What the user said to the turn too late for the model to hear it; null when there is nothing.</returns>
    public async Task<string?> RunAsync(Session session, RunningTurn turn, string text)
    {
        TurnResult? result = null;
        string? failure = null;
        turn.Threads.Follow();
        try
        {
            await _settle(turn.InterruptToken);
            bool instructed = session.Conversation.SystemPrompt is not null;
            var plan = _plan(session, turn, text);
            if (!instructed && session.Conversation.SystemPrompt is string instructions) turn.Recorder?.Instructions(instructions);
            if (plan.Request is null) failure = plan.Problem ?? "the turn could not be prepared";
            else result = await _engine.RunAsync(plan.Request, turn.Recorder ?? (IAgentEvents)session.Events, turn.InterruptToken);
        }
        catch (Exception exception)
        {
            _log.TurnFailure(session.Id, exception);
            failure = FailedHere;
        }

        // On disk before the client hears of the end.
        bool unkept = result is { Unkept: true } && turn.Recorder?.Withdraw() != false;
        turn.Recorder?.Finish();
        turn.Lock?.Dispose();
        var usage = session.End(turn, unkept ? [] : result?.NewMessages ?? [new ConversationMessage(Role.User, text)], result?.Usage ?? default);
        string? left = turn.Guidance.Take();
        try
        {
            if (left is not null && turn.Interrupted)
            {
                session.Events.Status("warn", $"⚠ Interrupted before the model heard: {left}");
                left = null;
            }

            if (unkept) session.Events.Status("warn", "⚠ This turn is not kept in the conversation, which is large already: the next one would be refused like it.");
            Report(session.Events, result, failure, usage);
        }
        catch (Exception exception)
        {
            // The client must hear of the end, whatever went wrong in telling.
            _log.TurnFailure(session.Id, exception);
            session.Events.TurnFailed(FailedHere);
        }
        finally
        {
            session.Reported(turn);
        }

        _after?.Invoke(session, text, result);
        return left;
    }

    private static void Report(ISessionEvents events, TurnResult? result, string? failure, TokenUsage usage)
    {
        if (result is null)
        {
            events.TurnFailed(failure!);
            return;
        }

        if (result.Status != TurnStatus.Error)
        {
            events.TurnCompleted(result, usage);
            return;
        }

        // Clients draw the text of a failed turn like an answer, so the reason has to stand beside it.
        if (result.Error is not null && result.Text is not null) events.Status("error", result.Error);
        if (result.Text is null) events.TurnFailed(result.Error ?? "the turn failed");
        else events.TurnCompleted(result with { Warning = result.Warning ?? result.Error }, usage);
    }
}
