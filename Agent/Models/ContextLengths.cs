using System.Collections.Immutable;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>How many tokens a model takes (AGENT.md 3.7): what configuration says, else what its endpoint
/// says, else what its family is known to take.</summary>
internal static class ContextLengths
{
    /// <summary>Assumed of a model that nobody knows.</summary>
    public const int Unknown = 256_000;

    /// <summary>Context window in tokens; null when nothing is known.</summary>
    public static int? Find(ModelEndpoint endpoint)
    {
        if ((endpoint.ContextLength ?? endpoint.Facts?.ContextLength) is { } told) return told;
        string name = endpoint.Model.ToLowerInvariant();
        (string Part, int Length)? best = null;
        foreach (var (part, length) in Families)
            if (name.Contains(part, StringComparison.Ordinal) && part.Length > (best?.Part.Length ?? 0)) best = (part, length);
        return best?.Length;
    }

    /// <summary>The same with the assumption.</summary>
    public static int Of(ModelEndpoint endpoint) => Find(endpoint) ?? Unknown;

    private static ImmutableArray<(string Part, int Length)> Families =>
    [
        ("claude", 200_000), ("claude-opus-4-6", 1_000_000), ("claude-opus-4.6", 1_000_000), ("claude-opus-4-7", 1_000_000), ("claude-opus-4.7", 1_000_000),
        ("claude-sonnet-4-6", 1_000_000), ("claude-sonnet-4.6", 1_000_000), ("gpt-5.5", 1_050_000), ("gpt-5.4", 1_050_000), ("gpt-5", 400_000),
        ("gpt-4.1", 1_047_576), ("gpt-4", 128_000), ("gemini", 1_048_576), ("deepseek", 128_000), ("deepseek-v4", 1_000_000), ("deepseek-chat", 1_000_000),
        ("deepseek-reasoner", 1_000_000), ("llama", 131_072), ("qwen", 131_072), ("qwen3-coder", 262_144), ("minimax", 204_800), ("glm", 202_752),
        ("grok-4", 256_000), ("grok-4-fast", 2_000_000), ("grok-4.20", 2_000_000), ("kimi", 262_144),
    ];
}
