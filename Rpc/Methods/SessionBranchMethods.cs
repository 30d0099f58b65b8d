using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Sessions made from others (STATE.md section 3.5).</summary>
internal sealed class SessionBranchMethods
{
    private readonly SessionFactory _factory;

    /// <summary>Creates the group.</summary>
    public SessionBranchMethods(SessionFactory factory) => _factory = factory;

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.branch", Lane.Session, json => json.SessionBranchParams, json => json.SessionBranchResult, BranchAsync),
    ];

    private ValueTask<SessionBranchResult> BranchAsync(SessionBranchParams request, Call call)
    {
        var source = _factory.Require(request.SessionId);
        if (source.History().Count == 0) throw new RpcException(ErrorCode.NothingToBranch, "nothing to branch — send a message first");
        try
        {
            var branch = _factory.Branch(source, SessionTitles.Clean(request.Name ?? ""), out string title);
            var info = _factory.Info(branch);
            call.AfterReply = () => SessionFactory.EventsOf(branch).Info(info);
            return new(new SessionBranchResult(branch.Id, title, source.Key));
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.BranchFailed, $"state.db unavailable: {exception.Message}");
        }
        catch (TitleRefusedException exception)
        {
            throw new RpcException(ErrorCode.BranchFailed, $"branch failed: {exception.Message}");
        }
    }
}
