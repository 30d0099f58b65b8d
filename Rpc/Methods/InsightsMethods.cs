using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Figures on how the agent was used (WIRE 21.9).</summary>
internal sealed class InsightsMethods
{
    private const double DefaultDays = 30;
    private const double SecondsPerDay = 24 * 3600;
    private readonly SessionDatabase _database;
    private readonly TimeProvider _time;

    /// <summary>Creates the group.</summary>
    public InsightsMethods(StateFile file, TimeProvider time)
    {
        _database = new SessionDatabase(file);
        _time = time;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("insights.get", Lane.Worker, json => json.InsightsParams, json => json.InsightsResult, Get),
    ];

    private InsightsResult Get(InsightsParams request)
    {
        double days = request.Days ?? DefaultDays;
        if (!double.IsFinite(days) || days <= 0) throw new RpcException(ErrorCode.InvalidParams, "insights.get: params.days must be a number greater than 0");
        try
        {
            double now = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            var (sessions, messages) = _database.Figures(now - days * SecondsPerDay);
            return new(days, sessions, messages);
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.InsightsFailed, $"state.db unavailable: {exception.Message}");
        }
    }
}
