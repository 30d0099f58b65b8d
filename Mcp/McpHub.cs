using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools;

namespace Gateway.Mcp;

/// <summary>How a server is doing.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Transport">stdio or http.</param>
/// <param name="Tools">How many tools it has.</param>
/// <param name="Connected">Whether it can be called.</param>
/// <param name="Problem">Why not; null when it can, or is still being tried.</param>
/// <param name="Sampling">How often it used the model; null when it may not.</param>
internal sealed record McpServerState(string Name, string Transport, int Tools, bool Connected, string? Problem, McpSamplingCounts? Sampling);

/// <summary>All servers of the configuration. Nothing is connected before the first session; turns take the tools that are there when they
/// begin. Safe from any thread.</summary>
internal sealed class McpHub(GatewayEnvironment environment, ConfigFile config, ChildProcesses children, TimeProvider time) : IDisposable
{
    private const double DefaultWaitSeconds = 3;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _reloading = new(1);
    private IReadOnlyList<McpConnection>? _connections;
    private bool _started;
    private volatile bool _closed;

    /// <summary>The model for servers that ask one; null when there is none.</summary>
    public IAuxiliaryModel? Auxiliary { get; init; }

    /// <summary>Called once each server was tried for the first time after <see cref="Start"/>, when there are any; null: nobody listens.</summary>
    public Action? Settled { get; set; }

    /// <summary>Tools of all servers that are connected.</summary>
    public IReadOnlyList<ITool> Tools => [.. Connections.SelectMany(connection => connection.Tools).DistinctBy(tool => tool.Name)];

    /// <summary>How the servers are doing.</summary>
    public IReadOnlyList<McpServerState> States =>
        [.. Connections.Select(connection => new McpServerState(connection.Name, connection.Transport, connection.Tools.Count, connection.Connected, connection.Problem, connection.Sampling))];

    private IReadOnlyList<McpConnection> Connections
    {
        get
        {
            lock (_gate) return _connections ?? [];
        }
    }

    /// <summary>Begins to connect, in the background, unless that has been done.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_started) return;
            _started = true;
        }

        _ = Task.Run(async () =>
        {
            lock (_gate)
            {
                if (!_closed) _connections ??= Open();
            }

            var connections = Connections;
            await Task.WhenAll(connections.Select(connection => connection.Tried));
            if (connections.Count > 0 && !_closed) Settled?.Invoke();
        });
    }

    /// <summary>Waits for the servers before a turn, but not long: until each was tried, or mcp.first_turn_wait seconds (default 3) are over.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        Task tried = Task.WhenAll(Connections.Select(connection => connection.Tried));
        if (tried.IsCompleted) return;
        double seconds = config.Read().Root.Find("mcp", "first_turn_wait").AsDouble() is >= 0 and <= 600 and var given ? given : DefaultWaitSeconds;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await tried.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Closes all connections and makes those that the configuration names now.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            IReadOnlyList<McpConnection> old;
            lock (_gate)
            {
                old = _connections ?? [];
                _connections = _closed ? [] : Open();
            }

            await Task.WhenAll(old.Select(connection => connection.DisposeAsync().AsTask())).WaitAsync(cancellationToken);
            await SettleAsync(cancellationToken);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _closed = true;
        foreach (var connection in Connections) _ = connection.DisposeAsync().AsTask();
    }

    private List<McpConnection> Open()
    {
        var room = new McpRoom(environment, children, new McpErrorLog(Path.Combine(environment.HermesHome, "logs"), time), Auxiliary, time);
        return [.. McpServerConfig.Read(config.Read().Root, environment).Select(server => new McpConnection(server, room))];
    }
}
