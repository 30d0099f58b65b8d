namespace Gateway.Config;

/// <summary>The models that take over when the main one fails (CONFIG.md 3, fallback_providers or the older fallback_model).</summary>
internal static class FallbackModels
{
    /// <summary>The endpoints in their order; entries that cannot be called are left out.</summary>
    public static IReadOnlyList<ModelEndpoint> Read(GatewayEnvironment environment, ConfigNode config)
    {
        var expanded = config.Expand(environment);
        var list = expanded.Find("fallback_providers");
        if (list.IsNull || (!list.IsMap && !list.Items.Any())) list = expanded.Find("fallback_model");
        return [.. (list.IsMap ? [list] : list.Items).Select(entry => Endpoint(environment, config, entry)).OfType<ModelEndpoint>()];
    }

    private static ModelEndpoint? Endpoint(GatewayEnvironment environment, ConfigNode config, ConfigNode entry)
    {
        if (!entry.IsMap || Text(entry, "model") is not { } model) return null;
        return Text(entry, "base_url") is null
            ? ModelResolver.Resolve(environment, config, model, Text(entry, "provider")).Endpoint
            : ModelResolver.At(environment, config, entry, model).Endpoint;
    }

    private static string? Text(ConfigNode entry, string name) => entry.Find(name).AsText() is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
