using System.Globalization;

namespace Gateway.Config;

/// <summary>The second half of <see cref="ModelResolver"/>: from a provider's name to an endpoint with a key.</summary>
internal sealed class EndpointFactory(GatewayEnvironment env, ConfigNode config, ModelSettings settings)
{
    private const string NoKey = "no-key-required";

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
            null => ModelResolution.Failed(Unknown(provider)),
            { Kind: ProviderKind.Unsupported } unsupported => ModelResolution.Failed(NotSupported(unsupported)),
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

        foreach (var id in ProviderCatalog.Ids)
        {
            var provider = ProviderCatalog.Find(id)!;
            if (id != "lmstudio" && provider.Kind is not (ProviderKind.Unsupported or ProviderKind.Custom) && Key(provider) is not null)
            {
                return BuiltIn(provider, model);
            }
        }

        var login = StoredLogin.ActiveProvider(env.HermesHome) is { } active
            ? $" The stored login for {active} is not supported by this gateway yet."
            : "";
        return ModelResolution.Failed(
            "No inference provider configured." + login
            + $" Put a key such as OPENROUTER_API_KEY=… or ANTHROPIC_API_KEY=… into {Path.Combine(env.HermesHome, ".env")},"
            + $" or set model.base_url in {env.ConfigPath} for a server of your own.");
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
        var url = (configured ? settings.BaseUrl : null) ?? env.Get("CUSTOM_BASE_URL")?.TrimEnd('/');
        if (!CustomProvider.IsUrl(url))
        {
            return ModelResolution.Failed(url is { Length: > 0 }
                ? NotAnAddress(url)
                : $"The custom provider has no address. Set model.base_url in {env.ConfigPath}, for example http://127.0.0.1:11434/v1 for Ollama.");
        }

        var ollama = EndpointUrl.IsHost(url, "ollama.com") ? env.Get("OLLAMA_API_KEY") : null;
        var key = FirstUsable(settings.ApiKey, Variable(settings.KeyVariable), ollama, env.Get("OPENAI_API_KEY"), env.Get("OPENROUTER_API_KEY")) ?? NoKey;
        return Endpoint(custom.Id, custom.Id, model, url!, key, settings.ApiMode);
    }

    private ModelResolution BuiltIn(Provider provider, string model, string? baseUrl = null)
    {
        var isConfigured = baseUrl is not null || (settings.Provider is { } name && ProviderCatalog.Canonical(name) == provider.Id);
        var key = FirstUsable(isConfigured ? settings.ApiKey : null, isConfigured ? Variable(settings.KeyVariable) : null, Key(provider))
            ?? (provider.Id == "lmstudio" ? "dummy-lm-api-key" : null);
        if (key is null)
        {
            return ModelResolution.Failed(NoKeyFor(provider));
        }

        var url = baseUrl ?? (isConfigured ? settings.BaseUrl : null) ?? BaseUrl(provider, key);
        if (!CustomProvider.IsUrl(url))
        {
            return ModelResolution.Failed(url.Length > 0
                ? NotAnAddress(url)
                : $"{provider.Label} needs an address. Set model.base_url in {env.ConfigPath} or the variable {provider.BaseUrlVariable}.");
        }

        model = ModelNames.Normalize(model, provider.Id);
        return Endpoint(provider.Id, provider.Id, model, url, key, (isConfigured ? settings.ApiMode : null) ?? Mode(provider, model, url));
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

        if (EndpointUrl.IsHost(url, "chatgpt.com"))
        {
            return ModelResolution.Failed("The ChatGPT Codex endpoint is not supported by this gateway yet. Use https://api.openai.com/v1 with an API key.");
        }

        url = url.TrimEnd('/');
        var format = ApiModes.Choose(mode, url);
        var anthropic = format == ApiMode.AnthropicMessages;
        if (anthropic && url.EndsWith("/v1", StringComparison.Ordinal))
        {
            url = url[..^3];
        }

        var request = RequestTimeout(section, model, anthropic && EndpointUrl.IsHost(url, "api.anthropic.com"));
        return ModelResolution.Of(new ModelEndpoint(provider, model, url, key.Trim(), format)
        {
            ContextLength = settings.ContextLength ?? ContextLength(url, model) ?? ContextLengthCache.Find(env.HermesHome, model, url),
            RequestTimeout = request,
            ReadTimeout = EndpointUrl.IsLocal(url) ? request : Seconds(env.Get("HERMES_STREAM_READ_TIMEOUT")) ?? TimeSpan.FromSeconds(120),
        });
    }

    private string BaseUrl(Provider provider, string key)
    {
        if (provider.Id == "openrouter" && env.Get("CUSTOM_BASE_URL") is { } custom)
        {
            return custom;
        }

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
        _ when provider.Id == "xai" || (provider.Id == "azure-foundry" && IsResponsesFamily(model)) => "codex_responses",
        _ => null,
    };

    // Azure serves these only, or fully, over Responses.
    private static bool IsResponsesFamily(string model) =>
        model.StartsWith("codex", StringComparison.OrdinalIgnoreCase) || model.StartsWith("gpt-5", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("o1", StringComparison.OrdinalIgnoreCase) || model.StartsWith("o3", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("o4", StringComparison.OrdinalIgnoreCase);

    private string? Key(Provider provider) => FirstUsable([.. provider.KeyVariables.Select(env.Get)]);

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

    private string NoKeyFor(Provider provider)
    {
        var variables = provider.Id == "anthropic" ? "ANTHROPIC_API_KEY" : string.Join(" or ", provider.KeyVariables);
        var login = StoredLogin.ActiveProvider(env.HermesHome) is { } active && ProviderCatalog.Canonical(active) == provider.Id
            ? " Its stored login is not supported by this gateway yet."
            : "";
        return $"No inference provider configured.{login} {provider.Label} is chosen, but there is no key for it: put {variables}=… into {Path.Combine(env.HermesHome, ".env")}.";
    }

    private string NotAnAddress(string url)
    {
        var place = url == settings.BaseUrl ? $"model.base_url '{Shown(url)}' in {env.ConfigPath}" : $"The configured base URL '{Shown(url)}'";
        return place + " is not an http or https address. It has to begin with http:// or https:// and name a server, for example http://127.0.0.1:11434/v1.";
    }

    // What was put there by mistake may be a key or a whole file.
    private static string Shown(string text) => SecretMask.Redact(text.Length <= 100 ? text : text[..99] + "…");

    private string NotSupported(Provider provider) =>
        $"{provider.Label} is not supported by this gateway yet, because it does not work with a plain API key."
        + $" Choose another provider with model.provider in {env.ConfigPath}, for example openrouter or anthropic.";

    private string Unknown(string provider) =>
        provider.Equals("openai", StringComparison.OrdinalIgnoreCase)
            ? "Unknown provider 'openai'. For OpenAI itself use provider custom with model.base_url https://api.openai.com/v1; with an OpenRouter key use openrouter."
            : $"Unknown provider '{provider}'. Use a built-in one such as openrouter or anthropic, or name your own under providers: in {env.ConfigPath}.";
}
