using Gateway.Agent.Compression;
using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>A failed call in view of what was asked (AGENT.md 5.1, items 2 and 6, and 5.2): providers and what stands before them often
/// do not say that a conversation has grown too large, they only refuse it or hang up.</summary>
internal static class FailureView
{
    private const double LargeShare = 0.6;
    private const long LargeTokens = 120_000;
    private const int LargeMessages = 200;
    private const long UnkeptTokens = 50_000;
    private const int UnkeptMessages = 80;

    /// <summary>The failure as it is to be taken.</summary>
    /// <param name="error">What the call ended with.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="began">Whether an answer had begun: then the request was not too large.</param>
    public static ModelError Of(ModelError error, ModelRequest request, bool began)
    {
        int window = ContextLengths.Of(request.Endpoint);
        long tokens = Compressor.Estimate(request.Messages);
        error = ErrorClassifier.InViewOf(error, tokens, request.Messages.Count, window);
        bool large = tokens > window * LargeShare || tokens > LargeTokens || request.Messages.Count > LargeMessages;
        return large && !began && request.CanShrink && error.Disconnected ? error with { Kind = ModelErrorKind.ContextOverflow } : error;
    }

    /// <summary>Whether a conversation that ended with this failure would fail for ever if its newest turn were kept.</summary>
    public static bool SpoilsConversation(ModelError error, IReadOnlyList<ConversationMessage> messages) =>
        error.Status == 400 && (messages.Count > UnkeptMessages || Compressor.Estimate(messages) > UnkeptTokens);
}
