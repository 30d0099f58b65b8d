namespace Gateway.Config;

/// <summary>Chooses the model and finds its endpoint and credential (CONFIG.md 2 and 4.2). No network, no state.</summary>
internal static class ModelResolver
{
    /// <summary>The model used when nothing names one.</summary>
    public const string DefaultModel = "anthropic/claude-sonnet-4";

    /// <summary>Resolves the model to call.</summary>
    /// <param name="env">Variables; HERMES_MODEL, HERMES_TUI_PROVIDER and the key variables are read.</param>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="requestedModel">An explicit choice: a model, an alias of <c>model_aliases</c>, or <c>provider:model</c>.</param>
    /// <param name="requestedProvider">An explicit provider id, alias or <c>custom:name</c>.</param>
    public static ModelResolution Resolve(GatewayEnvironment env, ConfigNode config, string? requestedModel = null, string? requestedProvider = null)
    {
        config = config.Expand(env);
        var model = NonEmpty(requestedModel) ?? CurrentModelName(env, config);
        var settings = ModelSettings.Of(config);
        var alias = config.Find("model_aliases", model);
        var provider = NonEmpty(requestedProvider);
        if (CustomProvider.Text(alias, "model") is { } aliased)
        {
            model = aliased;
            provider ??= CustomProvider.Text(alias, "provider") ?? "custom";
            if (CustomProvider.Text(alias, "base_url") is { } url)
            {
                // The key in the file belongs to the address in the file.
                bool same = url.TrimEnd('/') == settings.BaseUrl;
                settings = settings with
                {
                    Provider = provider,
                    BaseUrl = url.TrimEnd('/'),
                    ApiMode = null,
                    ApiKey = CustomProvider.Text(alias, "api_key") ?? (same ? settings.ApiKey : null),
                    KeyVariable = same ? settings.KeyVariable : null,
                };
            }
        }

        if (provider is null && SplitProvider(config, model) is var (prefix, rest))
        {
            (provider, model) = (prefix, rest);
        }

        provider ??= env.Get("HERMES_TUI_PROVIDER") ?? settings.Provider ?? env.Get("HERMES_INFERENCE_PROVIDER") ?? "auto";
        return new EndpointFactory(env, config, settings).Create(provider.Trim(), model);
    }

    /// <summary>The model's name by the precedence of CONFIG.md 2; "" when the file names a map without a default. Never fails.</summary>
    public static string CurrentModelName(GatewayEnvironment env, ConfigNode config)
    {
        if ((env.Get("HERMES_MODEL") ?? env.Get("HERMES_INFERENCE_MODEL"))?.Trim() is { Length: > 0 } fromEnvironment)
        {
            return fromEnvironment;
        }

        var model = config.Find("model");
        return model.IsMap ? model.Find("default").AsText() ?? "" : model.AsText() ?? DefaultModel;
    }

    /// <summary>True when something is there to call a model with, for setup.status: a usable key, an endpoint of the user's own, or a login
    /// (if it cannot be used, the first prompt says why, where a setup screen would only puzzle).</summary>
    public static bool IsConfigured(GatewayEnvironment env, ConfigNode config)
    {
        config = config.Expand(env);
        var settings = ModelSettings.Of(config);
        if (CustomProvider.IsUrl(settings.BaseUrl) || ProviderCatalog.IsUsableKey(settings.ApiKey) || CustomProvider.All(config).Count > 0)
        {
            return true;
        }

        if (settings.Provider is { } provider && ProviderCatalog.Canonical(provider) == "lmstudio")
        {
            return true;
        }

        foreach (var id in ProviderCatalog.Ids)
        {
            if (ProviderCatalog.Find(id)!.KeyVariables.Any(name => ProviderCatalog.IsUsableKey(env.Get(name))))
            {
                return true;
            }
        }

        using var file = AuthFile.Read(env.HermesHome);
        return file.ActiveProvider is not null || ProviderCatalog.Ids.Any(id => file.Pool(id).Any());
    }

    /// <summary>Resolves a model at an address that an entry of the configuration gives (a fallback, a side task, subagents).</summary>
    /// <param name="env">Variables that keys come from.</param>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="entry">The entry: provider, api_key, api_mode and base_url are read.</param>
    /// <param name="model">The model's name.</param>
    public static ModelResolution At(GatewayEnvironment env, ConfigNode config, ConfigNode entry, string model)
    {
        config = config.Expand(env);
        string? Text(string name) => NonEmpty(entry.Find(name).AsText());
        var factory = new EndpointFactory(env, config, ModelSettings.Of(config) with { ContextLength = null });
        return factory.At(Text("provider") is { } named && named != "auto" ? named : null, model, Text("base_url") ?? "", Text("api_key"), Text("api_mode"));
    }

    // Splits provider:model, but leaves ids such as llama3:8b alone whose left side is no provider.
    private static (string Provider, string Model)? SplitProvider(ConfigNode config, string model)
    {
        var colon = model.IndexOf(':');
        if (colon <= 0 || colon == model.Length - 1 || model.AsSpan(0, colon).Contains('/'))
        {
            return null;
        }

        var (left, right) = (model[..colon], model[(colon + 1)..]);
        if (left.Equals("custom", StringComparison.OrdinalIgnoreCase) && right.IndexOf(':') is > 0 and var second
            && CustomProvider.Find(config, "custom:" + right[..second]) is not null)
        {
            return ("custom:" + right[..second], right[(second + 1)..]);
        }

        return ProviderCatalog.Find(left) is not null || CustomProvider.Find(config, left) is not null ? (left, right) : null;
    }

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
