namespace Gateway.Config;

/// <summary>The <c>model</c> section, with the older keys at the root as fallback (CONFIG.md 1 and 3).</summary>
internal sealed record ModelSettings
{
    /// <summary>model.provider; null when unset.</summary>
    public string? Provider { get; init; }

    /// <summary>model.base_url without a trailing slash.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>model.api_key or model.api.</summary>
    public string? ApiKey { get; init; }

    /// <summary>model.key_env: the variable that holds the key.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>model.api_mode.</summary>
    public string? ApiMode { get; init; }

    /// <summary>model.context_length in tokens.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Reads the section. Wrong types count as unset.</summary>
    public static ModelSettings Of(ConfigNode config)
    {
        var model = config.Find("model");
        return new ModelSettings
        {
            Provider = model.Find("provider").AsText() ?? config.Find("provider").AsText(),
            BaseUrl = (model.Find("base_url").AsText() ?? config.Find("base_url").AsText())?.TrimEnd('/'),
            ApiKey = CustomProvider.Text(model, "api_key", "api"),
            KeyVariable = CustomProvider.Text(model, "key_env", "api_key_env"),
            ApiMode = model.Find("api_mode").AsText()?.ToLowerInvariant(),
            ContextLength = model.Find("context_length").AsInt() is > 0 and var length ? length : null,
        };
    }
}
