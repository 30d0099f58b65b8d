using Gateway.Agent.Compression;
using Gateway.Agent.Logins;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>The agent: asks the model, runs the tools it calls, asks again, until there is an answer (AGENT.md section 4).</summary>
internal sealed class TurnEngine : ITurnEngine, IDisposable
{
    private readonly ModelHttp? _http;
    private readonly ModelCatalogue? _catalogue;
    private readonly Func<ApiMode, IModelClient> _clients;
    private readonly ToolBatch _batch;
    private readonly Func<string, IReadOnlyList<ITool>, ITool?> _repairName;
    private readonly RetryPolicy _retry;
    private readonly TimeProvider _time;
    private readonly ModelCooldowns _cooldowns;

    /// <summary>Shortens conversations, over the same connections.</summary>
    public Compressor Compressor => new(_clients, _retry, _time);

    /// <summary>Models for side tasks, over the same connections.</summary>
    public AuxiliaryModel Auxiliary(GatewayEnvironment environment, ConfigFile config) => new(_clients, _retry, _time, environment, config);

    /// <summary>An engine with connections of its own; none is opened before the first turn.</summary>
    /// <param name="preview">A call's main argument on one line, "" when there is none (WIRE 10.2).</param>
    /// <param name="repairName">The tool meant by a name that no tool has; null when none comes near.</param>
    /// <param name="environment">Where logins are stored.</param>
    /// <param name="time">Clock of all limits and waits.</param>
    public TurnEngine(Func<ToolCall, string> preview, Func<string, IReadOnlyList<ITool>, ITool?> repairName, GatewayEnvironment environment, TimeProvider time)
    {
        var http = new ModelHttp(time);
        _http = http;
        var renewal = new LoginRenewal(environment, new TokenEndpoint(http), new LoginAddresses());
        var marks = new PoolMarks(environment, time);
        var catalogue = new ModelCatalogue(http);
        _catalogue = catalogue;
        var clients = ModelClients.Over(http, client => new SignedInClient(client, renewal, marks, time));
        _clients = mode => new PricedModelClient(clients(mode), catalogue);
        _batch = new ToolBatch(preview, new OversizedResults(), time);
        _repairName = repairName;
        _retry = new RetryPolicy(time);
        _time = time;
        _cooldowns = new ModelCooldowns(time);
    }

    /// <summary>An engine made of given parts, for tests.</summary>
    public TurnEngine(
        Func<ApiMode, IModelClient> clients,
        ToolBatch batch,
        Func<string, IReadOnlyList<ITool>, ITool?> repairName,
        RetryPolicy retry,
        TimeProvider time)
    {
        _clients = clients;
        _batch = batch;
        _repairName = repairName;
        _retry = retry;
        _time = time;
        _cooldowns = new ModelCooldowns(time);
    }

    /// <inheritdoc/>
    public async Task<TurnResult> RunAsync(TurnRequest request, IAgentEvents events, CancellationToken cancellationToken)
    {
        request = _catalogue is null ? request : await _catalogue.PrepareAsync(request, cancellationToken);
        var models = new TurnModels(request, endpoint => new ModelCaller(_clients(endpoint.ApiMode), _retry, _time, events), _cooldowns, events);
        return await new TurnRun(request, events, models, _batch, _repairName, _retry).RunAsync(cancellationToken);
    }

    /// <summary>An endpoint with what is known of its model from the endpoint itself, now and later.</summary>
    public ModelEndpoint WithFacts(ModelEndpoint endpoint) => _catalogue?.Attach(endpoint) ?? endpoint;

    /// <inheritdoc/>
    public void Dispose()
    {
        _catalogue?.Dispose();
        _http?.Dispose();
    }
}
