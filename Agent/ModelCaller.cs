using System.Globalization;
using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>How a model call ended, all its attempts included.</summary>
internal enum CallEnd
{
    /// <summary>A complete reply.</summary>
    Reply,

    /// <summary>The connection broke after text had been shown; what arrived stands.</summary>
    Partial,

    /// <summary>The user interrupted.</summary>
    Interrupted,

    /// <summary>No attempt brought an answer.</summary>
    Failed,
}

/// <summary>What a model call left behind.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Reply">The reply, whole or as far as it came; null when there is none.</param>
/// <param name="Shown">Whether visible text was passed on.</param>
/// <param name="Text">For an interruption without a reply, what to answer; for exhausted attempts, the final answer.</param>
/// <param name="Error">What failed.</param>
internal sealed record CallOutcome(CallEnd End, ModelReply? Reply = null, bool Shown = false, string? Text = null, ModelError? Error = null);

/// <summary>Makes the model calls of one turn: attempts, waits between them, and leaving a call at once when the user interrupts.</summary>
internal sealed class ModelCaller(IModelClient client, RetryPolicy retry, TimeProvider time, IAgentEvents events)
{
    // An abandoned connection closes in the background; the user has not asked to wait for it.
    private static readonly TimeSpan TeardownGrace = TimeSpan.FromMilliseconds(80);

    private bool _omitReasoningDetails;

    /// <summary>Makes a call, in as many attempts as the settings allow.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="newReply">Makes the collector for one attempt.</param>
    /// <param name="hasFallback">Whether another model stands by: a refusal for lack of money or too many requests is then final, and
    /// a failure that the other model may not share is for the caller to tell.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    public async Task<CallOutcome> CallAsync(ModelRequest request, Func<ReplyAssembler> newReply, bool hasFallback, CancellationToken cancellationToken)
    {
        var attempts = Math.Max(1, request.Settings.ApiMaxRetries);
        for (var attempt = 1; ; attempt++)
        {
            var started = time.GetTimestamp();
            var reply = newReply();
            ModelError? error;
            events.ModelCallStarted();
            try
            {
                error = await AttemptAsync(request with { OmitReasoningDetails = _omitReasoningDetails }, reply, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                reply.Abandon();
                return Interrupted(reply, time.GetElapsedTime(started));
            }
            finally
            {
                events.ModelCallEnded();
            }

            if (error is null)
            {
                return new CallOutcome(CallEnd.Reply, reply.ToReply(NewCallId), reply.TextShown);
            }

            reply.Abandon();
            error = FailureView.Of(error, request, began: reply.AnyContent);
            if (reply.TextShown)
            {
                return new CallOutcome(CallEnd.Partial, reply.ToReply(NewCallId), Shown: true, Error: error);
            }

            if (error.Kind == ModelErrorKind.ThinkingSignature && !_omitReasoningDetails)
            {
                _omitReasoningDetails = true;
                attempt--;
                continue;
            }

            if (hasFallback && TurnModels.MayDoBetter(error) && (!error.Retryable || attempt >= attempts || error.Kind == ModelErrorKind.RateLimit)
                || error.IsTooLarge)
            {
                return new CallOutcome(CallEnd.Failed, Error: error);
            }

            if (!error.Retryable)
            {
                var status = error.Status is { } code ? $" (HTTP {code})" : "";
                events.Status("lifecycle", $"❌ Non-retryable error{status}: {error.Message}");
                return new CallOutcome(CallEnd.Failed, Error: error);
            }

            if (attempt >= attempts)
            {
                var what = error.Kind == ModelErrorKind.RateLimit ? "Rate limited" : "API failed";
                events.Status("lifecycle", $"❌ {what} after {attempts} retries — {error.Summary}");
                return new CallOutcome(CallEnd.Failed, Text: $"API call failed after {attempts} retries: {error.Summary}", Error: error);
            }

            if (!await WaitAsync(error, attempt, attempts, cancellationToken))
            {
                return new CallOutcome(
                    CallEnd.Interrupted, Text: $"Operation interrupted: retrying API call after error (retry {attempt}/{attempts}).");
            }
        }
    }

    /// <summary>One attempt; null when it brought a reply.</summary>
    private async Task<ModelError?> AttemptAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        // On the pool, so that building a large request or a slow first connection never runs on the caller's thread.
        var call = Task.Run(() => client.StreamAsync(request, reply, cancellationToken), CancellationToken.None);
        try
        {
            await call.WaitAsync(cancellationToken);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await call.WaitAsync(TeardownGrace, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Observe(call);
            throw;
        }
        catch (ModelException failure)
        {
            return failure.Error;
        }
    }

    private async Task<bool> WaitAsync(ModelError error, int attempt, int attempts, CancellationToken cancellationToken)
    {
        var delay = retry.DelayAfter(error, attempt);
        var seconds = delay.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        events.Status("lifecycle", error.Kind == ModelErrorKind.RateLimit
            ? $"⏱️ Rate limited. Waiting {seconds}s (attempt {attempt}/{attempts})..."
            : $"⏳ Retrying in {seconds}s (attempt {attempt}/{attempts})...");
        try
        {
            await retry.WaitAsync(delay, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static CallOutcome Interrupted(ReplyAssembler reply, TimeSpan elapsed)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"Operation interrupted: waiting for model response ({elapsed.TotalSeconds:0.0}s elapsed).");
        lock (reply.Gate)
        {
            return new CallOutcome(CallEnd.Interrupted, reply.AnyContent ? reply.ToReply(NewCallId) : null, reply.TextShown, text);
        }
    }

    private static string NewCallId() => "call_" + Guid.NewGuid().ToString("N")[..24];

    private static void Observe(Task call) => _ = call.ContinueWith(
        static task => _ = task.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
