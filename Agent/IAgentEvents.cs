using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>What a running turn reports while it works. Called from the turn's thread of control, in order;
/// implementations must not block on the user.</summary>
internal interface IAgentEvents
{
    /// <summary>A request to the model goes out.</summary>
    void ModelCallStarted();

    /// <summary>The model's reply ended, failed or was abandoned.</summary>
    void ModelCallEnded();

    /// <summary>Visible text, in chunks. The span is only valid during the call.</summary>
    void TextDelta(ReadOnlySpan<char> text);

    /// <summary>The model's reasoning, in chunks. The span is only valid during the call.</summary>
    void ReasoningDelta(ReadOnlySpan<char> text);

    /// <summary>One model reply is complete and has visible text (with or without tool calls).</summary>
    void ReplyText(string text);

    /// <summary>The reply being streamed has begun a call of this tool.</summary>
    void ToolGenerating(string name);

    /// <summary>A tool call starts. <paramref name="preview"/> is its main argument on one line, "" when there is none.</summary>
    void ToolStarted(ToolCall call, string preview);

    /// <summary>The calls of one reply start together; each ends with <see cref="ToolCompleted"/>, in this order, when all have ended.</summary>
    void ToolsStarted(IReadOnlyList<(ToolCall Call, string Preview)> calls)
    {
        foreach (var (call, preview) in calls) ToolStarted(call, preview);
    }

    /// <summary>A tool call ended, in whatever way.</summary>
    void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration);

    /// <summary>Completes when the client can take more: at once while it keeps up. To be awaited between one piece of output and the
    /// next, so that a client that does not read holds up the turn and not the memory. Completes when cancelled; never throws.</summary>
    ValueTask RoomAsync(CancellationToken cancellationToken);

    /// <summary>A message is complete and part of the conversation from here on. The result of a tool call may come a second time,
    /// shortened, and then stands for its first form.</summary>
    void MessageAdded(ConversationMessage message)
    {
    }

    /// <summary>A call of this model was answered and cost this.</summary>
    void TokensSpent(TokenUsage usage, ModelEndpoint endpoint)
    {
    }

    /// <summary>A message about the turn itself: retries, back-off, partial answers.</summary>
    /// <param name="kind">"lifecycle" or "warn" (WIRE 10.7).</param>
    /// <param name="text">Text for the user.</param>
    void Status(string kind, string text);
}
