using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Agent.Models;

/// <summary>What a refusal for size says about what would be accepted (AGENT.md 5.2).</summary>
/// <param name="OutputCap">The prompt fits when the answer is capped at so many tokens; null when it is the prompt that is too large.</param>
/// <param name="Window">Tokens that the model takes, prompt and answer together; null when that is known already.</param>
/// <param name="Stated">Whether the provider named the window, which holds for later conversations too; else it is a guess.</param>
internal readonly partial record struct OverflowAdvice(int? OutputCap, int? Window, bool Stated)
{
    private const int LeastAnswer = 256;
    private const int Margin = 64;
    private const int LeastWindow = 1024;
    private const int GreatestWindow = 10_000_000;
    private const int LongContextTier = 200_000;

    /// <summary>Reads a provider's message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="assumed">Tokens that the model was thought to take.</param>
    public static OverflowAdvice Read(string message, int assumed)
    {
        if (message.Contains("extra usage", StringComparison.OrdinalIgnoreCase) && message.Contains("long context", StringComparison.OrdinalIgnoreCase))
            return new(null, assumed > LongContextTier ? LongContextTier : null, false);
        if (Answer(message) is { } cap and >= LeastAnswer) return new(cap, null, false);
        foreach (Match match in Limits().Matches(message))
        {
            if (int.TryParse(match.Groups["n"].Value.Replace(",", ""), NumberStyles.None, CultureInfo.InvariantCulture, out int window)
                && window is >= LeastWindow and <= GreatestWindow)
                return new(null, window < assumed ? window : null, window < assumed);
        }

        int[] steps = [128_000, 64_000, 32_000, 16_000, 8000];
        int lower = Array.Find(steps, step => step < assumed);
        return new(null, lower == 0 ? null : lower, false);
    }

    private static int? Answer(string message)
    {
        if (Sum().Match(message) is { Success: true } sum) return Number(sum, "limit") - Number(sum, "prompt") - Margin;
        if (Requested().Match(message) is { Success: true } requested) return Number(requested, "limit") - Number(requested, "prompt") - Margin;
        if (Available().Match(message) is { Success: true } available) return Number(available, "n") - Margin;
        return TooLong().Match(message) is { Success: true } output ? Number(output, "n") : null;
    }

    private static int? Number(Match match, string name) =>
        int.TryParse(match.Groups[name].Value.Replace(",", ""), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"(?<prompt>[\d,]{1,12})\s{0,3}\+\s{0,3}[\d,]{1,12}\s{0,3}>\s{0,3}(?<limit>[\d,]{1,12})", RegexOptions.CultureInvariant)]
    private static partial Regex Sum();

    [GeneratedRegex(@"maximum context length is (?<limit>[\d,]{1,12})[^(]{0,120}\(\s{0,2}(?<prompt>[\d,]{1,12}) (?:tokens )?(?:in|of|from) (?:the )?(?:messages|prompt|text input|input)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Requested();

    [GeneratedRegex(@"available_tokens[""']?\s{0,2}[:=]\s{0,2}(?<n>[\d,]{1,12})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Available();

    [GeneratedRegex(@"max_(?:completion_)?tokens.{0,60}?(?:>|at most|less than or equal to|maximum of)\s{0,3}(?<n>[\d,]{1,12})(?=.{0,60}(?:output|completion))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TooLong();

    [GeneratedRegex(@"(?:max(?:imum)?|limit|context|window|n_ctx|max_model_len)[^\d\n]{0,40}(?<n>\d[\d,]{3,9})|(?<n>\d[\d,]{3,9})(?: tokens?)? (?:maximum|limit|context)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Limits();
}
