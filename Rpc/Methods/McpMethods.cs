using Gateway.Mcp;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>MCP servers (methods.json, reload.mcp). Clients call it whenever config.yaml changes.</summary>
internal sealed class McpMethods
{
    private readonly McpHub _hub;
    private readonly SessionStore _sessions;

    /// <summary>Creates the group.</summary>
    public McpMethods(McpHub hub, SessionStore sessions)
    {
        _hub = hub;
        _sessions = sessions;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes => [Route.Of("reload.mcp", Lane.Worker, json => json.SessionParams, json => json.StatusResult, ReloadAsync)];

    // All live sessions take the new tools with their next turn (Q20), so all are told, not only the one that asked.
    private async ValueTask<StatusResult> ReloadAsync(SessionParams request, Call call)
    {
        await _hub.ReloadAsync(call.CancellationToken);
        if (_sessions.Find(request.SessionId) is not null) call.AfterReply = _hub.Announce;
        return new StatusResult("reloaded");
    }
}
