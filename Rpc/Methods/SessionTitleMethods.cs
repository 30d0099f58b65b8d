using System.Text.Json;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Names of sessions (STATE.md section 3.6).</summary>
internal sealed class SessionTitleMethods
{
    private readonly SessionFactory _factory;
    private readonly SessionTitles _titles;

    /// <summary>Creates the group.</summary>
    public SessionTitleMethods(SessionFactory factory, SessionTitles titles)
    {
        _factory = factory;
        _titles = titles;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.title", Lane.Session, json => json.SessionTitleParams, json => json.SessionTitleResult, Title),
    ];

    private SessionTitleResult Title(SessionTitleParams request)
    {
        var session = _factory.Require(request.SessionId);
        try
        {
            return request.Title.ValueKind == JsonValueKind.Undefined
                ? new SessionTitleResult(_titles.Of(session.Key) ?? "", SessionKey: session.Key)
                : new SessionTitleResult(Set(session, request.Title), Pending: false);
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.TitleFailed, $"state.db unavailable: {exception.Message}");
        }
        catch (TitleRefusedException exception)
        {
            throw new RpcException(ErrorCode.TitleRefused, exception.Message);
        }
    }

    private string Set(Session session, JsonElement title)
    {
        if (title.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) throw new RpcException(ErrorCode.InvalidParams, "session.title: params.title must be a string");
        string clean = SessionTitles.Clean(title.GetString() ?? "") ?? throw new RpcException(ErrorCode.TitleRequired, "title required");
        _titles.Set(session.Key, _factory.Model, clean);
        return clean;
    }
}
