using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>How long to wait before another attempt (AGENT.md section 5): what the provider asks for, else exponential back-off
/// with jitter, so that many clients do not come back at the same moment.</summary>
/// <param name="time">Clock of the waits.</param>
/// <param name="jitter">Uniform numbers in [0, 1); null for random ones.</param>
/// <param name="wait">Waits; null for real time on <paramref name="time"/>.</param>
internal sealed class RetryPolicy(TimeProvider time, Func<double>? jitter = null, Func<TimeSpan, CancellationToken, Task>? wait = null)
{
    private readonly Func<double> _jitter = jitter ?? Random.Shared.NextDouble;
    private readonly Func<TimeSpan, CancellationToken, Task> _wait = wait ?? ((delay, cancellationToken) => Task.Delay(delay, time, cancellationToken));

    /// <summary>The wait after a failed attempt.</summary>
    /// <param name="error">What failed.</param>
    /// <param name="attempt">The failed attempt, from 1.</param>
    public TimeSpan DelayAfter(ModelError error, int attempt)
    {
        if (error is { Kind: ModelErrorKind.RateLimit, RetryAfter: { } asked })
        {
            return asked;
        }

        var (first, longest) = error.Kind == ModelErrorKind.Malformed ? (5.0, 120.0) : (2.0, 60.0);
        var delay = Math.Min(longest, first * Math.Pow(2, Math.Min(attempt - 1, 30)));
        return TimeSpan.FromSeconds(delay + (_jitter() * delay / 2));
    }

    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted.</exception>
    public Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) => _wait(delay, cancellationToken);
}
