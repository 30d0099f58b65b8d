using Gateway.Config;

namespace Gateway.Agent.Compression;

/// <summary>Who writes the summary of a conversation, and how long that may take (auxiliary.compression in CONFIG.md).</summary>
/// <param name="Endpoint">The model.</param>
/// <param name="Limit">Time for all attempts together; 120 s unless configured.</param>
internal sealed record SummaryModel(ModelEndpoint Endpoint, TimeSpan Limit)
{
    private const string Task = "compression";
    private const int DefaultSeconds = 120;

    /// <summary>The configured one, else the model of the conversation.</summary>
    /// <exception cref="CompressionFailedException">One is configured that cannot be called.</exception>
    public static SummaryModel For(ModelEndpoint main, GatewayEnvironment environment, ConfigNode config)
    {
        var section = config.Find("auxiliary", Task);
        int seconds = section.Find("timeout").AsInt() is > 0 and var given ? given : DefaultSeconds;
        var endpoint = main;
        if (Names(section, "model") || Names(section, "base_url") || (Names(section, "provider") && section.Find("provider").AsText() != "auto"))
        {
            (var found, string? problem) = AuxiliaryEndpoint.Resolve(environment, config, Task);
            endpoint = found ?? throw new CompressionFailedException($"the model of auxiliary.compression cannot be called, the conversation is unchanged: {problem}");
        }

        return new(endpoint, TimeSpan.FromSeconds(seconds));
    }

    private static bool Names(ConfigNode section, string name) => !string.IsNullOrWhiteSpace(section.Find(name).AsText());
}
