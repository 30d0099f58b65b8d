using System.Diagnostics;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Sessions.Subagents;

/// <summary>What subagents share over all sessions.</summary>
/// <param name="Engine">Runs them.</param>
/// <param name="Registry">Knows them.</param>
/// <param name="Records">Stores them.</param>
/// <param name="NewKey">Makes stored keys.</param>
/// <param name="Kit">Configuration and clock.</param>
internal sealed record SubagentRoom(ITurnEngine Engine, SubagentRegistry Registry, SessionRecords Records, Func<string> NewKey, ToolKit Kit);

/// <summary>Runs the subagents of one agent (AGENT.md section 16). Their dangerous commands are put to the same user (quirk Q14).</summary>
/// <param name="room">What all share.</param>
/// <param name="client">Who hears of them.</param>
/// <param name="endpoint">Model of the agent that delegates.</param>
/// <param name="parent">The subagent that delegates; null for the agent the user talks to.</param>
internal sealed class SubagentRunner(SubagentRoom room, ISessionEvents client, ModelEndpoint endpoint, SubagentIdentity? parent) : ISubagents
{
    private DelegationSettings Settings => DelegationSettings.Read(room.Kit.Settings, room.Kit.Environment);

    /// <inheritdoc/>
    public int MaxConcurrent => Settings.MaxConcurrent;

    /// <inheritdoc/>
    public int MaxDepth => Settings.MaxDepth;

    /// <inheritdoc/>
    public int Depth => parent is null ? 0 : parent.Depth + 1;

    /// <inheritdoc/>
    public bool Paused => room.Registry.Paused;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SubagentReport>> RunAsync(IReadOnlyList<SubagentTask> tasks, ToolContext context, CancellationToken cancellationToken)
    {
        var settings = Settings;
        var model = DelegationSettings.Model(room.Kit.Settings, room.Kit.Environment) ?? endpoint;
        return await Task.WhenAll(tasks.Select((task, index) => Task.Run(() => RunOneAsync(task, index, tasks.Count, model, settings, context, cancellationToken), CancellationToken.None)));
    }

    private async Task<SubagentReport> RunOneAsync(
        SubagentTask task, int index, int count, ModelEndpoint model, DelegationSettings settings, ToolContext context, CancellationToken cancellationToken)
    {
        bool mayDelegate = task.IsOrchestrator && settings.OrchestratorEnabled && Depth + 1 < settings.MaxDepth;
        ITool[] tools = [.. context.Tools.Where(tool => IsOffered(tool, task.Toolsets, mayDelegate, settings))];
        string[] toolsets = [.. tools.Select(tool => tool.Toolset).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var who = new SubagentIdentity($"sa-{index}-{RandomHex.Digits(8)}", parent?.Id, task.Goal, index, count, Depth, model.Model, toolsets);
        var recorder = new SideRecorder(room.NewKey(), model.Model, room.Records);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limit = new CancellationTokenSource(settings.Timeout, room.Kit.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, limit.Token);
        var one = new RunningSubagent(who, room.Kit.Time.GetUtcNow(), () => _ = stop.CancelAsync());
        var watch = new SubagentWatch(one, recorder, client, call => ToolPreview.Of(call.Name, call.Arguments));
        long started = Stopwatch.GetTimestamp();
        recorder.OpenChild(context.SessionKey);
        room.Registry.Add(one);
        try
        {
            watch.Started();
            var result = await room.Engine.RunAsync(Request(task, who, model, tools, mayDelegate, settings, context, recorder.Key), watch, either.Token);
            var report = Report(result, index, limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested, settings) with
            {
                Duration = Stopwatch.GetElapsedTime(started),
                Model = model.Model,
                Steps = watch.Steps,
                FilesWritten = watch.FilesWritten,
            };

            // Clients know completed, failed and interrupted (quirk Q41).
            watch.Ended(report.Status is "timeout" or "error" ? "failed" : report.Status, report.Summary ?? report.Error, report.Duration, result.Usage);
            return report;
        }
        finally
        {
            room.Registry.Remove(who.Id);
            recorder.End("subagent_complete");
        }
    }

    private TurnRequest Request(
        SubagentTask task, SubagentIdentity who, ModelEndpoint model, ITool[] tools, bool mayDelegate, DelegationSettings settings, ToolContext context, string key)
    {
        string directory = context.State.CurrentDirectory;
        var own = new ToolContext(key, directory, settings.AutoApprove ? new EverythingApproved() : context.Approvals)
        {
            State = new ToolState(directory) { Processes = context.State.Processes },
            UserHome = context.UserHome,
            Auxiliary = context.Auxiliary,
            RedactsSecrets = context.RedactsSecrets,
            Secrets = context.KnownSecrets(),
            Tools = tools,
            Subagents = mayDelegate ? new SubagentRunner(room, client, model, who) : null,
        };
        var agent = AgentSettingsReader.Read(room.Kit.Settings, room.Kit.Environment);
        agent = agent with { MaxTurns = settings.MaxTurns, ReasoningEffort = settings.ReasoningEffort.Length > 0 ? settings.ReasoningEffort : agent.ReasoningEffort };
        return new TurnRequest(model, SubagentPrompt.Build(task, directory), [], task.Goal, tools, own, agent)
        {
            Fallbacks = FallbackModels.Read(room.Kit.Environment, room.Kit.Settings),
        };
    }

    // No user listens to a subagent, and the agent's own memory is not its to change.
    private static bool IsOffered(ITool tool, IReadOnlyList<string>? toolsets, bool mayDelegate, DelegationSettings settings)
    {
        if (tool.Name is "clarify" or "memory" or "send_message" or "execute_code") return false;
        if (tool.Name == "delegate_task") return mayDelegate;
        return toolsets is null || toolsets.Contains(tool.Toolset, StringComparer.OrdinalIgnoreCase)
            || (settings.InheritMcpToolsets && tool.Toolset.StartsWith("mcp-", StringComparison.Ordinal));
    }

    private static SubagentReport Report(TurnResult result, int index, bool timedOut, DelegationSettings settings)
    {
        var (status, reason, error) = result.Status switch
        {
            TurnStatus.Complete when result.OutOfBudget => ("completed", "max_iterations", null),
            TurnStatus.Complete => ("completed", "completed", null),
            TurnStatus.Interrupted when timedOut => ("timeout", "timeout", $"Subagent timed out after {settings.Timeout.TotalSeconds:0}s"),
            TurnStatus.Interrupted => ("interrupted", "interrupted", "Parent agent interrupted — child did not finish in time"),
            _ => ("failed", "error", result.Error ?? "the subagent failed"),
        };
        return new SubagentReport(index, status, reason, status == "completed" ? result.Text : null)
        {
            Error = error,
            Calls = result.Usage.Calls,
            InputTokens = result.Usage.Prompt,
            OutputTokens = result.Usage.Output,
        };
    }

    private sealed class EverythingApproved : IApprovals
    {
        public bool AllowsEverything => true;

        public bool IsGranted(string patternKey) => true;

        public Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) => Task.FromResult(ApprovalChoice.Once);
    }
}
