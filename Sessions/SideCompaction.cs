using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Shortens the conversation of an agent that works beside a session, while it works. Only what its model still reads becomes
/// shorter; the row it is stored in keeps every message.</summary>
/// <param name="compressor">Writes the summary.</param>
/// <param name="kit">Configuration.</param>
internal sealed class SideCompaction(Compressor compressor, ToolKit kit) : ITurnCompaction
{
    private const int UselessInARow = 2;
    private const double LeastGain = 0.1;

    private int _useless;

    /// <inheritdoc/>
    public long Threshold(ModelEndpoint endpoint)
    {
        var config = kit.Settings;
        return IsOn(config) && _useless < UselessInARow ? CompressionLimits.Of(endpoint, config).Threshold : long.MaxValue;
    }

    /// <inheritdoc/>
    public void Learned(ModelEndpoint endpoint, bool stated)
    {
        if (endpoint.ContextLength is not { } window) return;
        _useless = 0;
        if (stated) ContextLengthCache.Remember(kit.Environment.HermesHome, endpoint.Model, endpoint.BaseUrl, window);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConversationMessage>?> CompactAsync(
        IReadOnlyList<ConversationMessage> messages, ModelEndpoint endpoint, IAgentEvents events, CancellationToken cancellationToken)
    {
        var config = kit.Settings;
        if (!IsOn(config)) return null;
        try
        {
            var writer = SummaryModel.For(endpoint, kit.Environment, config);
            var shorter = await compressor.CompressAsync(
                messages,
                null,
                writer,
                AgentSettingsReader.Read(config, kit.Environment),
                CompressionLimits.Of(endpoint, config),
                withoutSummary: true,
                events,
                cancellationToken);
            if (ReferenceEquals(shorter.Messages, messages)) return null;
            if (shorter.Usage.Calls > 0) events.TokensSpent(shorter.Usage, writer.Endpoint);
            _useless = Compressor.Estimate(shorter.Messages) > Compressor.Estimate(messages) * (1 - LeastGain) ? _useless + 1 : 0;
            return shorter.Messages;
        }
        catch (CompressionFailedException exception)
        {
            if (!cancellationToken.IsCancellationRequested) events.Status("warn", $"⚠ {exception.Message}");
            return null;
        }
    }

    private static bool IsOn(ConfigNode config) => config.Find("compression", "enabled").AsBool(true);
}
