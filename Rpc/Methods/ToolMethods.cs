using System.Text.Json;
using Gateway.Config;
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
    private readonly Func<IReadOnlyList<ITool>> _all;

    /// <summary>Creates the group.</summary>
    /// <param name="work">Which tools are on.</param>
    /// <param name="sessions">Live sessions.</param>
    /// <param name="factory">Says what clients show about a session.</param>
    /// <param name="all">Every tool there is, on or off.</param>
    public ToolMethods(SessionWork work, SessionStore sessions, SessionFactory factory, Func<IReadOnlyList<ITool>> all)
    {
        _work = work;
        _sessions = sessions;
        _factory = factory;
        _all = all;
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
        var offered = _work.Tools().All;
        var servers = _all().Where(tool => tool.Toolset.StartsWith("mcp-", StringComparison.Ordinal)).GroupBy(tool => tool.Toolset, StringComparer.Ordinal);
        var rows = ToolsetTable.All.Select(toolset => (toolset.Name, toolset.Description, Members: (IReadOnlyList<string>)toolset.Members, Enabled: enabled.Contains(toolset.Name)))
            .Concat(servers.Select(server => (
                Name: server.Key, Description: $"MCP server '{server.Key["mcp-".Length..]}' tools", Members: (IReadOnlyList<string>)[.. server.Select(tool => tool.Name).Order(StringComparer.Ordinal)], Enabled: offered.Any(tool => tool.Toolset == server.Key))));
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
        string[] known = [.. names.Where(Toolsets.IsConfigurable)];
        string[] servers = [.. names.Where(name => name.Contains(':')).Select(name => name[..name.IndexOf(':')]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        try
        {
            if (known.Length > 0) _work.SwitchToolsets(known, action == "enable");
        }
        catch (ConfigEditException exception)
        {
            throw new RpcException(ErrorCode.ToolsFailed, exception.Message);
        }

        var session = _sessions.Find(request.SessionId);
        var info = session is null ? null : _factory.Info(session);
        if (session is not null) call.AfterReply = () => SessionFactory.EventsOf(session).Info(info!);
        return new(new ToolsConfigureResult(known, _work.Toolsets(), info, servers, false, [.. names.Where(name => !name.Contains(':')).Except(known)]));
    }

    private static string FirstSentence(string text)
    {
        string line = text.Trim().Split('\n')[0];
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..(end + 1)]).Trim();
    }
}
