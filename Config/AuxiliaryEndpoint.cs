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
        string? provider = Text(section, "provider") is { } named && named != "auto" ? named : null;
        if (Text(section, "base_url") is { } url && Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            var main = ModelResolver.Resolve(environment, config).Endpoint;
            string name = model ?? main?.Model ?? ModelResolver.CurrentModelName(environment, config);
            var mode = ApiModes.Choose(Text(section, "api_mode"), url);
            return (new ModelEndpoint("custom", name, url.TrimEnd('/'), Text(section, "api_key") ?? "no-key-required", mode), null);
        }

        var resolution = ModelResolver.Resolve(environment, config, model, provider);
        return (resolution.Endpoint, resolution.Problem);
    }

    private static string? Text(ConfigNode section, string name) => section.Find(name).AsText() is { Length: > 0 } text ? text.Trim() : null;
}
