using Gateway.Config;

namespace Gateway.Agent;

/// <summary>Shortens the conversation of a turn while the turn runs (AGENT.md section 7).</summary>
internal interface ITurnCompaction
{
    /// <summary>Prompt size in tokens from which the conversation is to be shortened; <see cref="long.MaxValue"/> when that is switched
    /// off or has stopped to help.</summary>
    long Threshold(ModelEndpoint endpoint);

    /// <summary>Whether conversations are shortened at all.</summary>
    bool IsOn => true;

    /// <summary>The instructions that hold since the conversation was last shortened in this turn; null while it was not, and where they
    /// stay the same.</summary>
    string? Instructions => null;

    /// <summary>A provider refused a request as too large: the model takes fewer tokens than it was thought to.</summary>
    /// <param name="endpoint">The model, with what it takes.</param>
    /// <param name="stated">Whether the provider named the number; else it is a guess.</param>
    void Learned(ModelEndpoint endpoint, bool stated);

    /// <summary>Shortens. The shorter conversation is stored and is that of the session when this returns.</summary>
    /// <param name="messages">The conversation, the messages of this turn included.</param>
    /// <param name="endpoint">The model that summarises.</param>
    /// <param name="events">Hears of retries and of a summary that could not be made.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <returns>The shorter conversation; null when there is nothing to shorten, or it cannot be stored.</returns>
    Task<IReadOnlyList<ConversationMessage>?> CompactAsync(
        IReadOnlyList<ConversationMessage> messages, ModelEndpoint endpoint, IAgentEvents events, CancellationToken cancellationToken);
}
