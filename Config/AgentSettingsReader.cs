using System.Globalization;

namespace Gateway.Config;

/// <summary>Makes <see cref="AgentSettings"/> from the configuration; what is invalid counts as unset (CONFIG.md 3).</summary>
internal static class AgentSettingsReader
{
    /// <summary>Reads the sections agent, terminal, tool_output, approvals, provider_routing and prompt_caching.</summary>
    public static AgentSettings Read(ConfigNode config, GatewayEnvironment env)
    {
        config = config.Expand(env);
        var agent = config.Find("agent");
        var defaults = new AgentSettings();
        return new AgentSettings
        {
            MaxTurns = Positive(agent.Find("max_turns")) ?? Positive(config.Find("max_turns")) ?? defaults.MaxTurns,
            ApiMaxRetries = Positive(agent.Find("api_max_retries")) ?? defaults.ApiMaxRetries,
            ReasoningEffort = Effort(agent.Find("reasoning_effort")) ?? defaults.ReasoningEffort,
            ServiceTier = IsFast(agent.Find("service_tier")) ? "priority" : "",
            ProviderRoutingJson = ProviderRouting.Read(config.Find("provider_routing")),
            CachesForAnHour = config.Find("prompt_caching", "cache_ttl").AsText() == "1h",
            TerminalTimeoutSeconds = TerminalTimeout(config, env) ?? defaults.TerminalTimeoutSeconds,
            ToolOutputMaxChars = Positive(config.Find("tool_output", "max_bytes")) ?? defaults.ToolOutputMaxChars,
            ApprovalTimeoutSeconds = config.Find("approvals", "gateway_timeout").AsInt() ?? defaults.ApprovalTimeoutSeconds,
            ApprovalMode = ApprovalMode(config.Find("approvals", "mode")),
        };
    }

    /// <summary>One of none, minimal, low, medium, high, xhigh; null for anything else.</summary>
    public static string? Effort(ConfigNode node) =>
        node.AsText()?.ToLowerInvariant() is ("none" or "minimal" or "low" or "medium" or "high" or "xhigh") and var effort ? effort : null;

    /// <summary>True for fast, priority and on, also when YAML read "on" as a boolean.</summary>
    public static bool IsFast(ConfigNode node) =>
        node.Kind == ConfigKind.Boolean ? node.AsBool(false) : node.AsText()?.ToLowerInvariant() is "fast" or "priority" or "on";

    private static string ApprovalMode(ConfigNode node) => node.Kind == ConfigKind.Boolean
        ? node.AsBool(true) ? "manual" : "off"
        : node.AsText()?.ToLowerInvariant() is ("smart" or "off") and var mode ? mode : "manual";

    // A terminal section in the file beats the variable; without one the variable counts.
    private static int? TerminalTimeout(ConfigNode config, GatewayEnvironment env) =>
        Positive(config.Find("terminal", "timeout"))
        ?? (int.TryParse(env.Get("TERMINAL_TIMEOUT"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : null);

    private static int? Positive(ConfigNode node) => node.AsInt() is > 0 and var number ? number : null;
}
