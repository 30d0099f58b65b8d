using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace Gateway.Mcp;

/// <summary>Calls to one server, within their limits. A server that fails again and again is left alone for a while.</summary>
/// <param name="server">The server.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Cancelled when the server is given up.</param>
internal sealed class McpCalls(McpServerConfig server, TimeProvider time, CancellationToken stop)
{
    private const int FailuresToPause = 3;
    private static TimeSpan Pause => TimeSpan.FromSeconds(60);

    private int _failures;
    private long _pausedAt;

    /// <summary>Whose calls are under way.</summary>
    public McpCallers Callers { get; } = new();

    /// <summary>Whether the last call failed and none is under way that may fare better.</summary>
    public bool IsFailing => Volatile.Read(ref _failures) > 0 && Callers.IsEmpty;

    /// <summary>What the model is told of a server that is not connected.</summary>
    /// <param name="problem">Why it is not, for people; null when that is not known.</param>
    public ToolResult NotConnected(string? problem) =>
        McpResults.Error($"MCP server '{server.Name}' is not connected{(problem is null ? "" : $": {problem}")}. It is being tried again; go on without it for now.");

    /// <summary>Asks the server something.</summary>
    /// <param name="client">The connection; null when there is none.</param>
    /// <param name="problem">Why there is none, for people; null when that is not known.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="context">The session that asks.</param>
    /// <param name="lost">Called when the server cannot be reached any more.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="OperationCanceledException">The user interrupted it.</exception>
    public async Task<ToolResult> AskAsync(
        McpClient? client, string? problem, Func<McpClient, CancellationToken, Task<ToolResult>> ask, ToolContext context, Action lost, CancellationToken cancellationToken)
    {
        if (client is null) return NotConnected(problem);
        if (Volatile.Read(ref _failures) >= FailuresToPause && time.GetElapsedTime(Volatile.Read(ref _pausedAt)) < Pause)
            return McpResults.Error($"MCP server '{server.Name}' failed {FailuresToPause} times in a row and is left alone for a minute. Go on without it.");

        using var caller = new McpCaller(context.Questions, server.Timeout, time, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, caller.TimedOut, stop);
        Callers.Add(caller);
        try
        {
            var result = await ask(client, either.Token).OrGiveUpAsync(either.Token);
            Interlocked.Exchange(ref _failures, 0);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (stop.IsCancellationRequested && McpFailure.IsExpected(exception))
        {
            return McpResults.Error($"MCP server '{server.Name}' was ended while it worked on this, since its entry in mcp_servers was changed or the servers were reloaded. Whether it had done it is not known; look before you call it again.");
        }
        catch (McpException exception)
        {
            // The server answered, if only to refuse.
            Interlocked.Exchange(ref _failures, 0);
            if (exception is McpLoginNeededException) lost();
            return McpResults.Error(exception.Message);
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            Volatile.Write(ref _pausedAt, time.GetTimestamp());
            Interlocked.Increment(ref _failures);
            if (McpFailure.IsLoss(exception)) lost();
            return McpResults.Error(caller.TimedOut.IsCancellationRequested
                ? $"MCP server '{server.Name}' did not answer within {server.Timeout.TotalSeconds:0} s."
                : $"MCP server '{server.Name}' failed: {McpFailure.Words(exception)}");
        }
        finally
        {
            Callers.Remove(caller);
        }
    }
}
