using System.Globalization;
using Gateway.Config;

namespace Gateway.Sessions.Subagents;

/// <summary>Limits and model of subagents (CONFIG.md, section delegation).</summary>
/// <param name="MaxConcurrent">How many run at once in one batch; default 3.</param>
/// <param name="MaxDepth">How deep agents may delegate, 1 to 3; default 1.</param>
/// <param name="MaxTurns">Model calls each may make; default 50.</param>
/// <param name="Timeout">How long each may take; default 600 s, at least 30 s, at most 30 days.</param>
internal sealed record DelegationSettings(int MaxConcurrent, int MaxDepth, int MaxTurns, TimeSpan Timeout)
{
    private const double LeastSeconds = 30;

    // No timer takes more than 49 days.
    private const double MostSeconds = 30 * 86_400;

    /// <summary>Whether subagents may delegate at all.</summary>
    public bool OrchestratorEnabled { get; init; } = true;

    /// <summary>Whether the tools of MCP servers come along although only other toolsets were asked for.</summary>
    public bool InheritMcpToolsets { get; init; } = true;

    /// <summary>Whether dangerous commands of subagents run unasked.</summary>
    public bool AutoApprove { get; init; }

    /// <summary>Reasoning effort; "" for that of the parent.</summary>
    public string ReasoningEffort { get; init; } = "";

    /// <summary>Reads the section.</summary>
    public static DelegationSettings Read(ConfigNode config, GatewayEnvironment environment)
    {
        var section = config.Expand(environment).Find("delegation");
        int children = section.Find("max_concurrent_children").AsInt()
            ?? (int.TryParse(environment.Get("DELEGATION_MAX_CONCURRENT_CHILDREN"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 3);
        return new DelegationSettings(
            Math.Max(1, children),
            Math.Clamp(section.Find("max_spawn_depth").AsInt() ?? 1, 1, 3),
            Math.Max(1, section.Find("max_iterations").AsInt() ?? 50),
            TimeSpan.FromSeconds(Math.Clamp(section.Find("child_timeout_seconds").AsDouble() ?? Seconds(environment.Get("DELEGATION_CHILD_TIMEOUT_SECONDS")) ?? 600, LeastSeconds, MostSeconds)))
        {
            OrchestratorEnabled = section.Find("orchestrator_enabled").AsBool(true),
            InheritMcpToolsets = section.Find("inherit_mcp_toolsets").AsBool(true),
            AutoApprove = section.Find("subagent_auto_approve").AsBool(false),
            ReasoningEffort = AgentSettingsReader.Effort(section.Find("reasoning_effort")) ?? "",
        };
    }

    /// <summary>The model that the section names, or why it cannot be called; null when it names none and that of the parent counts.</summary>
    public static ModelResolution? Model(ConfigNode config, GatewayEnvironment environment)
    {
        var expanded = config.Expand(environment);
        var section = expanded.Find("delegation");
        string? model = Text(section, "model"), provider = Text(section, "provider"), url = Text(section, "base_url");
        if (model is null && provider is null && url is null) return null;
        if (url is null) return ModelResolver.Resolve(environment, config, model ?? (provider is null ? null : SideModels.Of(environment, config, provider)), provider);
        if (!CustomProvider.IsUrl(url)) return ModelResolution.Failed($"delegation.base_url is not an address: '{url}'. It begins with http:// or https://.");
        return ModelResolver.At(environment, config, section, model ?? ModelResolver.CurrentModelName(environment, config));
    }

    private static double? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && double.IsFinite(seconds) ? seconds : null;

    private static string? Text(ConfigNode section, string name) => section.Find(name).AsText()?.Trim() is { Length: > 0 } text ? text : null;
}
