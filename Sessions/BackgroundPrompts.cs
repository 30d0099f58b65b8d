using System.Collections.Concurrent;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Runs prompts beside the turns of a session (WIRE 9.9): an agent of its own without the session's history, stored as a session
/// of its own. Its dangerous commands are put to the same user (quirk Q14). Nothing but closing the gateway stops it.</summary>
internal sealed class BackgroundPrompts(
    ITurnEngine engine, SessionWork work, SessionRecords records, Func<string> newKey, GatewayLog log) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>A fresh task id.</summary>
    public static string NewId() => "bg_" + RandomHex.Digits(6);

    /// <summary>Ids of the prompts that run.</summary>
    public IReadOnlyCollection<string> Running => [.. _running.Keys];

    /// <summary>Starts a prompt; its end is told through the session's events.</summary>
    public void Start(Session session, string taskId, string text)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[taskId] = Task.Run(async () =>
        {
            await started.Task;
            try
            {
                session.Events.BackgroundCompleted(taskId, await RunAsync(session, text));
            }
            finally
            {
                _running.TryRemove(taskId, out _);
            }
        });
        started.SetResult();
    }

    /// <summary>Stops all of them.</summary>
    /// <returns>Completes when they have ended.</returns>
    public Task StopAsync()
    {
        _ = _stop.CancelAsync();
        return Task.WhenAll(_running.Values);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task<string> RunAsync(Session session, string text)
    {
        try
        {
            string key = newKey();
            var plan = work.PlanBeside(session, key, text);
            if (plan.Request is not { } request) return $"error: {plan.Problem ?? "the prompt could not be prepared"}";
            var recorder = new SideRecorder(key, request.Endpoint.Model, records);
            var result = await engine.RunAsync(request, new Watch(recorder, session.Events), _stop.Token);
            recorder.End("background_complete");
            if (result.Status == TurnStatus.Complete && !string.IsNullOrEmpty(result.Text)) return result.Text;
            return result.Status == TurnStatus.Interrupted ? "error: the gateway was stopped before the answer was there" : $"error: {result.Error ?? result.Text ?? "the model gave no answer"}";
        }
        catch (Exception exception)
        {
            log.TurnFailure(session.Id, exception);
            return "error: the prompt failed inside the gateway; details are in logs/tui_gateway_crash.log";
        }
    }

    private sealed class Watch(SideRecorder recorder, ISessionEvents client) : SilentEvents(client)
    {
        public override void Status(string kind, string text)
        {
        }

        public override void MessageAdded(ConversationMessage message) => recorder.Add(message);

        public override void TokensSpent(TokenUsage usage, ModelEndpoint endpoint) => recorder.Spent(usage, endpoint);
    }
}
