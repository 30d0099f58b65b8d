using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>For model calls beside the conversation: passes on what the user should know and keeps the text to itself. Agents beside the
/// conversation take from it what they want to follow.</summary>
/// <param name="events">Who hears of retries; null for nobody.</param>
internal class SilentEvents(IAgentEvents? events) : IAgentEvents
{
    /// <inheritdoc/>
    public void ModelCallStarted()
    {
    }

    /// <inheritdoc/>
    public void ModelCallEnded()
    {
    }

    /// <inheritdoc/>
    public void TextDelta(ReadOnlySpan<char> text)
    {
    }

    /// <inheritdoc/>
    public void ReasoningDelta(ReadOnlySpan<char> text)
    {
    }

    /// <inheritdoc/>
    public void ReplyText(string text)
    {
    }

    /// <inheritdoc/>
    public void ToolGenerating(string name)
    {
    }

    /// <inheritdoc/>
    public void ToolStarted(ToolCall call, string preview)
    {
    }

    /// <inheritdoc/>
    public virtual void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration)
    {
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => events?.RoomAsync(cancellationToken) ?? ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual void MessageAdded(ConversationMessage message)
    {
    }

    /// <inheritdoc/>
    public virtual void TokensSpent(TokenUsage usage, ModelEndpoint endpoint)
    {
    }

    /// <inheritdoc/>
    public virtual void Status(string kind, string text) => events?.Status(kind, text);
}
