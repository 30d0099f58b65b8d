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

    /// <summary>A model turned out to take fewer tokens than it was thought to: what helped too little so far may help now.</summary>
    /// <param name="endpoint">The model, with what it takes.</param>
    /// <param name="stated">Whether the provider named the number; else it is a guess.</param>
    public void Learned(ModelEndpoint endpoint, bool stated) => _useless = 0;

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
