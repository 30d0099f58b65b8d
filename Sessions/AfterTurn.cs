using System.Collections.Concurrent;
using Gateway.Agent;
using Gateway.Diagnostics;

namespace Gateway.Sessions;

/// <summary>What is done for a conversation beside it once a turn is over: it is written to its log, named, and from time to time looked back
/// over for what is worth keeping. Nobody waits for it; the next turn may run meanwhile, and the end of the gateway stops it.</summary>
/// <param name="file">Writes the log of a conversation.</param>
/// <param name="dumps">Writes down requests that nobody answered.</param>
/// <param name="naming">Names conversations.</param>
/// <param name="review">Looks back over them.</param>
/// <param name="log">Where bugs are recorded.</param>
internal sealed class AfterTurn(SessionLog file, RequestDumps dumps, SessionNaming naming, ConversationReview review, GatewayLog log) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    /// <summary>A turn is over. Returns at once.</summary>
    /// <param name="session">Whose it was.</param>
    /// <param name="prompt">What the user asked.</param>
    /// <param name="result">How it ended.</param>
    public void Ended(Session session, string prompt, TurnResult result)
    {
        if (_stop.IsCancellationRequested) return;
        Start(session, _ =>
        {
            file.Write(session);
            if (result.FailedRequest is { } failed) dumps.Write(session.Key, failed);
            return Task.CompletedTask;
        });
        if (result.Status != TurnStatus.Complete) return;
        if (!string.IsNullOrWhiteSpace(result.Text)) Start(session, stop => naming.NameAsync(session, prompt, result.Text, stop));
        if (review.IsDue(session, result) is { } due) Start(session, stop => review.RunAsync(session, due, stop));
    }

    /// <summary>Stops what runs.</summary>
    /// <returns>Completes when it has ended.</returns>
    public Task StopAsync()
    {
        _ = _stop.CancelAsync();
        return Task.WhenAll(_running.Keys);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private void Start(Session session, Func<CancellationToken, Task> work)
    {
        var stop = _stop.Token;
        var task = Task.Run(
            async () =>
            {
                try
                {
                    await work(stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    // The gateway ends.
                }
                catch (Exception exception)
                {
                    log.TurnFailure(session.Id, exception);
                }
            },
            CancellationToken.None);
        _running[task] = true;
        _ = task.ContinueWith(ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
