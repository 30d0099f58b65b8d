namespace Gateway.Config;

/// <summary>Chooses the wire format of an endpoint (CONFIG.md 4.2).</summary>
internal static class ApiModes
{
    /// <summary>The format that configuration names, else the one the address is known for, else chat completions.</summary>
    /// <param name="configured">A value of <c>api_mode</c>; null and unknown words leave it to the address.</param>
    /// <param name="url">Endpoint root.</param>
    public static ApiMode Choose(string? configured, string url) => configured?.Trim().ToLowerInvariant() switch
    {
        "anthropic_messages" => ApiMode.AnthropicMessages,
        "codex_responses" => ApiMode.CodexResponses,
        "chat_completions" => ApiMode.ChatCompletions,
        _ when EndpointUrl.SpeaksAnthropic(url) => ApiMode.AnthropicMessages,
        _ when EndpointUrl.SpeaksResponses(url) => ApiMode.CodexResponses,
        _ => ApiMode.ChatCompletions,
    };
}
