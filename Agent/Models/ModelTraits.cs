using System.Collections.Immutable;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>What requests have to look like for a given endpoint and model (AGENT.md 3.2, 3.3, 3.5). Pure functions of names.</summary>
internal static class ModelTraits
{
    /// <summary>Lower-case model name without a vendor prefix, dots as hyphens.</summary>
    public static string BareName(string model)
    {
        var slash = model.LastIndexOf('/');
        return model[(slash + 1)..].ToLowerInvariant().Replace('.', '-');
    }

    /// <summary>Host of the endpoint, lower case; "" when the address is unusable.</summary>
    public static string Host(ModelEndpoint endpoint) =>
        Uri.TryCreate(endpoint.BaseUrl, UriKind.Absolute, out var uri) ? uri.Host.ToLowerInvariant() : "";

    /// <summary>Whether this is Anthropic's own service.</summary>
    public static bool IsNativeAnthropic(ModelEndpoint endpoint) => IsHost(endpoint, "anthropic.com");

    /// <summary>Whether this is OpenRouter.</summary>
    public static bool IsOpenRouter(ModelEndpoint endpoint) => endpoint.Provider == "openrouter" || IsHost(endpoint, "openrouter.ai");

    /// <summary>Whether this is Nous Research's portal.</summary>
    public static bool IsNous(ModelEndpoint endpoint) => endpoint.Provider == "nous" || IsHost(endpoint, "nousresearch.com");

    /// <summary>Whether this is Vercel's AI gateway.</summary>
    public static bool IsVercel(ModelEndpoint endpoint) => endpoint.Provider == "ai-gateway" || IsHost(endpoint, "ai-gateway.vercel.sh");

    /// <summary>Whether this is Moonshot's own service.</summary>
    public static bool IsKimi(ModelEndpoint endpoint) =>
        endpoint.Provider is "kimi-coding" or "kimi-coding-cn" || IsHost(endpoint, "moonshot.ai") || IsHost(endpoint, "moonshot.cn") || IsHost(endpoint, "kimi.com");

    /// <summary>Whether this is MiniMax's own service.</summary>
    public static bool IsMiniMax(ModelEndpoint endpoint) =>
        endpoint.Provider is "minimax" or "minimax-cn" || IsHost(endpoint, "minimax.io") || IsHost(endpoint, "minimaxi.com");

    /// <summary>Whether this is xAI's own service.</summary>
    public static bool IsXai(ModelEndpoint endpoint) => endpoint.Provider == "xai" || IsHost(endpoint, "x.ai");

    /// <summary>Whether a host belongs to a domain.</summary>
    public static bool IsHost(ModelEndpoint endpoint, string domain)
    {
        var host = Host(endpoint);
        return host == domain || (host.EndsWith(domain, StringComparison.Ordinal) && host[host.Length - domain.Length - 1] == '.');
    }

    /// <summary>Whether the system prompt travels under the role <c>developer</c>.</summary>
    public static bool WantsDeveloperRole(string model)
    {
        var name = BareName(model);
        return name.Contains("gpt-5", StringComparison.Ordinal) || name.Contains("codex", StringComparison.Ordinal);
    }

    /// <summary>Whether the server takes <c>reasoning_details</c> back: those who translate between providers do.</summary>
    public static bool KeepsReasoningDetails(ModelEndpoint endpoint) => IsOpenRouter(endpoint) || IsNous(endpoint);

    /// <summary>Whether the server expects an assistant's reasoning back beside its tool calls.</summary>
    public static bool WantsReasoningBack(ModelEndpoint endpoint)
    {
        var name = endpoint.Model.ToLowerInvariant();
        return endpoint.Provider == "deepseek" || IsKimi(endpoint)
            || name.Contains("deepseek", StringComparison.Ordinal) || name.Contains("kimi", StringComparison.Ordinal)
            || name.Contains("moonshot", StringComparison.Ordinal);
    }

    /// <summary>Whether requests may name a temperature. Kimi, Claude 4.7 and OpenAI's reasoning models refuse any but their own
    /// (AGENT.md 3.2, 3.3).</summary>
    public static bool TakesTemperature(ModelEndpoint endpoint)
    {
        var name = BareName(endpoint.Model);
        return !IsKimi(endpoint) && !name.Contains("kimi", StringComparison.Ordinal) && !(name.Contains("claude", StringComparison.Ordinal) && name.Contains("4-7", StringComparison.Ordinal))
            && !name.StartsWith("gpt-5", StringComparison.Ordinal) && !name.StartsWith("o1", StringComparison.Ordinal)
            && !name.StartsWith("o3", StringComparison.Ordinal) && !name.StartsWith("o4", StringComparison.Ordinal);
    }

    /// <summary>Whether requests carry cache markers.</summary>
    public static bool WantsCacheMarkers(ModelEndpoint endpoint)
    {
        var name = endpoint.Model.ToLowerInvariant();
        var claude = name.Contains("claude", StringComparison.Ordinal);
        return endpoint.ApiMode == ApiMode.AnthropicMessages
            ? claude || IsNativeAnthropic(endpoint)
            : (claude && IsOpenRouter(endpoint))
                || (name.Contains("qwen", StringComparison.Ordinal)
                    && endpoint.Provider is "opencode-zen" or "opencode-go" or "alibaba" or "alibaba-coding-plan");
    }

    /// <summary>Whether a model of a Responses endpoint reasons. OpenAI refuses reasoning options for those that do not; names nobody knows
    /// count as reasoning.</summary>
    public static bool Reasons(string model)
    {
        var name = BareName(model);
        return !name.StartsWith("gpt-3", StringComparison.Ordinal) && !name.StartsWith("gpt-4", StringComparison.Ordinal)
            && !name.StartsWith("chatgpt", StringComparison.Ordinal)
            && !(name.StartsWith("gpt-5", StringComparison.Ordinal) && name.Contains("-chat", StringComparison.Ordinal));
    }

    /// <summary>Whether priority processing exists for this model (4.4).</summary>
    public static bool HasPriorityTier(string model)
    {
        var name = BareName(model);
        return !name.Contains("codex", StringComparison.Ordinal)
            && (name.StartsWith("gpt-", StringComparison.Ordinal) || name.StartsWith("o1", StringComparison.Ordinal)
                || name.StartsWith("o3", StringComparison.Ordinal) || name.StartsWith("o4", StringComparison.Ordinal));
    }

    /// <summary>Most tokens a model of the Anthropic wire may be asked for.</summary>
    public static int OutputLimit(string model)
    {
        var name = BareName(model);
        foreach (var (family, limit) in OutputLimits)
        {
            if (name.Contains(family, StringComparison.Ordinal))
            {
                return limit;
            }
        }

        return 128_000;
    }

    // The first match counts, so longer names stand before their beginnings.
    private static readonly ImmutableArray<(string Family, int Limit)> OutputLimits =
    [
        ("opus-4-7", 128_000), ("opus-4-6", 128_000), ("opus-4-5", 64_000), ("sonnet-4-6", 64_000), ("sonnet-4-5", 64_000),
        ("haiku-4-5", 64_000), ("opus-4", 32_000), ("sonnet-4", 64_000), ("3-7-sonnet", 128_000), ("claude-3-5", 8192),
        ("claude-3", 4096), ("minimax", 131_072),
    ];
}
