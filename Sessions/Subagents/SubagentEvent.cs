namespace Gateway.Sessions.Subagents;

/// <summary>What happened to a subagent (events.json, subagent.*).</summary>
internal enum SubagentMoment
{
    /// <summary>It waits for its turn.</summary>
    Requested,

    /// <summary>It begins.</summary>
    Started,

    /// <summary>It asks its model; the client shows that it is busy.</summary>
    Asking,

    /// <summary>It said something beside its work.</summary>
    Thinking,

    /// <summary>It calls a tool.</summary>
    Tool,

    /// <summary>It has called some tools.</summary>
    Progress,

    /// <summary>It ended.</summary>
    Completed,
}

/// <summary>Who a subagent is.</summary>
/// <param name="Id">"sa-", the index of its task, "-" and 8 hex digits.</param>
/// <param name="ParentId">The subagent that made it; null for one of the agent the user talks to.</param>
/// <param name="Goal">Its task.</param>
/// <param name="Index">Place of the task in its batch, from 0.</param>
/// <param name="Count">Tasks in the batch.</param>
/// <param name="Depth">0 for one of the agent the user talks to.</param>
/// <param name="Model">Its model.</param>
/// <param name="Toolsets">Toolsets it has.</param>
internal sealed record SubagentIdentity(
    string Id, string? ParentId, string Goal, int Index, int Count, int Depth, string Model, IReadOnlyList<string> Toolsets);

/// <summary>The last pieces of what the tools of a subagent printed.</summary>
/// <param name="Tool">Tool name.</param>
/// <param name="Preview">Start of its output.</param>
/// <param name="IsError">Whether it failed.</param>
internal sealed record SubagentOutput(string Tool, string Preview, bool IsError);

/// <summary>How a subagent ended, for the client.</summary>
internal sealed record SubagentEnd(string Status, string? Summary, double Seconds, Agent.TokenUsage Usage)
{
    /// <summary>Files read.</summary>
    public IReadOnlyList<string> FilesRead { get; init; } = [];

    /// <summary>Files written.</summary>
    public IReadOnlyList<string> FilesWritten { get; init; } = [];

    /// <summary>The newest tool outputs.</summary>
    public IReadOnlyList<SubagentOutput> Output { get; init; } = [];
}

/// <summary>One event of a subagent.</summary>
/// <param name="Moment">What happened.</param>
/// <param name="Who">To whom.</param>
/// <param name="ToolCount">Tools it has started so far.</param>
internal sealed record SubagentEvent(SubagentMoment Moment, SubagentIdentity Who, int ToolCount)
{
    /// <summary>Text of the moment; null when there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The tool it calls.</summary>
    public string? Tool { get; init; }

    /// <summary>That tool's main argument.</summary>
    public string? Preview { get; init; }

    /// <summary>For <see cref="SubagentMoment.Completed"/>: how.</summary>
    public SubagentEnd? End { get; init; }
}
