using System.Text.Json;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Sessions.Subagents;

namespace Gateway.Rpc.Methods;

/// <summary>Subagents and prompts in the background (methods.json, groups delegation and prompt).</summary>
internal sealed class DelegationMethods
{
    private readonly SubagentRegistry _registry;
    private readonly BackgroundPrompts _background;
    private readonly SessionFactory _factory;
    private readonly Func<DelegationSettings> _settings;

    /// <summary>Creates the group.</summary>
    public DelegationMethods(SubagentRegistry registry, BackgroundPrompts background, SessionFactory factory, Func<DelegationSettings> settings)
    {
        _registry = registry;
        _background = background;
        _factory = factory;
        _settings = settings;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("delegation.status", Lane.Worker, json => json.NoParams, json => json.DelegationStatusResult, Status),
        Route.Of("delegation.pause", Lane.Inline, json => json.DelegationPauseParams, json => json.DelegationPauseResult, Pause),
        Route.Of("subagent.interrupt", Lane.Control, json => json.SubagentInterruptParams, json => json.SubagentInterruptResult, Interrupt),
        Route.Of("prompt.background", Lane.Session, json => json.BackgroundParams, json => json.BackgroundResult, Background).Taking(Route.LongText),
    ];

    private DelegationStatusResult Status(NoParams request)
    {
        var settings = _settings();
        ActiveSubagent[] active =
        [
            .. _registry.Running.Select(one => new ActiveSubagent(
                one.Who.Id, one.Who.ParentId, one.Who.Depth, one.Who.Goal, one.Who.Model, one.StartedAt.ToUnixTimeMilliseconds() / 1000.0, "running", one.ToolCount, one.LastTool)),
        ];
        return new DelegationStatusResult(active, _registry.Paused, settings.MaxDepth, settings.MaxConcurrent);
    }

    // Any value counts as other programs count it: absent, true, a number but zero, text, lists with something in them.
    private DelegationPauseResult Pause(DelegationPauseParams request)
    {
        _registry.Paused = request.Paused.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            JsonValueKind.Number => request.Paused.GetRawText().AsSpan().ContainsAnyInRange('1', '9'),
            JsonValueKind.String => request.Paused.GetRawText().Length > 2,
            JsonValueKind.Array => request.Paused.GetArrayLength() > 0,
            _ => request.Paused.EnumerateObject().Any(),
        };
        return new DelegationPauseResult(_registry.Paused);
    }

    private ValueTask<SubagentInterruptResult> Interrupt(SubagentInterruptParams request, Call call)
    {
        string id = request.SubagentId?.Trim() ?? "";
        if (id.Length == 0) throw new RpcException(ErrorCode.ParameterRequired, "subagent_id required");
        return new(new SubagentInterruptResult(_registry.Interrupt(id), id));
    }

    private ValueTask<BackgroundResult> Background(BackgroundParams request, Call call)
    {
        var session = _factory.Require(request.SessionId);
        if (string.IsNullOrEmpty(request.Text)) throw new RpcException(ErrorCode.TextRequired, "text required");
        string id = BackgroundPrompts.NewId();
        call.AfterReply = () => _background.Start(session, id, request.Text);
        return new(new BackgroundResult(id));
    }
}
