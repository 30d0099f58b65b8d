using System.Globalization;

namespace Gateway.Config;

/// <summary>The second half of <see cref="ModelResolver"/>: from a provider's name to an endpoint with a key.</summary>
internal sealed class EndpointFactory(GatewayEnvironment env, ConfigNode config, ModelSettings settings)
{
    private const string NoKey = "no-key-required";

    private readonly EndpointProblems _problems = new(env, settings);

    /// <summary>Finds the endpoint of a provider name (id, alias, custom name or auto) for a model.</summary>
    public ModelResolution Create(string provider, string model)
    {
        if (CustomProvider.Find(config, provider) is { } entry)
        {
            return Named(entry, model);
        }

        if (provider.StartsWith("custom:", StringComparison.OrdinalIgnoreCase))
        {
            return ModelResolution.Failed($"There is no custom provider named '{provider["custom:".Length..]}' in {env.ConfigPath}. Add it under providers: with a base_url.");
        }

        if (provider.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return Auto(model);
        }

        return ProviderCatalog.Find(provider) switch
        {
            null => ModelResolution.Failed(_problems.Unknown(provider)),
            { Kind: ProviderKind.Unsupported } unsupported => ModelResolution.Failed(_problems.NotSupported(unsupported)),
            { Kind: ProviderKind.Custom } custom => Custom(custom, model),
            var known => BuiltIn(known, model),
        };
    }

    private ModelResolution Auto(string model)
    {
        if (settings.BaseUrl is { } url && settings.Provider is null or "auto")
        {
            return EndpointUrl.IsHost(url, "openrouter.ai")
                ? BuiltIn(ProviderCatalog.Find("openrouter")!, model, url)
                : Custom(ProviderCatalog.Find("custom")!, model);
        }

        // Who logged in means that provider, whatever keys lie about; another one would cost money nobody expects.
        var active = ActiveLogin() is { } name ? ProviderCatalog.Find(name) : null;
        if (active is { Kind: ProviderKind.Unsupported }) return ModelResolution.Failed(_problems.NotSupported(active));
        if (active is not null && Credentials(active, isChosen: true).Count > 0) return BuiltIn(active, model);

        // A login that is not the active one is not used unless it is asked for.
        foreach (var id in ProviderCatalog.Ids)
        {
            var provider = ProviderCatalog.Find(id)!;
            if (id != "lmstudio" && provider.Kind is not (ProviderKind.Unsupported or ProviderKind.Custom or ProviderKind.Login)
                && Credentials(provider, isChosen: false).Count > 0)
            {
                return BuiltIn(provider, model);
            }
        }

        return ModelResolution.Failed(active is null ? _problems.Nothing : _problems.NoKeyFor(active));
    }

    private ModelResolution Named(CustomProvider entry, string model)
    {
        var key = FirstUsable(entry.ApiKey, Variable(entry.KeyVariable), env.Get("OPENAI_API_KEY"), env.Get("OPENROUTER_API_KEY")) ?? NoKey;
        return Endpoint("custom", entry.Key, model.Length == 0 ? entry.DefaultModel ?? "" : model, entry.BaseUrl, key, entry.ApiMode);
    }

    private ModelResolution Custom(Provider custom, string model)
    {
        var configured = settings.Provider is null || settings.Provider.Equals("auto", StringComparison.OrdinalIgnoreCase)
            || ProviderCatalog.Canonical(settings.Provider) == "custom" || EndpointUrl.IsLoopback(settings.BaseUrl);
        var own = configured ? settings.BaseUrl : null;
        var url = own ?? env.Get("CUSTOM_BASE_URL")?.TrimEnd('/');
        if (!CustomProvider.IsUrl(url))
        {
            return ModelResolution.Failed(url is { Length: > 0 }
                ? _problems.NotAnAddress(url)
                : $"The custom provider has no address. Set model.base_url in {env.ConfigPath}, for example http://127.0.0.1:11434/v1 for Ollama.");
        }

        return Endpoint(custom.Id, custom.Id, model, url!, ForeignKey(url!, own is null ? null : OwnKey), settings.ApiMode);
    }

    /// <summary>An endpoint whose address an entry of the configuration gives, such as that of a fallback or of a side task.</summary>
    /// <param name="provider">The provider named beside it; null for none. Its key counts there.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="url">The address.</param>
    /// <param name="key">The key named beside it; null for none.</param>
    /// <param name="mode">The format named beside it; null for none.</param>
    public ModelResolution At(string? provider, string model, string url, string? key, string? mode)
    {
        if (!CustomProvider.IsUrl(url)) return ModelResolution.Failed(_problems.NotAnAddress(url));
        url = url.TrimEnd('/');
        var named = provider is null ? null : CustomProvider.Find(config, provider);
        var known = provider is null || named is not null ? null : ProviderCatalog.Find(provider);
        if (known is null or { Kind: ProviderKind.Custom or ProviderKind.Unsupported or ProviderKind.Login })
        {
            var own = FirstUsable(key, url == settings.BaseUrl ? OwnKey : null, named?.BaseUrl == url ? FirstUsable(named.ApiKey, Variable(named.KeyVariable)) : null);
            return Endpoint("custom", named?.Key ?? "custom", model, url, ForeignKey(url, own), mode);
        }

        key = FirstUsable(key, url == settings.BaseUrl ? OwnKey : null, Key(known)) ?? NoKey;
        model = ModelNames.Normalize(model, known.Id);
        return Endpoint(known.Id, known.Id, model, url, key, mode ?? Mode(known, model, url));
    }

    // What model.api_key holds belongs to model.base_url, or to model.provider where that is not set.
    private string? OwnKey => FirstUsable(settings.ApiKey, Variable(settings.KeyVariable));

    private string ForeignKey(string url, string? own) => FirstUsable(
        own,
        EndpointUrl.IsHost(url, "ollama.com") ? env.Get("OLLAMA_API_KEY") : null,
        env.Get("OPENAI_API_KEY"),
        env.Get("OPENROUTER_API_KEY")) ?? NoKey;

    private ModelResolution BuiltIn(Provider provider, string model, string? baseUrl = null)
    {
        var isConfigured = baseUrl is not null || (settings.Provider is { } name && ProviderCatalog.Canonical(name) == provider.Id);
        var elsewhere = provider.Id == "openrouter" && baseUrl is null ? env.Get("CUSTOM_BASE_URL")?.TrimEnd('/') : null;
        var own = isConfigured && (elsewhere is null || elsewhere == settings.BaseUrl) ? OwnKey : null;
        var hasAddress = elsewhere is not null || baseUrl is not null || (isConfigured && settings.BaseUrl is not null);
        IReadOnlyList<Credential> credentials = own is not null ? [] : Credentials(provider, isConfigured || provider.Kind == ProviderKind.Login);

        // Keys of the pool belong to the provider's own addresses; for OpenRouter's, others may stand in (CONFIG.md 4.2).
        if (provider.Id == "openrouter" && hasAddress) credentials = [];
        var key = FirstUsable(own, credentials.Count > 0 ? credentials[0].Key : null, Key(provider)) ?? (provider.Id == "lmstudio" ? "dummy-lm-api-key" : null);
        if (key is null)
        {
            return ModelResolution.Failed(_problems.NoKeyFor(provider));
        }

        var url = elsewhere ?? baseUrl ?? (isConfigured ? settings.BaseUrl : null) ?? BaseUrl(provider, key);
        if (!CustomProvider.IsUrl(url))
        {
            return ModelResolution.Failed(url.Length > 0
                ? _problems.NotAnAddress(url)
                : $"{provider.Label} needs an address. Set model.base_url in {env.ConfigPath} or the variable {provider.BaseUrlVariable}.");
        }

        model = ModelNames.Normalize(model, provider.Id);
        var resolution = Endpoint(provider.Id, provider.Id, model, url, key, (isConfigured ? settings.ApiMode : null) ?? Mode(provider, model, url));
        return resolution.Endpoint is { } endpoint && (credentials.Count > 1 || credentials.Any(one => one.Login != LoginKind.Key || one.BaseUrl is not null))
            ? ModelResolution.Of(endpoint with { Credentials = credentials })
            : resolution;
    }

    private ModelResolution Endpoint(string provider, string section, string model, string url, string key, string? mode)
    {
        if (model.Length == 0)
        {
            return ModelResolution.Failed($"No model is chosen. Set model.default in {env.ConfigPath}, or pick one with /model.");
        }

        if (mode == "bedrock_converse")
        {
            return ModelResolution.Failed("The Bedrock API is not supported by this gateway yet. Choose another provider with model.provider.");
        }

        if (EndpointUrl.IsHost(url, "chatgpt.com") && provider != "openai-codex")
        {
            return ModelResolution.Failed("The ChatGPT endpoint takes a ChatGPT login and no key: choose model.provider openai-codex, or https://api.openai.com/v1 with an API key.");
        }

        url = url.TrimEnd('/');
        var format = ApiModes.Choose(mode, url);
        var anthropic = format == ApiMode.AnthropicMessages;
        if (anthropic && url.EndsWith("/v1", StringComparison.Ordinal))
        {
            url = url[..^3];
        }

        var request = RequestTimeout(section, model, anthropic && EndpointUrl.IsHost(url, "api.anthropic.com"));
        var endpoint = new ModelEndpoint(provider, model, url, key.Trim(), format)
        {
            ContextLength = settings.ContextLength ?? ContextLength(url, model) ?? ContextLengthCache.Find(env.HermesHome, model, url),
            RequestTimeout = request,
            ReadTimeout = EndpointUrl.IsLocal(url) ? request : Seconds(env.Get("HERMES_STREAM_READ_TIMEOUT")) ?? TimeSpan.FromSeconds(120),
        };
        return ModelResolution.Of(EndpointOptions.Apply(endpoint, section, config, env));
    }

    private string BaseUrl(Provider provider, string key)
    {
        var url = (provider.BaseUrlVariable is { } variable ? env.Get(variable) : null)
            ?? (provider.Id == "kimi-coding" && key.StartsWith("sk-kimi-", StringComparison.Ordinal) ? "https://api.kimi.com/coding" : provider.BaseUrl);
        url = url.TrimEnd('/');
        return provider.Id == "gemini" && !url.EndsWith("/openai", StringComparison.Ordinal) ? url + "/openai" : url;
    }

    private static string? Mode(Provider provider, string model, string url) => provider.Kind switch
    {
        ProviderKind.Anthropic when provider.Id == "anthropic" || EndpointUrl.SpeaksAnthropic(url) => "anthropic_messages",
        ProviderKind.ByModel when model.StartsWith(provider.Id == "opencode-zen" ? "claude-" : "minimax-", StringComparison.OrdinalIgnoreCase) => "anthropic_messages",
        ProviderKind.ByModel when provider.Id == "opencode-zen" && model.StartsWith("gpt-", StringComparison.OrdinalIgnoreCase) => "codex_responses",
        ProviderKind.ByModel => "chat_completions",
        ProviderKind.Login when provider.Id == "openai-codex" || (provider.Id == "copilot" && SpeaksResponsesAtCopilot(model)) => "codex_responses",
        _ when provider.Id == "xai" || (provider.Id == "azure-foundry" && IsResponsesFamily(model)) => "codex_responses",
        _ => null,
    };

    private static bool SpeaksResponsesAtCopilot(string model) =>
        (model.StartsWith("gpt-5", StringComparison.OrdinalIgnoreCase) && !model.StartsWith("gpt-5-mini", StringComparison.OrdinalIgnoreCase))
        || model.Contains("codex", StringComparison.OrdinalIgnoreCase);

    // Azure serves these only, or fully, over Responses.
    private static bool IsResponsesFamily(string model) =>
        model.StartsWith("codex", StringComparison.OrdinalIgnoreCase) || model.StartsWith("gpt-5", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("o1", StringComparison.OrdinalIgnoreCase) || model.StartsWith("o3", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("o4", StringComparison.OrdinalIgnoreCase);

    private string? Key(Provider provider) => FirstUsable([.. provider.KeyVariables.Select(env.Get)]);

    private IReadOnlyList<Credential> Credentials(Provider provider, bool isChosen) => new CredentialPool(env, config, DateTimeOffset.UtcNow).Of(provider, isChosen);

    private string? ActiveLogin()
    {
        using var file = AuthFile.Read(env.HermesHome);
        return file.ActiveProvider;
    }

    private string? Variable(string? name) => name is null ? null : env.Get(name);

    private static string? FirstUsable(params ReadOnlySpan<string?> keys)
    {
        foreach (var key in keys)
        {
            if (ProviderCatalog.IsUsableKey(key))
            {
                return key!.Trim();
            }
        }

        return null;
    }

    private int? ContextLength(string url, string model)
    {
        foreach (var entry in CustomProvider.All(config))
        {
            // An address of the Anthropic format may have lost its /v1 above.
            if (entry.BaseUrl == url || entry.BaseUrl == url + "/v1")
            {
                var own = entry.Node.Find("models", model, "context_length").AsInt() ?? entry.Node.Find("context_length").AsInt();
                if (own is > 0)
                {
                    return own;
                }
            }
        }

        return null;
    }

    private TimeSpan RequestTimeout(string section, string model, bool nativeAnthropic)
    {
        var provider = config.Find("providers", section);
        return Seconds(provider.Find("models", model, "timeout_seconds").AsString())
            ?? Seconds(CustomProvider.Text(provider, "request_timeout_seconds", "requestTimeoutSeconds"))
            ?? Seconds(env.Get("HERMES_API_TIMEOUT"))
            ?? TimeSpan.FromSeconds(nativeAnthropic ? 900 : 1800);
    }

    // A day is more than any request takes and still fits every timer.
    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
