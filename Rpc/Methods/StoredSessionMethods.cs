using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Sessions on disk, made by this or any other program that shares state.db (STATE.md section 3.5).</summary>
internal sealed class StoredSessionMethods
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 100_000;
    private readonly SessionDatabase _database;

    /// <summary>Creates the group.</summary>
    public StoredSessionMethods(StateFile file) =>
        _database = new SessionDatabase(file);

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.list", Lane.Worker, json => json.SessionListParams, json => json.SessionListResult, List),
        Route.Of("session.most_recent", Lane.Worker, json => json.NoParams, json => json.MostRecentResult, MostRecent),
    ];

    private SessionListResult List(SessionListParams request)
    {
        int limit = request.Limit is int wanted and > 0 ? Math.Min(wanted, MaxLimit) : DefaultLimit;
        try
        {
            return new([.. _database.List(limit).Select(Row)]);
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.SessionListFailed, $"state.db unavailable: {exception.Message}");
        }
    }

    // Asked at start-up: a database that cannot be read means no session to go on with, not an error.
    private MostRecentResult MostRecent(NoParams request)
    {
        try
        {
            return _database.List(1) is [var newest, ..]
                ? new MostRecentResult(newest.Id, newest.Title, newest.StartedAt, newest.Source)
                : new MostRecentResult(null);
        }
        catch (SessionDatabaseException)
        {
            return new MostRecentResult(null);
        }
    }

    private static SessionRow Row(StoredSession session) =>
        new(session.Id, session.Title, session.Preview, session.StartedAt, session.MessageCount, session.Source);
}
