using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools;
using ModelContextProtocol.Client;

namespace Gateway.Mcp;

/// <summary>What connections to servers are made of.</summary>
/// <param name="Environment">What comes from outside.</param>
/// <param name="Children">Where servers are started.</param>
/// <param name="Errors">What servers print to standard error.</param>
/// <param name="Advisories">What is known to be malware.</param>
/// <param name="Auxiliary">The model for servers that ask one; null when they may not.</param>
/// <param name="Find">The connection that there is to a server now, by the server's name; null: it is not configured any more.</param>
/// <param name="Changed">Called when a server has come up, was lost or has other tools; returns at once.</param>
/// <param name="Time">The clock.</param>
internal sealed record McpRoom(
    GatewayEnvironment Environment, ChildProcesses Children, McpErrorLog Errors, McpAdvisories Advisories, IAuxiliaryModel? Auxiliary, Func<string, McpConnection?> Find, Action Changed, TimeProvider Time);

/// <summary>Keeps up the connection to one server: connects, follows changes of its tools, comes back after it was lost. A server that hangs,
/// crashes or lies costs its own calls and nothing else.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    private static TimeSpan LongestBackOff => TimeSpan.FromSeconds(60);

    // After a server sent too much.
    private static TimeSpan FirstRest => TimeSpan.FromSeconds(30);

    private static TimeSpan LongestRest => TimeSpan.FromMinutes(10);

    private readonly McpRoom _room;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly McpRelisting _relisting;
    private readonly Lock _gate = new();
    private readonly McpCalls _calls;
    private readonly McpSampling? _sampling;
    private readonly McpElicitation? _elicitation;
    private readonly Task _loop;
    private volatile McpServerConfig _server;
    private McpOffer? _offer;
    private volatile McpClient? _client;
    private volatile TaskCompletionSource? _lost;
    private volatile IReadOnlyList<ITool> _tools = [];
    private volatile string? _problem;

    /// <summary>Starts to connect.</summary>
    public McpConnection(McpServerConfig server, McpRoom room)
    {
        _server = server;
        _room = room;
        _problem = server.Problem;
        _relisting = new McpRelisting(RelistAsync, room.Time, _stop.Token);
        _calls = new McpCalls(server, room.Time, _stop.Token);
        _sampling = server.Sampling.Enabled && room.Auxiliary is { } model ? new McpSampling(server.Name, server.Sampling, model, room.Errors, room.Time) : null;
        _elicitation = server.Elicitation.Enabled ? new McpElicitation(server.Name, server.Elicitation.Timeout, _calls.Callers, room.Errors, room.Time) : null;
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

    /// <summary>Whether it can stay when the servers are read anew: it is up or on its first attempt, it did not fail last, and the entry
    /// asks for no other connection.</summary>
    /// <param name="server">The server, as it is configured now.</param>
    public bool Serves(McpServerConfig server) => server.ConnectsLike(_server) && (Connected || !Tried.IsCompleted) && !_calls.IsFailing;

    /// <summary>Takes other tools of the server from now on.</summary>
    /// <param name="server">The server, as it is configured now.</param>
    public void Retake(McpServerConfig server)
    {
        lock (_gate)
        {
            _server = _server with { Include = server.Include, Exclude = server.Exclude, Resources = server.Resources, Prompts = server.Prompts };
            _tools = _offer?.Taken(_server, AskAsync) ?? [];
        }

        _room.Changed();
    }

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

        int floods = 0;
        for (int attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            long began = _room.Time.GetTimestamp();
            try
            {
                await ServeAsync(() => attempt = 0);
                _problem = "the connection was lost";
            }
            catch (McpFloodException flood) when (!_stop.IsCancellationRequested)
            {
                // One that only begins after a while to send too much would else be back at once, as often as it likes.
                floods = _room.Time.GetElapsedTime(began) > LongestRest ? 1 : floods + 1;
                var rest = TimeSpan.FromTicks(Math.Min(LongestRest.Ticks, FirstRest.Ticks << Math.Min(floods - 1, 10)));
                _problem = $"the connection was ended because {flood.Message}; it is left alone for {rest.TotalSeconds:0} s";
                _room.Errors.Write(Name, $"[tui-gateway] MCP server '{Name}': {_problem}\n");
                Offer(null, null);
                _tried.TrySetResult();
                await DelayAsync(rest);
                continue;
            }
            catch (Exception exception) when (McpFailure.IsExpected(exception))
            {
                _problem = _stop.IsCancellationRequested ? null : _room.Errors.Mask(McpFailure.Words(exception));
            }
            finally
            {
                Offer(null, null);
                _tried.TrySetResult();
            }

            if (!_stop.IsCancellationRequested) await DelayAsync(TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, Math.Pow(2, Math.Min(attempt, 10)))));
        }
    }

    private async Task DelayAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _room.Time, _stop.Token);
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
        using var traffic = new McpTraffic(_room.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token, traffic.Over);
        McpProcess? process = null;
        try
        {
            if (_server.Url is null)
            {
                await _room.Advisories.CheckAsync(_server.Command!, _server.Arguments, either.Token);
                process = await McpProcess.StartAsync(_server, _room.Environment, _room.Children, _room.Errors, traffic);
            }

            var transport = process?.Transport ?? Http(traffic);
            var client = await ConnectAsync(transport, either.Token);
            try
            {
                var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _lost = lost;
                var offer = await McpOffer.ReadAsync(client, either.Token);
                _problem = null;
                Offer(client, offer);
                connected();
                _tried.TrySetResult();
                using var stopped = _stop.Token.Register(() => lost.TrySetResult());
                using var flooded = traffic.Over.Register(() => lost.TrySetResult());
                await Task.WhenAny(process?.Ended ?? client.Completion, client.Completion, lost.Task);
                if (traffic.Reason is { } reason) throw new McpFloodException(reason);
            }
            finally
            {
                _client = null;
                await DisposeAsync(client);
            }
        }
        catch (Exception exception) when (traffic.Reason is not null && exception is not McpFloodException && McpFailure.IsExpected(exception))
        {
            throw new McpFloodException(traffic.Reason);
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

    // A connection that comes about after it was given up is closed by nobody else.
    private async Task<McpClient> ConnectAsync(IClientTransport transport, CancellationToken cancellationToken)
    {
        var connecting = McpClient.CreateAsync(transport, McpHandlers.Options(_server, _sampling, _elicitation, _relisting.Hint), null, cancellationToken);
        try
        {
            return await connecting.OrGiveUpAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = connecting.ContinueWith(late => DisposeAsync(late.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    // A server that does not let go must not hold us.
    private static async Task DisposeAsync(McpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await client.DisposeAsync().AsTask().OrGiveUpAsync(limit.Token);
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            // It is gone either way.
        }
    }

    private IClientTransport Http(McpTraffic traffic)
    {
        if (!_server.ChecksCertificate) _room.Errors.Write(Name, $"[tui-gateway] the certificate of '{Name}' is not checked (ssl_verify: false): whoever is on the way to it can read and change everything\n");
        return McpHttp.Transport(
            _server,
            _server.OAuth is { } login ? McpOAuth.Stored(Name, login, new McpTokenFiles(_room.Environment.HermesHome, Name, login, _room.Time)) : null,
            traffic,
            _room.Time);
    }

    private async Task RelistAsync()
    {
        if (_client is not { } client) return;
        try
        {
            using var limit = new CancellationTokenSource(_server.ConnectTimeout, _room.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
            var offer = await McpOffer.ReadAsync(client, either.Token);
            if (_client == client) Offer(client, offer);
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            // The old list is the best there is.
        }
    }

    private void Offer(McpClient? client, McpOffer? offer)
    {
        lock (_gate)
        {
            // Whoever sees the connection sees its tools as well.
            if (client is null) _client = null;
            _offer = offer;
            _tools = offer?.Taken(_server, AskAsync) ?? [];
            _client = client;
        }

        _room.Changed();
    }

    // A turn keeps the tools that it began with, while the servers may be read anew: what it calls is the server of that name as it is now.
    private Task<ToolResult> AskAsync(string tool, Func<McpClient, CancellationToken, Task<ToolResult>> ask, ToolContext context, CancellationToken cancellationToken) =>
        _room.Find(Name) is { } now
            ? now.AnswerAsync(tool, ask, context, cancellationToken)
            : Task.FromResult(McpResults.Error($"MCP server '{Name}' is not configured any more, or was switched off; its tools are gone. Go on without it."));

    private async Task<ToolResult> AnswerAsync(string tool, Func<McpClient, CancellationToken, Task<ToolResult>> ask, ToolContext context, CancellationToken cancellationToken)
    {
        await Tried.WaitAsync(cancellationToken);
        var (client, lost) = (_client, _lost);
        if (client is not null && !Tools.Any(one => one.Name == tool)) return McpResults.Error($"MCP server '{Name}' has no tool {tool} any more, or it was switched off. Go on without it.");
        return await _calls.AskAsync(client, _problem, ask, context, () => lost?.TrySetResult(), cancellationToken);
    }
}
