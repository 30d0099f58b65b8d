using System.Text.Json;
using Gateway.Config;
using Gateway.Mcp;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Tools;

namespace Gateway.Rpc.Methods;

/// <summary>Tools and toolsets (methods.json, group tools). A change takes effect with the next turn and costs no history.</summary>
internal sealed class ToolMethods
{
    private readonly SessionWork _work;
    private readonly SessionStore _sessions;
    private readonly SessionFactory _factory;
    private readonly McpHub _servers;

    /// <summary>Creates the group.</summary>
    /// <param name="work">Which tools are on.</param>
    /// <param name="sessions">Live sessions.</param>
    /// <param name="factory">Says what clients show about a session.</param>
    /// <param name="servers">MCP servers.</param>
    public ToolMethods(SessionWork work, SessionStore sessions, SessionFactory factory, McpHub servers)
    {
        _servers = servers;
        _work = work;
        _sessions = sessions;
        _factory = factory;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("tools.list", Lane.Worker, json => json.SessionParams, json => json.ToolsetsResult, request => List(true)),
        Route.Of("toolsets.list", Lane.Worker, json => json.SessionParams, json => json.ToolsetsResult, request => List(false)),
        Route.Of("tools.show", Lane.Worker, json => json.SessionParams, json => json.ToolsShowResult, Show),
        Route.Of("tools.configure", Lane.Worker, json => json.ToolsConfigureParams, json => json.ToolsConfigureResult, ConfigureAsync),
    ];

    private ToolsetsResult List(bool withTools)
    {
        var enabled = _work.Toolsets();
        var foreign = _servers.Tools;
        var rows = ToolsetTable.All.Select(toolset => (toolset.Name, toolset.Description, Members: (IReadOnlyList<string>)toolset.Members, Enabled: enabled.Contains(toolset.Name)))
            .Concat(_servers.States.Select(server => (
                Name: McpNames.Toolset(server.Name),
                Description: $"MCP server '{server.Name}' tools",
                Members: (IReadOnlyList<string>)[.. foreign.Where(tool => tool.Toolset == McpNames.Toolset(server.Name)).Select(tool => tool.Name).Order(StringComparer.Ordinal)],
                Enabled: _work.OffersServer(server.Name))));
        return new([.. rows.OrderBy(row => row.Name, StringComparer.Ordinal).Select(row => new ToolsetEntry(row.Name, row.Description, row.Members.Count, row.Enabled, withTools ? row.Members : null))]);
    }

    private ToolsShowResult Show(SessionParams request)
    {
        var tools = _work.Tools().All;
        return new(
            [
                .. tools.GroupBy(tool => tool.Toolset).OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => new ToolSection(group.Key, [.. group.Select(tool => new ToolEntry(tool.Name, FirstSentence(tool.Description)))])),
            ],
            tools.Length);
    }

    private ValueTask<ToolsConfigureResult> ConfigureAsync(ToolsConfigureParams request, Call call)
    {
        string action = request.Action?.Trim().ToLowerInvariant() ?? "";
        if (action is not ("enable" or "disable")) throw new RpcException(ErrorCode.UnknownToolAction, $"unknown tools action: {request.Action}");
        string[] names = request.Names.ValueKind == JsonValueKind.Array
            ? [.. request.Names.EnumerateArray().Select(item => ArgumentText.OrNull(item)?.Trim()).OfType<string>().Where(name => name.Length > 0)]
            : [];
        if (names.Length == 0) throw new RpcException(ErrorCode.ToolNamesRequired, "names required");
        string[] toolsets = [.. names.Where(Toolsets.IsConfigurable)];
        var known = _work.Servers();
        (string Name, string Server, string Tool)[] tools =
        [
            .. names.Where(name => name.Contains(':')).Select(name => (name, name[..name.IndexOf(':')], name[(name.IndexOf(':') + 1)..].Trim())),
        ];
        var switched = tools.Where(tool => known.Contains(tool.Server) && tool.Tool.Length > 0).ToList();
        Switch(toolsets, switched.ToLookup(tool => tool.Server, tool => tool.Tool), action == "enable");

        var session = _sessions.Find(request.SessionId);
        var info = session is null ? null : _factory.Info(session);
        if (session is not null) call.AfterReply = switched.Count > 0 ? _servers.Announce : () => SessionFactory.EventsOf(session).Info(info!);
        return new(new ToolsConfigureResult(
            [.. names.Where(name => toolsets.Contains(name) || switched.Exists(tool => tool.Name == name))],
            _work.Toolsets(),
            info,
            [.. tools.Select(tool => tool.Server).Where(server => !known.Contains(server)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            false,
            [.. names.Where(name => !name.Contains(':')).Except(toolsets)]));
    }

    private void Switch(string[] toolsets, ILookup<string, string> tools, bool on)
    {
        try
        {
            if (toolsets.Length > 0) _work.SwitchToolsets(toolsets, on);
            foreach (var server in tools) _work.SwitchServerTools(server.Key, [.. server], on);
        }
        catch (ConfigEditException exception)
        {
            throw new RpcException(ErrorCode.ToolsFailed, exception.Message);
        }
        finally
        {
            if (tools.Count > 0) _servers.Retake();
        }
    }

    private static string FirstSentence(string text)
    {
        string line = text.Trim().Split('\n')[0];
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..(end + 1)]).Trim();
    }
}
