namespace Gateway.Tools;

/// <summary>A task for a subagent.</summary>
/// <param name="Goal">What is to be done.</param>
/// <param name="Context">What it needs to know; null for nothing.</param>
/// <param name="Toolsets">Toolsets it may use; null for those of its parent.</param>
/// <param name="IsOrchestrator">Whether it may delegate in its turn, where the depth allows that.</param>
internal sealed record SubagentTask(string Goal, string? Context, IReadOnlyList<string>? Toolsets, bool IsOrchestrator);

/// <summary>A step that a subagent took.</summary>
/// <param name="Tool">Tool name.</param>
/// <param name="ArgumentBytes">Size of the arguments.</param>
/// <param name="ResultBytes">Size of the result.</param>
/// <param name="Failed">Whether it failed.</param>
internal sealed record SubagentStep(string Tool, int ArgumentBytes, int ResultBytes, bool Failed);

/// <summary>How a subagent ended.</summary>
/// <param name="Index">Place of its task, from 0.</param>
/// <param name="Status">completed, failed, interrupted, timeout or error.</param>
/// <param name="ExitReason">completed, max_iterations, interrupted, timeout or error.</param>
/// <param name="Summary">Its final answer; null when there is none.</param>
internal sealed record SubagentReport(int Index, string Status, string ExitReason, string? Summary)
{
    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Model calls made.</summary>
    public long Calls { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The model it used.</summary>
    public string Model { get; init; } = "";

    /// <summary>Prompt tokens.</summary>
    public long InputTokens { get; init; }

    /// <summary>Completion tokens.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Its steps, oldest first.</summary>
    public IReadOnlyList<SubagentStep> Steps { get; init; } = [];

    /// <summary>Files that it changed although the agent that sent it knows them as they were; absolute.</summary>
    public IReadOnlyList<string> Stale { get; init; } = [];
}

/// <summary>No subagent was started.</summary>
internal sealed class DelegationException : Exception
{
    /// <summary>Says why, for the model and the user.</summary>
    public DelegationException(string message)
        : base(message)
    {
    }
}

/// <summary>Runs subagents for one agent (AGENT.md section 16).</summary>
internal interface ISubagents
{
    /// <summary>How many run at once.</summary>
    int MaxConcurrent { get; }

    /// <summary>How deep agents may delegate.</summary>
    int MaxDepth { get; }

    /// <summary>Depth of the agent that delegates; 0 is the one the user talks to.</summary>
    int Depth { get; }

    /// <summary>Whether the user has stopped all delegation.</summary>
    bool Paused { get; }

    /// <summary>Runs tasks beside each other to their ends.</summary>
    /// <returns>One report per task, in order. Interruption of the parent ends them all.</returns>
    /// <exception cref="DelegationException">The configured model cannot be called; none was started.</exception>
    Task<IReadOnlyList<SubagentReport>> RunAsync(IReadOnlyList<SubagentTask> tasks, ToolContext parent, CancellationToken cancellationToken);
}
