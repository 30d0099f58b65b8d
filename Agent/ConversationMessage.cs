namespace Gateway.Agent;

/// <summary>Who said a message, in the provider-neutral history.</summary>
internal enum Role
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool call.</summary>
    Tool,

    /// <summary>Instructions; the system prompt itself is not part of the history.</summary>
    System,
}

/// <summary>A tool call inside an assistant message. <paramref name="ArgumentsJson"/> keeps the bytes that were first sent,
/// so that every later request repeats them exactly (prompt caching).</summary>
/// <param name="Id">The provider's call id.</param>
/// <param name="Name">Tool name.</param>
/// <param name="ArgumentsJson">Arguments as compact JSON text.</param>
internal sealed record StoredToolCall(string Id, string Name, string ArgumentsJson)
{
    /// <summary>Raw JSON the provider wants back with the call (<c>extra_content</c>, Gemini thought signatures); null when there is none.</summary>
    public string? ExtraContentJson { get; init; }

    /// <summary>The id of the Responses item the call came in (<c>response_item_id</c>), kept for other programs; null in other formats.</summary>
    public string? ResponseItemId { get; init; }
}

/// <summary>One message of a conversation, in the form that is kept and sent again.</summary>
internal sealed record ConversationMessage(Role Role, string? Content)
{
    /// <summary>The model's reasoning, never sent back except where a provider asks for it.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Reasoning as a provider sent it under <c>reasoning_content</c>, which goes back under that name to those who want it
    /// (AGENT.md 3.1); "" is one, too. Null when there was none.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Provider blocks that carry signed or encrypted reasoning, as raw JSON array text; replayed only to the kind of
    /// provider that made them (<see cref="Models.ReasoningBlocks"/>). Those of a Responses endpoint are its reasoning items
    /// (<see cref="Models.ResponsesReasoning"/>).</summary>
    public string? ReasoningDetailsJson { get; init; }

    /// <summary>Message items of a Responses endpoint, as raw JSON array text (<see cref="Models.ResponsesMessages"/>); null when they say no
    /// more than <see cref="Content"/>.</summary>
    public string? MessageItemsJson { get; init; }

    /// <summary>Calls the model made in this message; empty for plain text.</summary>
    public IReadOnlyList<StoredToolCall> ToolCalls { get; init; } = [];

    /// <summary>For <see cref="Role.Tool"/>: the call this answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>For <see cref="Role.Tool"/>: the tool's name.</summary>
    public string? ToolName { get; init; }

    /// <summary>Why the reply ended: stop, tool_calls, length, content_filter, interrupted or incomplete.</summary>
    public string? FinishReason { get; init; }

    /// <summary>For <see cref="Role.User"/>: images beside the text, as data: or https: URLs; null for none. Not stored.</summary>
    public IReadOnlyList<string>? ImageUrls { get; init; }
}
