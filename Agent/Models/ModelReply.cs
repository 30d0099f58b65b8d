namespace Gateway.Agent.Models;

/// <summary>A tool call as it came off the wire; the arguments may be anything, even invalid JSON.</summary>
/// <param name="Id">The provider's id, or one of ours when it gave none; unique within the reply.</param>
/// <param name="Name">The name the model wrote.</param>
/// <param name="Arguments">The arguments' text as the model wrote it.</param>
/// <param name="ExtraContentJson">Raw JSON that has to travel with the call (Gemini thought signatures); null when there is none.</param>
internal sealed record ReplyToolCall(string Id, string Name, string Arguments, string? ExtraContentJson = null)
{
    /// <summary>The id of the Responses item the call came in; null in other formats.</summary>
    public string? ResponseItemId { get; init; }
}

/// <summary>One answer of a model, put together.</summary>
/// <param name="Text">Visible text, reasoning blocks removed, untrimmed.</param>
/// <param name="Reasoning">Reasoning of every kind, trimmed; null when there was none.</param>
/// <param name="ReasoningDetailsJson">Signed reasoning blocks, or <c>reasoning_details</c> elements, as a JSON array; null when there were none.</param>
/// <param name="ToolCalls">Calls in the order they began.</param>
/// <param name="FinishReason">stop, tool_calls, length, content_filter, or incomplete, which is a Responses endpoint's way to say that it
/// can go on; null when the stream did not say.</param>
/// <param name="Usage">Tokens of the call, with <see cref="TokenUsage.Calls"/> 1.</param>
internal sealed record ModelReply(
    string Text,
    string? Reasoning,
    string? ReasoningDetailsJson,
    IReadOnlyList<ReplyToolCall> ToolCalls,
    string? FinishReason,
    TokenUsage Usage)
{
    /// <summary>Reasoning that came as <c>reasoning_content</c>; null when it came otherwise, or not at all.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Message items of a Responses endpoint as a JSON array; null when they say no more than the text.</summary>
    public string? MessageItemsJson { get; init; }
}
