namespace Gateway.Mcp;

/// <summary>Waits for what servers do, and does not have to.</summary>
internal static class McpWaiting
{
    /// <summary>Waits until a task has ended or it is given up. What becomes of it then is looked at by nobody, a failure included.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task OrGiveUpAsync(this Task task, CancellationToken cancellationToken)
    {
        Overlook(task);
        await task.WaitAsync(cancellationToken);
    }

    /// <summary>The same with a result.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<T> OrGiveUpAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        Overlook(task);
        return await task.WaitAsync(cancellationToken);
    }

    // A failure that is looked at is no unobserved one.
    private static void Overlook(Task task) => _ = task.ContinueWith(
        static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
