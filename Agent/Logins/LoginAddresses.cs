namespace Gateway.Agent.Logins;

/// <summary>Where logins are renewed.</summary>
internal sealed record LoginAddresses
{
    /// <summary>Anthropic's token server.</summary>
    public string Anthropic { get; init; } = "https://platform.claude.com/v1/oauth/token";

    /// <summary>OpenAI's token server.</summary>
    public string Codex { get; init; } = "https://auth.openai.com/oauth/token";

    /// <summary>The Nous Portal, for logins that do not name it.</summary>
    public string Nous { get; init; } = "https://portal.nousresearch.com";

    /// <summary>Qwen's token server.</summary>
    public string Qwen { get; init; } = "https://chat.qwen.ai/api/v1/oauth2/token";

    /// <summary>Where GitHub sells keys for Copilot.</summary>
    public string Copilot { get; init; } = "https://api.github.com/copilot_internal/v2/token";
}
