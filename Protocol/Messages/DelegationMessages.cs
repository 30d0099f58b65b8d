using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>subagent.*</summary>
/// <param name="Goal">Its task.</param>
/// <param name="TaskCount">Tasks in its batch.</param>
/// <param name="TaskIndex">Place in the batch, from 0.</param>
internal sealed record SubagentEventPayload(string Goal, int TaskCount, int TaskIndex)
{
    /// <summary>Who it is.</summary>
    public string? SubagentId { get; init; }

    /// <summary>The subagent that made it.</summary>
    public string? ParentId { get; init; }

    /// <summary>0 for the first level.</summary>
    public int Depth { get; init; }

    /// <summary>Its model.</summary>
    public string? Model { get; init; }

    /// <summary>Tools started so far.</summary>
    public int ToolCount { get; init; }

    /// <summary>Its toolsets; absent when it has none.</summary>
    public IReadOnlyList<string>? Toolsets { get; init; }

    /// <summary>What it said, or its goal.</summary>
    public string? Text { get; init; }

    /// <summary>The tool it calls.</summary>
    public string? ToolName { get; init; }

    /// <summary>That tool's main argument.</summary>
    public string? ToolPreview { get; init; }

    /// <summary>completed, failed or interrupted.</summary>
    public string? Status { get; init; }

    /// <summary>Its report.</summary>
    public string? Summary { get; init; }

    /// <summary>How long it took.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Prompt tokens.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Completion tokens.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Completion tokens spent on reasoning.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Model calls.</summary>
    public long? ApiCalls { get; init; }

    /// <summary>Dollars, when every price is known.</summary>
    public double? CostUsd { get; init; }

    /// <summary>Files read.</summary>
    public IReadOnlyList<string>? FilesRead { get; init; }

    /// <summary>Files written.</summary>
    public IReadOnlyList<string>? FilesWritten { get; init; }

    /// <summary>The newest tool outputs.</summary>
    public IReadOnlyList<SubagentOutputEntry>? OutputTail { get; init; }
}

/// <summary>One tool output of subagent.complete.</summary>
internal sealed record SubagentOutputEntry(string Tool, string Preview, bool IsError);

/// <summary>background.complete</summary>
internal sealed record BackgroundCompleteEvent(string TaskId, string Text);

/// <summary>prompt.background</summary>
/// <param name="SessionId">Live session that hears of the end.</param>
/// <param name="Text">The prompt.</param>
internal sealed record BackgroundParams(string? SessionId = null, string? Text = null) : ISessionScoped;

/// <summary>prompt.background</summary>
/// <param name="TaskId">"bg_" and 6 hex digits.</param>
internal sealed record BackgroundResult(string TaskId);

/// <summary>One subagent of delegation.status.</summary>
internal sealed record ActiveSubagent(
    string SubagentId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ParentId,
    int Depth,
    string Goal,
    string? Model,
    double StartedAt,
    string Status,
    int ToolCount,
    string? LastTool);

/// <summary>delegation.status</summary>
/// <param name="Active">Subagents that run, of all sessions.</param>
/// <param name="Paused">Whether new ones are refused.</param>
/// <param name="MaxSpawnDepth">How deep agents may delegate.</param>
/// <param name="MaxConcurrentChildren">How many run at once.</param>
internal sealed record DelegationStatusResult(IReadOnlyList<ActiveSubagent> Active, bool Paused, int MaxSpawnDepth, int MaxConcurrentChildren);

/// <summary>delegation.pause</summary>
/// <param name="Paused">Any JSON value; what other programs count as true pauses, and so does its absence.</param>
internal sealed record DelegationPauseParams(JsonElement Paused = default);

/// <summary>delegation.pause</summary>
internal sealed record DelegationPauseResult(bool Paused);

/// <summary>subagent.interrupt</summary>
internal sealed record SubagentInterruptParams(string? SubagentId = null);

/// <summary>subagent.interrupt</summary>
/// <param name="Found">Whether such a subagent ran.</param>
/// <param name="SubagentId">The id asked for.</param>
internal sealed record SubagentInterruptResult(bool Found, string SubagentId);
