using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Tries again to start a command when the machine is short of something: three times, after 2, 4 and 8 s (AGENT.md 10.1).</summary>
internal static class StartRetry
{
    private const int Retries = 3;

    /// <summary>Starts it.</summary>
    /// <param name="start">Starts it once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    /// <exception cref="OperationCanceledException">The turn was interrupted between two tries.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> start, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int retry = 1; ; retry++)
        {
            try
            {
                return await start();
            }
            catch (ChildStartException failure) when (failure.IsTransient && retry <= Retries)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 << retry), time, cancellationToken);
            }
        }
    }
}
