namespace Gateway.Config;

/// <summary>Why there is no endpoint, in words that say what to do.</summary>
internal sealed class EndpointProblems(GatewayEnvironment env, ModelSettings settings)
{
    /// <summary>No key and no login anywhere.</summary>
    public string Nothing =>
        "No inference provider configured."
        + $" Put a key such as OPENROUTER_API_KEY=… or ANTHROPIC_API_KEY=… into {Path.Combine(env.HermesHome, ".env")},"
        + $" or set model.base_url in {env.ConfigPath} for a server of your own.";

    /// <summary>A provider without a credential.</summary>
    public string NoKeyFor(Provider provider)
    {
        const string none = "No inference provider configured.";
        return provider.Id switch
        {
            "copilot" => $"{none} {provider.Label} is chosen, but there is no GitHub token for it that it accepts: put COPILOT_GITHUB_TOKEN=… into {Path.Combine(env.HermesHome, ".env")}. Classic tokens (ghp_…) do not work there.",
            "qwen-oauth" => $"{none} {provider.Label} is chosen, but {StoredLogins.QwenFile(env)} holds no login. Log in with the command 'qwen' first.",
            _ when provider.Kind == ProviderKind.Login => $"{none} {provider.Label} is chosen, but {Path.Combine(env.HermesHome, "auth.json")} holds no login for it. Log in with 'hermes auth add {provider.Id}', or choose another provider with model.provider.",
            _ => $"{none} {provider.Label} is chosen, but there is no key for it: put {(provider.Id == "anthropic" ? "ANTHROPIC_API_KEY" : string.Join(" or ", provider.KeyVariables))}=… into {Path.Combine(env.HermesHome, ".env")}.",
        };
    }

    /// <summary>An address that is none.</summary>
    public string NotAnAddress(string url)
    {
        var place = url == settings.BaseUrl ? $"model.base_url '{Shown(url)}' in {env.ConfigPath}" : $"The configured base URL '{Shown(url)}'";
        return place + " is not an http or https address. It has to begin with http:// or https:// and name a server, for example http://127.0.0.1:11434/v1.";
    }

    // What was put there by mistake may be a key or a whole file.
    private static string Shown(string text) => SecretMask.Redact(text.Length <= 100 ? text : text[..99] + "…");

    /// <summary>A provider that this gateway cannot speak to.</summary>
    public string NotSupported(Provider provider) =>
        $"{provider.Label} is not supported by this gateway yet, because it does not work with a plain API key."
        + $" Choose another provider with model.provider in {env.ConfigPath}, for example openrouter or anthropic.";

    /// <summary>A name that no provider has.</summary>
    public string Unknown(string provider) =>
        provider.Equals("openai", StringComparison.OrdinalIgnoreCase)
            ? "Unknown provider 'openai'. For OpenAI itself use provider custom with model.base_url https://api.openai.com/v1; with an OpenRouter key use openrouter."
            : $"Unknown provider '{provider}'. Use a built-in one such as openrouter or anthropic, or name your own under providers: in {env.ConfigPath}.";
}
