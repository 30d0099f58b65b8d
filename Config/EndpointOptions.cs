using System.Globalization;

namespace Gateway.Config;

/// <summary>What the configuration and the environment say about requests to an endpoint beyond its address (CONFIG.md 3, AGENT.md 3.6).</summary>
internal static class EndpointOptions
{
    private static readonly TimeSpan UsualStale = TimeSpan.FromSeconds(180);

    /// <summary>The endpoint with its options.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="section">Its key under <c>providers</c>.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="environment">The environment.</param>
    public static ModelEndpoint Apply(ModelEndpoint endpoint, string section, ConfigNode config, GatewayEnvironment environment)
    {
        int? ollama = Ollama(endpoint, config);
        return endpoint with
        {
            OllamaContext = ollama,

            // The server cuts prompts off there without a word.
            ContextLength = endpoint.ContextLength ?? ollama,
            StaleTimeout = Stale(endpoint, section, config, environment),
            StreamRetries = int.TryParse(environment.Get("HERMES_STREAM_RETRIES"), NumberStyles.None, CultureInfo.InvariantCulture, out int retries)
                ? Math.Min(retries, 10)
                : endpoint.StreamRetries,
        };
    }

    private static int? Ollama(ModelEndpoint endpoint, ConfigNode config) =>
        endpoint.Provider == "custom" && endpoint.ApiMode == ApiMode.ChatCompletions && !EndpointUrl.IsHost(endpoint.BaseUrl, "api.openai.com")
            ? config.Find("model", "ollama_num_ctx").AsInt() is > 0 and var tokens ? tokens : null
            : null;

    // A local server may take as long as it likes, unless somebody says otherwise.
    private static TimeSpan Stale(ModelEndpoint endpoint, string section, ConfigNode config, GatewayEnvironment environment)
    {
        var provider = config.Find("providers", section);
        return Seconds(provider.Find("models", endpoint.Model, "stale_timeout_seconds").AsString())
            ?? Seconds(CustomProvider.Text(provider, "stale_timeout_seconds", "staleTimeoutSeconds"))
            ?? Seconds(environment.Get("HERMES_STREAM_STALE_TIMEOUT"))
            ?? (EndpointUrl.IsLocal(endpoint.BaseUrl) ? Timeout.InfiniteTimeSpan : UsualStale);
    }

    // A day is more than any model takes and still fits every timer.
    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
