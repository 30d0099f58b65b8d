using Gateway.Agent.Compression;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Sessions made from others (STATE.md section 3.5).</summary>
internal sealed class SessionBranchMethods
{
    private readonly SessionFactory _factory;
    private readonly SessionCompression _compression;

    /// <summary>Creates the group.</summary>
    public SessionBranchMethods(SessionFactory factory, SessionCompression compression)
    {
        _factory = factory;
        _compression = compression;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.branch", Lane.Session, json => json.SessionBranchParams, json => json.SessionBranchResult, BranchAsync),
        Route.Of("session.compress", Lane.Child, json => json.SessionCompressParams, json => json.SessionCompressResult, CompressAsync),
    ];

    private async ValueTask<SessionCompressResult> CompressAsync(SessionCompressParams request, Call call)
    {
        var session = await Task.Run(() => _factory.RequireLoaded(request.SessionId), call.CancellationToken);
        string focus = request.FocusTopic?.Trim() ?? "";
        try
        {
            int removed = await _compression.RunAsync(session, focus.Length == 0 ? null : focus, call.Order, call.CancellationToken);
            var info = _factory.Info(session);
            call.AfterReply = () => SessionFactory.EventsOf(session).Info(info);
            return new SessionCompressResult("compressed", removed, info.Usage, info, Transcript.Rows(session.History()));
        }
        catch (TurnRefusedException refused)
        {
            throw refused.Answer("session busy — /interrupt the current turn before /compress");
        }
        catch (CompressionFailedException exception)
        {
            throw new RpcException(ErrorCode.CompressionFailed, exception.Message);
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.CompressionFailed, $"state.db unavailable, the conversation is unchanged: {exception.Message}");
        }
    }

    private ValueTask<SessionBranchResult> BranchAsync(SessionBranchParams request, Call call)
    {
        var source = _factory.RequireLoaded(request.SessionId);
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
