using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Storage;
using Gateway.Tools;
using Gateway.Tools.Files;
using Gateway.Tools.Sandbox;

namespace Gateway.Sessions.Subagents;

/// <summary>What subagents share over all sessions.</summary>
/// <param name="Engine">Runs them.</param>
/// <param name="Registry">Knows them.</param>
/// <param name="Records">Stores them.</param>
/// <param name="NewKey">Makes stored keys.</param>
/// <param name="Kit">Configuration and clock.</param>
/// <param name="Compressor">Shortens their conversations.</param>
/// <param name="Log">Where bugs are recorded.</param>
internal sealed record SubagentRoom(
    ITurnEngine Engine, SubagentRegistry Registry, SessionRecords Records, Func<string> NewKey, ToolKit Kit, Compressor Compressor, GatewayLog Log);

/// <summary>Runs the subagents of one agent (AGENT.md section 16). Their dangerous commands are put to the same user (quirk Q14), and
/// what subagents of subagents do is told as well (quirk Q13). For one batch at a time.</summary>
/// <param name="room">What all share.</param>
/// <param name="client">Who hears of them.</param>
/// <param name="spend">Takes what they cost to the account of the agent that the user talks to; null: nobody does.</param>
/// <param name="endpoint">Model of the agent that delegates.</param>
/// <param name="parent">The subagent that delegates; null for the agent the user talks to.</param>
internal sealed class SubagentRunner(
    SubagentRoom room, ISessionEvents client, Action<TokenUsage>? spend, ModelEndpoint endpoint, SubagentIdentity? parent) : ISubagents
{
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public int MaxConcurrent => Settings.MaxConcurrent;

    /// <inheritdoc/>
    public int MaxDepth => Settings.MaxDepth;

    /// <inheritdoc/>
    public int Depth => parent is null ? 0 : parent.Depth + 1;

    /// <inheritdoc/>
    public bool Paused => room.Registry.Paused;

    /// <summary>Files that those which ended have changed, absolute.</summary>
    public IReadOnlyCollection<string> FilesChanged => _changed;

    private DelegationSettings Settings => DelegationSettings.Read(room.Kit.Settings, room.Kit.Environment);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SubagentReport>> RunAsync(IReadOnlyList<SubagentTask> tasks, ToolContext context, CancellationToken cancellationToken)
    {
        var settings = Settings;
        var named = DelegationSettings.Model(room.Kit.Settings, room.Kit.Environment);
        if (named is { IsResolved: false }) throw new DelegationException($"No subagent was started, because section delegation of config.yaml names a model that cannot be called: {named.Problem}");
        var model = named?.Endpoint ?? endpoint;

        // All are announced before the first one begins, so that clients see the whole batch.
        Subagent[] all = [.. tasks.Select((task, index) => Prepare(task, index, tasks.Count, model, settings, context))];
        foreach (var one in all) one.Announce();
        var reports = await Task.WhenAll(all.Select(one => Task.Run(() => one.RunAsync(context.SessionKey, cancellationToken), CancellationToken.None)));
        foreach (var one in all) _changed.UnionWith(one.FilesChanged);
        return [.. all.Zip(reports, (one, report) => report with { Stale = Stale(one, context.State.Reads) })];
    }

    private Subagent Prepare(SubagentTask task, int index, int count, ModelEndpoint model, DelegationSettings settings, ToolContext context)
    {
        bool mayDelegate = task.IsOrchestrator && settings.OrchestratorEnabled && Depth + 1 < settings.MaxDepth;
        ITool[] tools = [.. context.Tools.Where(tool => IsOffered(tool, task.Toolsets, mayDelegate, settings))];
        string[] toolsets = [.. tools.Select(tool => tool.Toolset).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var who = new SubagentIdentity($"sa-{index}-{RandomHex.Digits(8)}", parent?.Id, task.Goal, index, count, Depth, model.Model, toolsets);
        var one = new RunningSubagent(who, room.Kit.Time.GetUtcNow());
        var recorder = new SideRecorder(room.NewKey(), model.Model, room.Records);
        var request = Request(task, who, model, tools, mayDelegate, settings, context, recorder.Key);
        return new Subagent(room, one, request, new SubagentWatch(one, recorder, request.ToolContext.State.Reads, client, spend), recorder, settings.Timeout);
    }

    private TurnRequest Request(
        SubagentTask task, SubagentIdentity who, ModelEndpoint model, ITool[] tools, bool mayDelegate, DelegationSettings settings, ToolContext context, string key)
    {
        string directory = context.State.CurrentDirectory;
        var own = new ToolContext(key, directory, settings.AutoApprove ? new EverythingApproved(context.Approvals) : context.Approvals)
        {
            State = new ToolState(directory) { Processes = context.State.Processes },
            UserHome = context.UserHome,
            DiffColours = context.DiffColours,
            Auxiliary = context.Auxiliary,
            RedactsSecrets = context.RedactsSecrets,
            Secrets = context.KnownSecrets(),
            Tools = tools,
            Subagents = mayDelegate ? new SubagentRunner(room, client, spend, model, who) : null,
        };
        var agent = AgentSettingsReader.Read(room.Kit.Settings, room.Kit.Environment);
        agent = agent with { MaxTurns = settings.MaxTurns, ReasoningEffort = settings.ReasoningEffort.Length > 0 ? settings.ReasoningEffort : agent.ReasoningEffort };
        return new TurnRequest(model, SubagentPrompt.Build(task, directory), [], task.Goal, tools, own, agent)
        {
            Fallbacks = FallbackModels.Read(room.Kit.Environment, room.Kit.Settings),
            Compaction = new InMemoryCompaction(room.Compressor, room.Kit),
        };
    }

    // No user listens to a subagent, and the agent's own memory is not its to change.
    private static bool IsOffered(ITool tool, IReadOnlyList<string>? toolsets, bool mayDelegate, DelegationSettings settings)
    {
        if (tool.Name is "clarify" or "memory" or "send_message" or "execute_code") return false;
        if (tool.Name == "delegate_task") return mayDelegate;
        return toolsets is null || Gateway.Tools.Toolsets.Cover(toolsets, tool)
            || (settings.InheritMcpToolsets && tool.Toolset.StartsWith("mcp-", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Stale(Subagent one, FileReads reads) => [.. one.FilesChanged.Where(reads.Knows)];

    // All but leaving the sandbox, which is the user's to allow.
    private sealed class EverythingApproved(IApprovals user) : IApprovals
    {
        public bool AllowsEverything => true;

        public bool IsGranted(string patternKey) => patternKey != SandboxExit.Key || user.IsGranted(patternKey);

        public Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) =>
            request.PatternKeys.Contains(SandboxExit.Key) ? user.AskAsync(request, cancellationToken) : Task.FromResult(ApprovalChoice.Once);
    }
}
