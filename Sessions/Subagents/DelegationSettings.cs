using System.Globalization;
using Gateway.Config;

namespace Gateway.Sessions.Subagents;

/// <summary>Limits and model of subagents (CONFIG.md, section delegation).</summary>
/// <param name="MaxConcurrent">How many run at once in one batch; default 3.</param>
/// <param name="MaxDepth">How deep agents may delegate, 1 to 3; default 1.</param>
/// <param name="MaxTurns">Model calls each may make; default 50.</param>
/// <param name="Timeout">How long each may take; default 600 s, at least 30 s.</param>
internal sealed record DelegationSettings(int MaxConcurrent, int MaxDepth, int MaxTurns, TimeSpan Timeout)
{
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
            TimeSpan.FromSeconds(Math.Max(30, section.Find("child_timeout_seconds").AsInt() ?? 600)))
        {
            OrchestratorEnabled = section.Find("orchestrator_enabled").AsBool(true),
            InheritMcpToolsets = section.Find("inherit_mcp_toolsets").AsBool(true),
            AutoApprove = section.Find("subagent_auto_approve").AsBool(false),
            ReasoningEffort = AgentSettingsReader.Effort(section.Find("reasoning_effort")) ?? "",
        };
    }

    /// <summary>The model of subagents; null for that of the parent.</summary>
    public static ModelEndpoint? Model(ConfigNode config, GatewayEnvironment environment)
    {
        var section = config.Expand(environment).Find("delegation");
        string? model = Text(section, "model"), provider = Text(section, "provider"), url = Text(section, "base_url");
        if (model is null && provider is null && url is null) return null;
        if (url is null) return ModelResolver.Resolve(environment, config, model, provider).Endpoint;
        string name = model ?? ModelResolver.CurrentModelName(environment, config);
        return CustomProvider.IsUrl(url) ? new ModelEndpoint(provider ?? "custom", name, url.TrimEnd('/'), Text(section, "api_key") ?? "no-key-required", ApiMode.ChatCompletions) : null;
    }

    private static string? Text(ConfigNode section, string name) => section.Find(name).AsText()?.Trim() is { Length: > 0 } text ? text : null;
}
