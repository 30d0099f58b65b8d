namespace Gateway.Config;

/// <summary>Turns a model name into the form a provider knows (CONFIG.md 4.4).</summary>
internal static class ModelNames
{
    /// <summary>Normalises a model id for a provider; custom endpoints get it untouched.</summary>
    public static string Normalize(string model, string provider)
    {
        model = model.Trim();
        return provider switch
        {
            "openrouter" or "nous" or "ai-gateway" or "kilocode" => WithVendor(model),
            "anthropic" => Strip(model, "anthropic/").Replace('.', '-'),
            "opencode-zen" => Strip(model, "anthropic/") is var claude && claude.StartsWith("claude-", StringComparison.Ordinal)
                ? claude.Replace('.', '-')
                : Strip(model, "opencode-zen/"),
            "deepseek" => DeepSeek(Strip(model, "deepseek/").ToLowerInvariant()),
            "xiaomi" => Strip(model, "xiaomi/").ToLowerInvariant(),
            "custom" => model,
            "zai" => Strip(Strip(model, "zai/"), "z-ai/"),
            "xai" => Strip(Strip(model, "xai/"), "x-ai/"),
            "gemini" => Strip(Strip(model, "gemini/"), "google/"),
            "arcee" => Strip(Strip(model, "arcee/"), "arcee-ai/"),
            "kimi-coding" or "kimi-coding-cn" => Strip(Strip(model, provider + "/"), "moonshotai/"),
            "alibaba" or "alibaba-coding-plan" => Strip(Strip(model, provider + "/"), "qwen/"),
            "minimax-cn" => Strip(Strip(model, "minimax-cn/"), "minimax/"),
            _ => Strip(model, provider + "/"),
        };
    }

    // Aggregators list models under their vendor.
    private static string WithVendor(string model)
    {
        if (model.Contains('/') || model.Length == 0)
        {
            return model;
        }

        var first = string.Concat(model.TakeWhile(char.IsAsciiLetter)).ToLowerInvariant();
        var vendor = first switch
        {
            "claude" => "anthropic",
            "gpt" => "openai",
            "o" when model.StartsWith("o1", StringComparison.Ordinal) || model.StartsWith("o3", StringComparison.Ordinal) || model.StartsWith("o4", StringComparison.Ordinal) => "openai",
            "gemini" or "gemma" => "google",
            "deepseek" => "deepseek",
            "glm" => "z-ai",
            "kimi" => "moonshotai",
            "minimax" => "minimax",
            "grok" => "x-ai",
            "qwen" => "qwen",
            "mimo" => "xiaomi",
            "trinity" => "arcee-ai",
            "nemotron" => "nvidia",
            "llama" => "meta-llama",
            "step" => "stepfun",
            _ => null,
        };
        return vendor is null ? model : $"{vendor}/{model}";
    }

    private static string DeepSeek(string model)
    {
        if (model is "deepseek-chat" or "deepseek-reasoner" || (model.StartsWith("deepseek-v", StringComparison.Ordinal) && model.Length > 10 && char.IsAsciiDigit(model[10])))
        {
            return model;
        }

        return model.Contains("r1", StringComparison.Ordinal) || model.Contains("think", StringComparison.Ordinal)
            || model.Contains("reason", StringComparison.Ordinal) || model.Contains("cot", StringComparison.Ordinal)
            ? "deepseek-reasoner"
            : "deepseek-chat";
    }

    private static string Strip(string model, string prefix) =>
        model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? model[prefix.Length..] : model;
}
