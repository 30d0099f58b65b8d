using Gateway.Mcp;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>MCP servers (methods.json, reload.mcp). Clients call it whenever config.yaml changes.</summary>
internal sealed class McpMethods
{
    private readonly McpHub _hub;
    private readonly SessionStore _sessions;
    private readonly SessionFactory _factory;

    /// <summary>Creates the group.</summary>
    public McpMethods(McpHub hub, SessionStore sessions, SessionFactory factory)
    {
        _hub = hub;
        _sessions = sessions;
        _factory = factory;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes => [Route.Of("reload.mcp", Lane.Worker, json => json.SessionParams, json => json.StatusResult, ReloadAsync)];

    // Live sessions take the new tools with their next turn.
    private async ValueTask<StatusResult> ReloadAsync(SessionParams request, Call call)
    {
        await _hub.ReloadAsync(call.CancellationToken);
        if (_sessions.Find(request.SessionId) is { } session) call.AfterReply = () => SessionFactory.EventsOf(session).Info(_factory.Info(session));
        return new StatusResult("reloaded");
    }
}
