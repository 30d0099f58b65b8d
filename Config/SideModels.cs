namespace Gateway.Config;

/// <summary>Which model of a provider is meant when only the provider is named (CONFIG.md 3, default models of side tasks).</summary>
internal static class SideModels
{
    /// <summary>The model of an entry of the user's own, the main model for its provider, else the small one that the provider is known
    /// for; null when there is none.</summary>
    public static string? Of(GatewayEnvironment environment, ConfigNode config, string provider)
    {
        var expanded = config.Expand(environment);
        if (CustomProvider.Find(expanded, provider) is { } own) return own.DefaultModel;
        string id = ProviderCatalog.Canonical(provider);
        return ModelSettings.Of(expanded).Provider is { } main && ProviderCatalog.Canonical(main) == id ? null : Known(id);
    }

    /// <summary>The small model that a built-in provider is known for; null when nobody knows one.</summary>
    public static string? Known(string id) => id switch
    {
        "openrouter" or "nous" => "google/gemini-3-flash-preview",
        "anthropic" => "claude-haiku-4-5-20251001",
        "gemini" => "gemini-3-flash-preview",
        "zai" => "glm-4.5-flash",
        "kimi-coding" => "kimi-k2-turbo-preview",
        "minimax" or "minimax-cn" => "MiniMax-M2.7",
        _ => null,
    };
}
