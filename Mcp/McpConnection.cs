using System.Text.Json;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>What connections to servers are made of.</summary>
/// <param name="Environment">What comes from outside.</param>
/// <param name="Children">Where servers are started.</param>
/// <param name="Errors">What servers print to standard error.</param>
/// <param name="Auxiliary">The model for servers that ask one; null when they may not.</param>
/// <param name="Time">The clock.</param>
internal sealed record McpRoom(GatewayEnvironment Environment, ChildProcesses Children, McpErrorLog Errors, IAuxiliaryModel? Auxiliary, TimeProvider Time);

/// <summary>Keeps up the connection to one server: connects, follows changes of its tools, comes back after it was lost. A server that hangs,
/// crashes or lies costs its own calls and nothing else.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    private const int FailuresToPause = 3;
    private static TimeSpan Pause => TimeSpan.FromSeconds(60);
    private static TimeSpan LongestBackOff => TimeSpan.FromSeconds(60);

    private readonly McpServerConfig _server;
    private readonly McpRoom _room;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _listing = new(1);
    private readonly McpCallers _callers = new();
    private readonly McpSampling? _sampling;
    private readonly McpElicitation? _elicitation;
    private readonly Task _loop;
    private volatile McpClient? _client;
    private volatile IReadOnlyList<ITool> _tools = [];
    private volatile string? _problem;
    private int _failures;
    private long _pausedAt;

    /// <summary>Starts to connect.</summary>
    public McpConnection(McpServerConfig server, McpRoom room)
    {
        _server = server;
        _room = room;
        _problem = server.Problem;
        _sampling = server.Sampling.Enabled && room.Auxiliary is { } model ? new McpSampling(server.Name, server.Sampling, model, room.Errors, room.Time) : null;
        _elicitation = server.Elicitation.Enabled ? new McpElicitation(server.Name, server.Elicitation.Timeout, _callers, room.Errors, room.Time) : null;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The server's name in configuration.</summary>
    public string Name => _server.Name;

    /// <summary>stdio or http.</summary>
    public string Transport => _server.Url is null ? "stdio" : "http";

    /// <summary>Whether it can be called now.</summary>
    public bool Connected => _client is not null;

    /// <summary>Why it cannot be called, for people; null when it can, or is still being tried.</summary>
    public string? Problem => _problem;

    /// <summary>How often it used the model; null when it may not.</summary>
    public McpSamplingCounts? Sampling => _sampling?.Counts;

    /// <summary>Its tools as they are now; none while it is not connected.</summary>
    public IReadOnlyList<ITool> Tools => _tools;

    /// <summary>Completes when the first attempt has ended, in whatever way.</summary>
    public Task Tried => _tried.Task;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        if (_server.Problem is not null)
        {
            _tried.TrySetResult();
            return;
        }

        for (int attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                await ServeAsync(() => attempt = 0);
                _problem = "the connection was lost";
            }
            catch (Exception exception) when (McpFailure.IsExpected(exception))
            {
                _problem = _stop.IsCancellationRequested ? null : McpFailure.Words(exception);
            }
            finally
            {
                _client = null;
                _tools = [];
                _tried.TrySetResult();
            }

            if (!_stop.IsCancellationRequested) await DelayAsync(attempt);
        }
    }

    private async Task DelayAsync(int attempt)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, Math.Pow(2, Math.Min(attempt, 10)))), _room.Time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The connection is being given up.
        }
    }

    // Connects and stays until the connection is lost.
    private async Task ServeAsync(Action connected)
    {
        using var limit = new CancellationTokenSource(_server.ConnectTimeout, _room.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
        McpProcess? process = _server.Url is null ? await McpProcess.StartAsync(_server, _room.Environment, _room.Children, _room.Errors) : null;
        try
        {
            var transport = process?.Transport ?? Http();
            var client = await McpClient.CreateAsync(transport, McpHandlers.Options(_server, _sampling, _elicitation, RelistAsync), null, either.Token).WaitAsync(either.Token);
            try
            {
                _tools = await ListAsync(client, either.Token);
                _client = client;
                _problem = null;
                connected();
                _tried.TrySetResult();
                Task gone = process?.Ended ?? Task.Delay(Timeout.Infinite, _stop.Token);
                await Task.WhenAny(gone, Task.Delay(Timeout.Infinite, _stop.Token));
            }
            finally
            {
                _client = null;
                await DisposeAsync(client);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {_server.ConnectTimeout.TotalSeconds:0} s");
        }
        finally
        {
            if (process is not null) await process.DisposeAsync();
        }
    }

    // A server that does not let go must not hold us.
    private static async Task DisposeAsync(McpClient client)
    {
        try
        {
            await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            // It is gone either way.
        }
    }

    private IClientTransport Http() => McpHttp.Transport(
        _server,
        _server.OAuth is { } login ? McpOAuth.Stored(Name, login, new McpTokenFiles(_room.Environment.HermesHome, Name, login, _room.Time)) : null);

    private async Task RelistAsync()
    {
        if (_client is not { } client) return;
        await _listing.WaitAsync(_stop.Token);
        try
        {
            using var limit = new CancellationTokenSource(_server.ConnectTimeout, _room.Time);
            _tools = await ListAsync(client, limit.Token);
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            // The old list is the best there is.
        }
        finally
        {
            _listing.Release();
        }
    }

    private async Task<IReadOnlyList<ITool>> ListAsync(McpClient client, CancellationToken cancellationToken)
    {
        var tools = new List<ITool>();
        string toolset = McpNames.Toolset(Name);
        if (client.ServerCapabilities.Tools is not null)
        {
            foreach (var tool in await McpToolList.ReadAsync(client, cancellationToken))
            {
                if (!_server.Takes(tool.Name)) continue;
                string description = string.IsNullOrWhiteSpace(tool.Description) ? $"MCP tool {tool.Name} from {Name}" : tool.Description;
                tools.Add(new McpTool(
                    McpNames.Tool(Name, tool.Name), toolset, McpLimits.Description(description), McpSchema.Clean(tool.Schema), (arguments, context, interrupt) => CallAsync(tool.Name, arguments, context, interrupt)));
            }
        }

        if (_server.Resources && client.ServerCapabilities.Resources is not null) tools.AddRange(McpUtilities.OfResources(Name, toolset, AskAsync));
        if (_server.Prompts && client.ServerCapabilities.Prompts is not null) tools.AddRange(McpUtilities.OfPrompts(Name, toolset, AskAsync));

        // A server that names two tools alike gets the first.
        return [.. tools.DistinctBy(tool => tool.Name)];
    }

    private Task<ToolResult> CallAsync(string tool, JsonElement arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var values = arguments.EnumerateObject().DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value.Clone(), StringComparer.Ordinal);
        return AskAsync(
            async (client, token) => McpResults.Of(await client.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = values }, token)), context, cancellationToken);
    }

    /// <summary>Asks the server something within the limits of a call.</summary>
    private async Task<ToolResult> AskAsync(Func<McpClient, CancellationToken, Task<ToolResult>> ask, ToolContext context, CancellationToken cancellationToken)
    {
        if (_client is not { } client) return McpResults.Error($"MCP server '{Name}' is not connected{(_problem is null ? "" : $": {_problem}")}. It is being tried again; go on without it for now.");
        if (Volatile.Read(ref _failures) >= FailuresToPause && _room.Time.GetElapsedTime(Volatile.Read(ref _pausedAt)) < Pause)
            return McpResults.Error($"MCP server '{Name}' failed {FailuresToPause} times in a row and is left alone for a minute. Go on without it.");

        using var caller = new McpCaller(context.Questions, _server.Timeout, _room.Time, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, caller.TimedOut, _stop.Token);
        _callers.Add(caller);
        try
        {
            var result = await ask(client, either.Token).WaitAsync(either.Token);
            Interlocked.Exchange(ref _failures, 0);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (McpException exception)
        {
            // The server answered, if only to refuse.
            Interlocked.Exchange(ref _failures, 0);
            return McpResults.Error(exception.Message);
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            Volatile.Write(ref _pausedAt, _room.Time.GetTimestamp());
            Interlocked.Increment(ref _failures);
            return McpResults.Error(caller.TimedOut.IsCancellationRequested
                ? $"MCP server '{Name}' did not answer within {_server.Timeout.TotalSeconds:0} s."
                : $"MCP server '{Name}' failed: {McpFailure.Words(exception)}");
        }
        finally
        {
            _callers.Remove(caller);
        }
    }
}
