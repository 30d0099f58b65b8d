using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>How a turn ended (the status of message.complete, events.json).</summary>
internal enum TurnStatus
{
    /// <summary>The model finished its answer.</summary>
    Complete,

    /// <summary>The user stopped it.</summary>
    Interrupted,

    /// <summary>It failed; <see cref="TurnResult.Error"/> says why.</summary>
    Error,
}

/// <summary>Everything one turn needs to know.</summary>
/// <param name="Endpoint">The model and where it is.</param>
/// <param name="SystemPrompt">Instructions, byte for byte the same over a session.</param>
/// <param name="History">The conversation before this turn; not changed.</param>
/// <param name="UserText">The new prompt.</param>
/// <param name="Tools">Tools on offer, sorted by name.</param>
/// <param name="ToolContext">The session, for the tools.</param>
/// <param name="Settings">Limits and model options.</param>
internal sealed record TurnRequest(
    ModelEndpoint Endpoint,
    string SystemPrompt,
    IReadOnlyList<ConversationMessage> History,
    string UserText,
    IReadOnlyList<ITool> Tools,
    ToolContext ToolContext,
    AgentSettings Settings)
{
    /// <summary>Models that take over, one after the other, when the one before them fails (fallback_providers).</summary>
    public IReadOnlyList<ModelEndpoint> Fallbacks { get; init; } = [];

    /// <summary>Shortens the conversation when it grows too large; null: nothing does.</summary>
    public ITurnCompaction? Compaction { get; init; }

    /// <summary>What the user says meanwhile; null when nothing can be said.</summary>
    public Guidance? Guidance { get; init; }
}

/// <summary>What a turn left behind.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Text">The final answer; what was streamed before an interruption; null when there was none.</param>
/// <param name="Reasoning">Reasoning of the newest reply of this turn that had any.</param>
/// <param name="NewMessages">Messages to append to the history, the user's own first; a history that providers accept.</param>
/// <param name="Usage">Tokens of this turn alone.</param>
/// <param name="Error">What went wrong, for the user; null unless <see cref="TurnStatus.Error"/>.</param>
/// <param name="Warning">Something the user should know about an answer that stands, such as that it is partial.</param>
internal sealed record TurnResult(
    TurnStatus Status,
    string? Text,
    string? Reasoning,
    IReadOnlyList<ConversationMessage> NewMessages,
    TokenUsage Usage,
    string? Error = null,
    string? Warning = null)
{
    /// <summary>Whether the turn ended because it had made all the model calls it may.</summary>
    public bool OutOfBudget { get; init; }

    /// <summary>Whether nothing of the turn is to stay in the conversation, which would be refused for ever with it.</summary>
    public bool Unkept { get; init; }

    /// <summary>The request that no model answered; null unless the turn failed by that.</summary>
    public FailedRequest? FailedRequest { get; init; }
}

/// <summary>A request that failed for good.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Error">How it failed.</param>
internal sealed record FailedRequest(ModelRequest Request, ModelError Error);

/// <summary>Runs turns against a model. One instance serves the process; between turns it keeps connections, and which models are to be
/// left alone for a moment.</summary>
internal interface ITurnEngine
{
    /// <summary>Runs one turn to its end. Never throws for what models, networks, tools or users do:
    /// cancellation ends as <see cref="TurnStatus.Interrupted"/>, failures as <see cref="TurnStatus.Error"/>.</summary>
    Task<TurnResult> RunAsync(TurnRequest request, IAgentEvents events, CancellationToken cancellationToken);
}
