using Gateway.Agent.Models;
using Gateway.Config;

namespace Gateway.Agent.Compression;

/// <summary>A conversation could not be summarised; it is unchanged.</summary>
internal sealed class CompressionFailedException : Exception
{
    /// <summary>Says why, for the user.</summary>
    public CompressionFailedException(string message)
        : base(message)
    {
    }
}

/// <summary>A shorter conversation.</summary>
/// <param name="Messages">The messages; the very ones that were given when there was nothing to shorten.</param>
/// <param name="Usage">Tokens that the summary cost.</param>
internal sealed record CompressedConversation(IReadOnlyList<ConversationMessage> Messages, TokenUsage Usage)
{
    /// <summary>Why a note stands in the place of the summary that was asked for; null when all is well.</summary>
    public ModelError? Failure { get; init; }
}

/// <summary>What a compression does about the summary.</summary>
internal enum SummaryNeed
{
    /// <summary>Without one nothing changes.</summary>
    Required,

    /// <summary>Without one a note takes its place.</summary>
    Wanted,

    /// <summary>A note takes its place, and no model is asked.</summary>
    Skipped,
}

/// <summary>Limits of compression (section compression of config.yaml).</summary>
/// <param name="Threshold">Prompt size in tokens from which a conversation is shortened.</param>
/// <param name="TailShare">Share of that which stays word for word, 0.1 to 0.8.</param>
/// <param name="Unpruned">How many of the newest messages keep long tool results, also where they are summarised.</param>
internal sealed record CompressionLimits(long Threshold, double TailShare, int Unpruned = 20)
{
    private const long LeastThreshold = 64_000;
    private const double SmallWindowShare = 0.75;

    /// <summary>The limits for a model.</summary>
    public static CompressionLimits Of(ModelEndpoint endpoint, ConfigNode config)
    {
        double share = config.Find("compression", "threshold").AsDouble() is > 0 and <= 1 and var given ? given : 0.5;
        double tail = config.Find("compression", "target_ratio").AsDouble() is { } ratio ? Math.Clamp(ratio, 0.1, 0.8) : 0.2;
        int window = ContextLengths.Of(endpoint);

        // A window smaller than the least threshold would never be relieved.
        int unpruned = config.Find("compression", "protect_last_n").AsInt() is >= 0 and var count ? count : 20;
        return new((long)Math.Max(window * share, Math.Min(LeastThreshold, window * SmallWindowShare)), tail, unpruned);
    }
}

/// <summary>Shortens conversations: the middle becomes a summary, written by the model itself (AGENT.md section 7).</summary>
internal sealed class Compressor(Func<ApiMode, IModelClient> clients, RetryPolicy retry, TimeProvider time)
{
    private const int LeastSummary = 2000;
    private const int LongestSummary = 12_000;

    /// <summary>Compresses a conversation.</summary>
    /// <param name="messages">The conversation, without the system prompt; not changed.</param>
    /// <param name="focus">What the summary should favour; null for nothing.</param>
    /// <param name="writer">The model that summarises.</param>
    /// <param name="settings">Attempts and model options.</param>
    /// <param name="limits">How much is kept.</param>
    /// <param name="need">What happens when no summary can be made.</param>
    /// <param name="events">Hears of retries.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="CompressionFailedException">There is no summary.</exception>
    public async Task<CompressedConversation> CompressAsync(
        IReadOnlyList<ConversationMessage> messages,
        string? focus,
        SummaryModel writer,
        AgentSettings settings,
        CompressionLimits limits,
        SummaryNeed need,
        IAgentEvents events,
        CancellationToken cancellationToken)
    {
        var endpoint = writer.Endpoint;
        long context = ContextLengths.Of(endpoint);
        long tail = (long)(limits.Threshold * limits.TailShare);
        if (CompressionPlan.For(messages, tail) is not { } plan) return new CompressedConversation(messages, default);

        var pruned = ToolResultPruner.Prune(messages, Math.Clamp(messages.Count - limits.Unpruned, 0, plan.Tail));
        var middle = pruned[plan.Head..plan.Tail];
        if (need == SummaryNeed.Skipped) return new CompressedConversation(Joined(pruned[..plan.Head], SummaryPrompt.Marked(SummaryPrompt.Missing(middle.Count)), pruned[plan.Tail..]), default);
        long size = middle.Sum(CompressionPlan.Tokens);
        int budget = (int)Math.Max(LeastSummary, Math.Min(size / 5, Math.Min(context / 20, LongestSummary)));
        var request = new ModelRequest(
            endpoint,
            SummaryPrompt.Instructions,
            [new ConversationMessage(Role.User, SummaryPrompt.Request(middle, focus, budget))],
            [],
            settings)
        {
            OutputCap = budget * 13 / 10,
            IsAside = true,
        };

        var silent = new SilentEvents(events);
        using var limit = new CancellationTokenSource(writer.Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var outcome = await new ModelCaller(clients(endpoint.ApiMode), retry, time, silent)
            .CallAsync(request, () => new ReplyAssembler(silent, _ => false), hasFallback: false, either.Token);
        if (outcome.End == CallEnd.Interrupted && !cancellationToken.IsCancellationRequested)
            outcome = new CallOutcome(CallEnd.Failed, Error: new ModelError(ModelErrorKind.Timeout, $"no summary within {writer.Limit.TotalSeconds:0} s"));
        string summary = outcome.End == CallEnd.Reply ? outcome.Reply!.Text.Trim() : "";
        if (outcome.End == CallEnd.Interrupted) throw new CompressionFailedException("the compression was interrupted; the conversation is unchanged");
        if (summary.Length == 0 && need == SummaryNeed.Wanted)
        {
            events.Status("warn", $"⚠ Compression summary failed: {outcome.Error?.Summary ?? "the model gave no text"}. Inserted a fallback context marker.");
            return new CompressedConversation(Joined(pruned[..plan.Head], SummaryPrompt.Marked(SummaryPrompt.Missing(middle.Count)), pruned[plan.Tail..]), default)
            {
                Failure = outcome.Error ?? new ModelError(ModelErrorKind.Malformed, "the model gave no text"),
            };
        }

        if (outcome.End != CallEnd.Reply) throw new CompressionFailedException($"the summary could not be made, the conversation is unchanged: {outcome.Error?.Summary ?? "the model did not answer"}");
        if (summary.Length == 0) throw new CompressionFailedException("the model gave an empty summary; the conversation is unchanged");
        return new CompressedConversation(Joined(pruned[..plan.Head], SummaryPrompt.Marked(summary), pruned[plan.Tail..]), Prices.Priced(outcome.Reply!.Usage, endpoint));
    }

    /// <summary>About how many tokens a conversation costs.</summary>
    public static long Estimate(IReadOnlyList<ConversationMessage> messages) => messages.Sum(CompressionPlan.Tokens);

    // Speakers have to alternate: the summary gets the role that fits between its neighbours, or joins the message behind it.
    private static List<ConversationMessage> Joined(List<ConversationMessage> head, string summary, List<ConversationMessage> tail)
    {
        var role = head[^1].Role == Role.User ? Role.Assistant : Role.User;
        var other = role == Role.User ? Role.Assistant : Role.User;
        if (tail[0].Role == role && other != head[^1].Role) role = other;
        else if (tail[0].Role == role) return [.. head, tail[0] with { Content = summary + SummaryPrompt.EndOfSummary + tail[0].Content }, .. tail[1..]];
        return [.. head, new ConversationMessage(role, summary), .. tail];
    }
}
