namespace Gateway.Config;

/// <summary>Which wire format a model endpoint speaks (CONFIG.md 4.1, api_mode).</summary>
internal enum ApiMode
{
    /// <summary>OpenAI-compatible <c>POST {base}/chat/completions</c>.</summary>
    ChatCompletions,

    /// <summary>Anthropic <c>POST {base}/v1/messages</c>.</summary>
    AnthropicMessages,

    /// <summary>OpenAI Responses <c>POST {base}/responses</c>.</summary>
    CodexResponses,
}

/// <summary>A model and everything needed to call it. The key never leaves this record except in a request header.</summary>
/// <param name="Provider">Canonical provider id, such as openrouter, anthropic or custom.</param>
/// <param name="Model">Model id as the endpoint knows it.</param>
/// <param name="BaseUrl">Endpoint root without a trailing slash.</param>
/// <param name="ApiKey">The credential; "no-key-required" for open endpoints.</param>
/// <param name="ApiMode">Wire format.</param>
internal sealed record ModelEndpoint(string Provider, string Model, string BaseUrl, string ApiKey, ApiMode ApiMode)
{
    /// <summary>Context window in tokens if configuration names one; null when unknown.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Whole-request limit; default 1800 s (HERMES_API_TIMEOUT).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary>Longest silence inside a stream; default 120 s (HERMES_STREAM_READ_TIMEOUT).</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The credentials it may be asked with, the present one first; empty when there is only one key, which stays as
    /// it is.</summary>
    public IReadOnlyList<Credential> Credentials { get; init; } = [];

    /// <summary>Longest stretch without an event in a stream, long prompts allowed more; default 180 s, infinite for none
    /// (HERMES_STREAM_STALE_TIMEOUT, stale_timeout_seconds).</summary>
    public TimeSpan StaleTimeout { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>How often a stream that breaks before it has brought anything is asked for again at once; default 2 (HERMES_STREAM_RETRIES).</summary>
    public int StreamRetries { get; init; } = 2;

    /// <summary>Context window in tokens that an Ollama server is asked to give the model; null leaves it to the server
    /// (model.ollama_num_ctx).</summary>
    public int? OllamaContext { get; init; }

    /// <summary>What the endpoint itself says about the model, once it has been asked; null when it is not asked.</summary>
    public ModelFacts? Facts { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Model} ({Provider})";
}

/// <summary>Model options and limits of the agent section (CONFIG.md section 3).</summary>
internal sealed record AgentSettings
{
    /// <summary>Model calls per turn; default 90 (agent.max_turns).</summary>
    public int MaxTurns { get; init; } = 90;

    /// <summary>Attempts per model call; default 3 (agent.api_max_retries).</summary>
    public int ApiMaxRetries { get; init; } = 3;

    /// <summary>none, minimal, low, medium, high, xhigh; "" leaves it to the provider (agent.reasoning_effort).</summary>
    public string ReasoningEffort { get; init; } = "";

    /// <summary>"priority" or "" (agent.service_tier).</summary>
    public string ServiceTier { get; init; } = "";

    /// <summary>OpenRouter's choice among the providers of a model, as the JSON object that goes into requests (provider_routing); null
    /// leaves it to OpenRouter.</summary>
    public string? ProviderRoutingJson { get; init; }

    /// <summary>Whether prompts stay cached for an hour instead of five minutes (prompt_caching.cache_ttl).</summary>
    public bool CachesForAnHour { get; init; }

    /// <summary>Seconds a foreground command may run; default 180 (terminal.timeout).</summary>
    public int TerminalTimeoutSeconds { get; init; } = 180;

    /// <summary>Characters of command output that the model gets; default 50,000 (tool_output.max_bytes).</summary>
    public int ToolOutputMaxChars { get; init; } = 50_000;

    /// <summary>Seconds an approval question stays open; default 300 (approvals.gateway_timeout). Zero or less: nobody is asked, the
    /// answer is a time-out at once.</summary>
    public int ApprovalTimeoutSeconds { get; init; } = 300;

    /// <summary>manual, smart or off (approvals.mode).</summary>
    public string ApprovalMode { get; init; } = "manual";
}
