namespace Gateway.Config;

/// <summary>Finds the models of side tasks (CONFIG.md, auxiliary).</summary>
internal static class AuxiliaryEndpoint
{
    /// <summary>The model of a side task: the one of section auxiliary, else the main model. No network, no state.</summary>
    /// <param name="environment">Variables that keys come from.</param>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="task">Name of the task in the section, such as <c>vision</c>.</param>
    /// <param name="chosen">Name of a model in place of the configured one; null for that.</param>
    public static (ModelEndpoint? Endpoint, string? Problem) Resolve(GatewayEnvironment environment, ConfigNode config, string task, string? chosen = null)
    {
        var section = config.Expand(environment).Find("auxiliary", task);
        string? model = chosen ?? Text(section, "model");
        if (Text(section, "base_url") is { } url && CustomProvider.IsUrl(url))
        {
            var main = ModelResolver.Resolve(environment, config).Endpoint;
            var at = ModelResolver.At(environment, config, section, model ?? main?.Model ?? ModelResolver.CurrentModelName(environment, config));
            return (at.Endpoint, at.Problem);
        }

        string? provider = Provider(section);
        var resolution = ModelResolver.Resolve(environment, config, model ?? (provider is null ? null : SideModels.Of(environment, config, provider)), provider);
        return (resolution.Endpoint is { } found ? Own(found, section) : null, resolution.Problem);
    }

    /// <summary>Who else may answer when the main model cannot for want of money or connection: other providers with a key, each with
    /// the small model it is known for. None when configuration names one for the task.</summary>
    /// <param name="environment">Variables that keys come from.</param>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="task">Name of the task in the section, such as <c>vision</c>.</param>
    public static IEnumerable<ModelEndpoint> Others(GatewayEnvironment environment, ConfigNode config, string task)
    {
        var section = config.Expand(environment).Find("auxiliary", task);
        if (Provider(section) is not null || Text(section, "base_url") is not null) yield break;
        string? main = ModelResolver.Resolve(environment, config).Endpoint?.Provider;
        foreach (string id in ProviderCatalog.Ids)
        {
            if (id == main || id is "custom" or "lmstudio" || SideModels.Known(id) is not { } model) continue;
            if (ModelResolver.Resolve(environment, config, model, id).Endpoint is { } endpoint) yield return endpoint;
        }
    }

    private static ModelEndpoint Own(ModelEndpoint found, ConfigNode section)
    {
        if (Text(section, "api_key") is { } key && ProviderCatalog.IsUsableKey(key)) found = found with { ApiKey = key, Credentials = [] };
        return Text(section, "api_mode") is { } mode ? found with { ApiMode = ApiModes.Choose(mode, found.BaseUrl) } : found;
    }

    private static string? Provider(ConfigNode section) => Text(section, "provider") is { } named && !named.Equals("auto", StringComparison.OrdinalIgnoreCase) ? named : null;

    private static string? Text(ConfigNode section, string name) => section.Find(name).AsText()?.Trim() is { Length: > 0 } text ? text : null;
}
