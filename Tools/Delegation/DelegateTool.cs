using System.Text.Json;

namespace Gateway.Tools.Delegation;

/// <summary>Hands tasks to subagents and waits for their answers (AGENT.md section 16).</summary>
internal sealed class DelegateTool : ITool
{
    private const string ForeignAgent = "Subagents cannot be other programs here. Leave out acp_command and acp_args; they then run on the configured model.";

    /// <inheritdoc/>
    public string Name => "delegate_task";

    /// <inheritdoc/>
    public string Toolset => "delegation";

    /// <inheritdoc/>
    public string Description =>
        """
        Gives work to subagents: helpers with an empty conversation of their own, the same machine, and a subset of your tools. They work side by side; you wait and get a short report from each.
        Good for research that would fill your context with text you do not need again, and for parts that do not depend on each other. Not for single commands, and not for anything that needs the user.
        A subagent knows nothing but what you tell it: put paths, constraints, findings and the wanted form of the answer into goal and context. Check what it claims before you build on it.
        Pass either goal (one subagent) or tasks (several).
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"goal":{"type":"string","description":"What one subagent is to achieve, complete in itself."},"context":{"type":"string","description":"What it has to know: paths, errors, decisions, constraints."},"toolsets":{"type":"array","items":{"type":"string"},"description":"Toolsets it may use, such as terminal, file, web. Default: yours."},"tasks":{"type":"array","items":{"type":"object","properties":{"goal":{"type":"string"},"context":{"type":"string"},"toolsets":{"type":"array","items":{"type":"string"}},"role":{"type":"string","enum":["leaf","orchestrator"]},"acp_command":{"type":"string"},"acp_args":{"type":"array","items":{"type":"string"}}},"required":["goal"]},"description":"Several tasks for subagents that run side by side, instead of goal."},"role":{"type":"string","enum":["leaf","orchestrator"],"description":"orchestrator: may delegate again, where the configured depth allows it. Default leaf."},"acp_command":{"type":"string","description":"Other programs as subagents cannot be used here; leave this out."},"acp_args":{"type":"array","items":{"type":"string"},"description":"Leave this out too."}}}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        if (context.Subagents is not { } subagents) return DelegateResults.Error("Delegation is not available in this execution context.");
        if (subagents.Paused)
            return DelegateResults.Error("Delegation spawning is paused. Clear the pause via the TUI (`p` in /agents) or the `delegation.pause` RPC before retrying.");
        if (subagents.Depth >= subagents.MaxDepth)
            return DelegateResults.Error($"Delegation depth limit reached (depth={subagents.Depth}, max_spawn_depth={subagents.MaxDepth}). Do this part yourself.");

        var (tasks, problem) = Tasks(call.Arguments);
        if (problem is not null) return DelegateResults.Error(problem);
        if (tasks.Count > subagents.MaxConcurrent)
        {
            return DelegateResults.Error(
                $"Too many tasks: {tasks.Count} provided, but max_concurrent_children is {subagents.MaxConcurrent}. Send fewer at a time, or raise delegation.max_concurrent_children in config.yaml.");
        }

        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        try
        {
            var reports = await subagents.RunAsync(tasks, context, cancellationToken);
            return DelegateResults.Reports(reports, System.Diagnostics.Stopwatch.GetElapsedTime(started));
        }
        catch (DelegationException exception)
        {
            return DelegateResults.Error(exception.Message);
        }
    }

    private static (IReadOnlyList<SubagentTask> Tasks, string? Problem) Tasks(JsonElement arguments)
    {
        if (AsksForProgram(arguments)) return ([], ForeignAgent);
        string? single = Text(arguments, "goal");
        bool listed = arguments.TryGetProperty("tasks", out var list) && list.ValueKind != JsonValueKind.Null;

        // Models also fill in the lists that they have no use for.
        if (!listed || (single is not null && list is { ValueKind: JsonValueKind.Array } && list.GetArrayLength() == 0))
        {
            return single is not null
                ? ([new SubagentTask(single, Text(arguments, "context"), Toolsets(arguments), IsOrchestrator(arguments))], null)
                : ([], "Provide either 'goal' (single task) or 'tasks' (batch).");
        }

        if (list.ValueKind != JsonValueKind.Array) return ([], "'tasks' must be a list of objects with a 'goal'.");
        var tasks = new List<SubagentTask>();
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || Text(entry, "goal") is not { } goal) return ([], $"Task {tasks.Count} is missing a 'goal'.");
            if (AsksForProgram(entry)) return ([], ForeignAgent);
            tasks.Add(new SubagentTask(goal, Text(entry, "context"), Toolsets(entry) ?? Toolsets(arguments), IsOrchestrator(entry) || IsOrchestrator(arguments)));
        }

        return tasks.Count == 0 ? ([], "No tasks provided.") : (tasks, null);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && ArgumentText.OrNull(value)?.Trim() is { Length: > 0 } text ? text : null;

    private static bool AsksForProgram(JsonElement element) =>
        Text(element, "acp_command") is not null || (element.TryGetProperty("acp_args", out var given) && given.ValueKind == JsonValueKind.Array && given.GetArrayLength() > 0);

    private static bool IsOrchestrator(JsonElement element) => Text(element, "role") == "orchestrator";

    private static List<string>? Toolsets(JsonElement element) =>
        element.TryGetProperty("toolsets", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select(item => ArgumentText.OrNull(item)?.Trim()).OfType<string>()]
            : null;
}
