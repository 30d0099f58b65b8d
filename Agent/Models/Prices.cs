using System.Collections.Immutable;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>What tokens cost (AGENT.md section 20): what the endpoint says, else what is published and stable.</summary>
internal static class Prices
{
    /// <summary>Tokens of one call with what they cost.</summary>
    public static TokenUsage Priced(TokenUsage usage, ModelEndpoint endpoint)
    {
        var cost = Cost(endpoint, usage);
        return usage with { Cost = cost ?? 0, Unpriced = cost is null ? usage.Calls : 0 };
    }

    /// <summary>Dollars for the tokens of one call; null when a bucket that was used has no known price.</summary>
    public static double? Cost(ModelEndpoint endpoint, TokenUsage usage)
    {
        if ((endpoint.Facts?.Prices ?? Find(endpoint)?.Prices) is not { } price) return null;
        if ((usage.CacheRead > 0 && price.CacheRead is null) || (usage.CacheWrite > 0 && price.CacheWrite is null)) return null;
        return ((usage.Input * price.Input) + (usage.Output * price.Output) + (usage.CacheRead * (price.CacheRead ?? 0)) + (usage.CacheWrite * (price.CacheWrite ?? 0))) / 1e6
            + (usage.Calls * price.Request);
    }

    // The list is that of the vendors' own services; resellers have prices of their own.
    private static Price? Find(ModelEndpoint endpoint)
    {
        if (endpoint.Provider is not ("anthropic" or "openai" or "openai-api" or "deepseek") && !ModelTraits.IsNativeAnthropic(endpoint)
            && !ModelTraits.IsHost(endpoint, "openai.com") && !ModelTraits.IsHost(endpoint, "deepseek.com")) return null;
        string name = ModelTraits.BareName(endpoint.Model);
        Price? best = null;
        foreach (var price in Table)
            if (name.StartsWith(price.Model, StringComparison.Ordinal) && price.Model.Length > (best?.Model.Length ?? 0) && !IsOther(name, price.Model)) best = price;
        return best;
    }

    // gpt-4o is not gpt-4o-audio: behind a known name only a date may follow.
    private static bool IsOther(string name, string model) =>
        name.Length > model.Length && name[model.Length..].Any(character => character != '-' && !char.IsAsciiDigit(character)) && !name.EndsWith("-latest", StringComparison.Ordinal);

    private static ImmutableArray<Price> Table =>
    [
        new("claude-opus-4-20250514", 15, 75, 1.5, 18.75),
        new("claude-sonnet-4-20250514", 3, 15, 0.3, 3.75),
        new("claude-3-5-sonnet", 3, 15, 0.3, 3.75),
        new("claude-3-5-haiku", 0.8, 4, 0.08, 1),
        new("gpt-4o", 2.5, 10, 1.25, null),
        new("gpt-4o-mini", 0.15, 0.6, 0.075, null),
        new("gpt-4-1", 2, 8, 0.5, null),
        new("gpt-4-1-mini", 0.4, 1.6, 0.1, null),
        new("gpt-4-1-nano", 0.1, 0.4, 0.025, null),
        new("o3", 10, 40, 2.5, null),
        new("o3-mini", 1.1, 4.4, 0.55, null),
        new("deepseek-chat", 0.14, 0.28, null, null),
        new("deepseek-reasoner", 0.55, 2.19, null, null),
    ];

    private sealed record Price(string Model, double Input, double Output, double? CacheRead, double? CacheWrite)
    {
        public TokenPrices Prices => new(Input, Output, CacheRead, CacheWrite);
    }
}
