namespace Gateway.Agent;

/// <summary>Tokens spent, in the canonical buckets of AGENT.md section 20.</summary>
/// <param name="Input">Prompt tokens neither read from nor written to a cache.</param>
/// <param name="Output">Completion tokens, reasoning included.</param>
/// <param name="CacheRead">Prompt tokens read from the provider's cache.</param>
/// <param name="CacheWrite">Prompt tokens written to the provider's cache.</param>
/// <param name="Reasoning">Completion tokens spent on reasoning.</param>
/// <param name="Calls">Model calls made.</param>
/// <param name="LastPrompt">Prompt size of the newest call (input + cache read + cache write); what fills the context.</param>
internal readonly record struct TokenUsage(
    long Input = 0,
    long Output = 0,
    long CacheRead = 0,
    long CacheWrite = 0,
    long Reasoning = 0,
    long Calls = 0,
    long LastPrompt = 0)
{
    /// <summary>Dollars, as far as the prices are known.</summary>
    public double Cost { get; init; }

    /// <summary>Calls without a known price.</summary>
    public long Unpriced { get; init; }

    /// <summary>How often the conversation was compressed.</summary>
    public long Compressions { get; init; }

    /// <summary>All prompt tokens.</summary>
    public long Prompt => Input + CacheRead + CacheWrite;

    /// <summary>All tokens.</summary>
    public long Total => Prompt + Output;

    /// <summary>Adds the tokens of another stretch of work; the later one's prompt size stands.</summary>
    public static TokenUsage operator +(TokenUsage earlier, TokenUsage later) => new(
        earlier.Input + later.Input,
        earlier.Output + later.Output,
        earlier.CacheRead + later.CacheRead,
        earlier.CacheWrite + later.CacheWrite,
        earlier.Reasoning + later.Reasoning,
        earlier.Calls + later.Calls,
        later.LastPrompt != 0 ? later.LastPrompt : earlier.LastPrompt)
    {
        Cost = earlier.Cost + later.Cost,
        Unpriced = earlier.Unpriced + later.Unpriced,
        Compressions = earlier.Compressions + later.Compressions,
    };
}
