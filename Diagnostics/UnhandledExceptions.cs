namespace Gateway.Diagnostics;

/// <summary>The last stop of exceptions that nothing catches.</summary>
internal static class UnhandledExceptions
{
    /// <summary>Records them from now on, in place of the runtime, which would write their texts to standard error and abort.</summary>
    /// <param name="log">Where they are recorded.</param>
    /// <param name="end">Ends the process and does not return; called on the thread that failed. A task whose failure nobody
    /// looks at is recorded only.</param>
    public static void Watch(GatewayLog log, Action<Exception> end)
    {
        int main = Environment.CurrentManagedThreadId;
        AppDomain.CurrentDomain.UnhandledException += (_, failed) =>
        {
            var exception = (Exception)failed.ExceptionObject;
            log.ThreadFailure(Environment.CurrentManagedThreadId == main ? "main" : Thread.CurrentThread.Name ?? "without a name", exception);
            end(exception);
        };
        TaskScheduler.UnobservedTaskException += (_, failed) => log.ThreadFailure("task", failed.Exception);
    }
}
