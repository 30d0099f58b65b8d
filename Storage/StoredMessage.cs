namespace Gateway.Storage;

/// <summary>A message as a row of state.db (STATE.md 3.3 and section 7).</summary>
/// <param name="Role">"user", "assistant" or "tool".</param>
/// <param name="Content">Text; null for an assistant message that only calls tools.</param>
internal sealed record StoredMessage(string Role, string? Content)
{
    /// <summary>The session whose row it is; null before it is stored.</summary>
    public string? SessionKey { get; init; }

    /// <summary>For "tool": the call it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>For "tool": the tool's name; other programs leave it out.</summary>
    public string? ToolName { get; init; }

    /// <summary>JSON array of the calls the message makes; null when there are none.</summary>
    public string? ToolCallsJson { get; init; }

    /// <summary>How many calls that array has.</summary>
    public int ToolCallCount { get; init; }

    /// <summary>Why the reply ended.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The model's reasoning as text.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The model's reasoning as its provider wants it back; null when there is none, which "" is not.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Signed reasoning as JSON; null when there is none.</summary>
    public string? ReasoningDetailsJson { get; init; }

    /// <summary>Encrypted reasoning items of a Responses endpoint as JSON; null when there are none.</summary>
    public string? CodexReasoningItemsJson { get; init; }

    /// <summary>Message items of a Responses endpoint as JSON; null when there are none.</summary>
    public string? CodexMessageItemsJson { get; init; }
}

/// <summary>A stored session as a resume needs it.</summary>
/// <param name="Id">Stored key.</param>
/// <param name="Title">Title; null if none.</param>
/// <param name="SystemPrompt">Instructions of its first turn; null when none ran.</param>
internal sealed record SessionHead(string Id, string? Title, string? SystemPrompt);
