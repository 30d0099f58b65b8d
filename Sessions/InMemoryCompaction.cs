using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Shortens the conversation of an agent while it works (AGENT.md section 7). Here only what its model still reads becomes shorter,
/// and the row it is stored in keeps every message, which is all that agents beside a session need.</summary>
/// <param name="compressor">Writes the summary.</param>
/// <param name="kit">Configuration.</param>
internal class InMemoryCompaction(Compressor compressor, ToolKit kit) : ITurnCompaction
{
    private const int UselessInARow = 2;
    private const double LeastGain = 0.1;
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan RestAfterTrouble = TimeSpan.FromSeconds(60);

    /// <summary>How many compressions in a row saved next to nothing.</summary>
    protected virtual int Useless { get; set; }

    /// <summary>Until when no summary is asked for, because the last attempt failed.</summary>
    protected virtual DateTimeOffset SummariesRestUntil { get; set; }

    /// <inheritdoc/>
    public bool IsOn => On(kit.Settings);

    /// <inheritdoc/>
    public virtual string? Instructions => null;

    private bool SummariesRest => kit.Time.GetUtcNow() < SummariesRestUntil;

    /// <inheritdoc/>
    public long Threshold(ModelEndpoint endpoint)
    {
        var config = kit.Settings;

        // While nobody can summarise, nothing is thrown away before it has to be.
        return On(config) && !SummariesRest && Useless < UselessInARow ? CompressionLimits.Of(endpoint, config).Threshold : long.MaxValue;
    }

    /// <inheritdoc/>
    public virtual void Learned(ModelEndpoint endpoint, bool stated)
    {
        if (endpoint.ContextLength is not { } window) return;
        Useless = 0;
        if (stated) ContextLengthCache.Remember(kit.Environment.HermesHome, endpoint.Model, endpoint.BaseUrl, window);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConversationMessage>?> CompactAsync(
        IReadOnlyList<ConversationMessage> messages, ModelEndpoint endpoint, IAgentEvents events, CancellationToken cancellationToken)
    {
        var config = kit.Settings;
        if (!On(config)) return null;
        try
        {
            bool rest = SummariesRest;
            var writer = rest ? new SummaryModel(endpoint, TimeSpan.Zero) : SummaryModel.For(endpoint, kit.Environment, config);
            var shorter = await compressor.CompressAsync(
                messages,
                null,
                writer,
                AgentSettingsReader.Read(config, kit.Environment),
                CompressionLimits.Of(endpoint, config),
                rest ? SummaryNeed.Skipped : SummaryNeed.Wanted,
                events,
                cancellationToken);
            if (ReferenceEquals(shorter.Messages, messages)) return null;
            if (shorter.Failure is { } failure) Rest(failure.Retryable ? RestAfterTrouble : RestAfterFailure);
            if (rest) events.Status("warn", "⚠ Compression summary failed: the attempt before this one failed moments ago. Inserted a fallback context marker.");

            // What does not shorten is not worth its price a third time.
            Useless = Compressor.Estimate(shorter.Messages) > Compressor.Estimate(messages) * (1 - LeastGain) ? Useless + 1 : 0;
            bool kept = Keep(shorter, endpoint, events);
            if (shorter.Usage.Calls > 0) events.TokensSpent(shorter.Usage, writer.Endpoint);
            return kept ? shorter.Messages : null;
        }
        catch (CompressionFailedException exception)
        {
            if (cancellationToken.IsCancellationRequested) return null;
            Rest(RestAfterFailure);
            events.Status("warn", $"⚠ {exception.Message}");
            return null;
        }
    }

    /// <summary>Makes the shorter conversation that of the agent, before what it cost is told.</summary>
    /// <param name="shorter">The shorter conversation.</param>
    /// <param name="endpoint">The model that goes on with it.</param>
    /// <param name="events">Hears why it cannot be.</param>
    /// <returns><see langword="false"/> when the agent has to go on with the longer one.</returns>
    protected virtual bool Keep(CompressedConversation shorter, ModelEndpoint endpoint, IAgentEvents events) => true;

    private void Rest(TimeSpan time) => SummariesRestUntil = kit.Time.GetUtcNow() + time;

    private static bool On(ConfigNode config) => config.Find("compression", "enabled").AsBool(true);
}
