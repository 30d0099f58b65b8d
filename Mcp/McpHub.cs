using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools;
using Gateway.Tools.Web;

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
internal sealed class McpHub : IDisposable
{
    private const double DefaultWaitSeconds = 3;
    private readonly GatewayEnvironment _environment;
    private readonly ConfigFile _config;
    private readonly ChildProcesses _children;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _reloading = new(1);
    private readonly McpNews _news;
    private readonly McpAdvisories _advisories;
    private IReadOnlyList<McpConnection>? _connections;
    private bool _started;
    private volatile bool _closed;

    /// <summary>Creates it; nothing is read or connected yet.</summary>
    public McpHub(GatewayEnvironment environment, ConfigFile config, ChildProcesses children, TimeProvider time)
    {
        _environment = environment;
        _config = config;
        _children = children;
        _time = time;
        _advisories = new McpAdvisories(environment, new WebHttp(), time);
        _news = new McpNews(() => string.Join('\n', Connections.Select(one => $"{one.Name} {one.Connected} {one.Problem} {string.Join(' ', one.Tools.Select(tool => tool.Name))}")), time);
    }

    /// <summary>The model for servers that ask one; null when there is none.</summary>
    public IAuxiliaryModel? Auxiliary { get; init; }

    /// <summary>Called when each server was tried for the first time after <see cref="Start"/>, if there are any, and then whenever one has
    /// come up, was lost or has other tools; null: nobody listens.</summary>
    public Action? Changed
    {
        get => _news.Changed;
        set => _news.Changed = value;
    }

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
                if (!_closed) _connections ??= Open([]);
            }

            var connections = Connections;
            await Task.WhenAll(connections.Select(connection => connection.Tried));
            if (connections.Count > 0) _news.Tell();
            else _news.Note();
        });
    }

    /// <summary>Waits for the servers before a turn, but not long: until each was tried, or mcp.first_turn_wait seconds (default 3) are over.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        Task tried = Task.WhenAll(Connections.Select(connection => connection.Tried));
        if (tried.IsCompleted) return;
        double seconds = _config.Read().Root.Find("mcp", "first_turn_wait").AsDouble() is >= 0 and <= 600 and var given ? given : DefaultWaitSeconds;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await tried.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Tells how the servers are doing, whether it is news or not.</summary>
    public void Announce() => _news.Tell();

    /// <summary>Lets the connections take those tools of their servers that the configuration names now; nothing is connected anew.</summary>
    public void Retake()
    {
        var servers = McpServerConfig.Read(_config.Read().Root, _environment);
        foreach (var connection in Connections)
            if (servers.FirstOrDefault(server => server.Name == connection.Name) is { } server) connection.Retake(server);
    }

    /// <summary>Makes the connections that the configuration names now. Those that are well and whose entry asks for no other one stay as they
    /// are, with what is under way on them: clients call this at every change of the file, and most are about something else.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        _news.Hold(true);
        try
        {
            IReadOnlyList<McpConnection> old, now;
            lock (_gate)
            {
                old = _connections ?? [];
                _connections = now = _closed ? [] : Open(old);
            }

            Retake();
            await Task.WhenAll(old.Except(now).Select(connection => connection.DisposeAsync().AsTask())).WaitAsync(cancellationToken);
            await SettleAsync(cancellationToken);
        }
        finally
        {
            _news.Hold(false);
            _reloading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _closed = true;
        _news.Dispose();
        foreach (var connection in Connections) _ = connection.DisposeAsync().AsTask();
    }

    private List<McpConnection> Open(IReadOnlyList<McpConnection> old)
    {
        var room = new McpRoom(_environment, _children, new McpErrorLog(Path.Combine(_environment.HermesHome, "logs"), _time) { Mask = new OwnSecrets(_environment, _config).Redact }, _advisories, Auxiliary, Find, _news.Hint, _time);
        return [.. McpServerConfig.Read(_config.Read().Root, _environment).Select(server => old.FirstOrDefault(connection => connection.Name == server.Name && connection.Serves(server)) ?? new McpConnection(server, room))];
    }

    private McpConnection? Find(string server) => Connections.FirstOrDefault(connection => connection.Name == server);
}
