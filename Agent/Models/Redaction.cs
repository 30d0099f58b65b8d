using System.Text.RegularExpressions;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Makes a provider's own words fit to be shown: one line, bounded, without credentials (some providers echo the key).</summary>
internal static partial class Redaction
{
    private const int MaxLength = 500;

    /// <summary>The text without secrets, on one line, at most 500 characters.</summary>
    /// <param name="text">What the provider said.</param>
    /// <param name="secret">The credential that was sent; "" when there was none.</param>
    public static string Clean(string text, string secret)
    {
        // Bounded before matching: an error page can be megabytes.
        if (text.Length > 8 * MaxLength)
        {
            text = text[..(8 * MaxLength)];
        }

        if (secret.Length >= 4)
        {
            text = text.Replace(secret, "[redacted]", StringComparison.Ordinal);
        }

        text = SecretMask.Redact(text);
        text = Whitespace().Replace(text, " ").Trim();
        text = JsonText.WithoutLoneSurrogates(text);
        return text.Length <= MaxLength ? text : JsonText.WithoutLoneSurrogates(text[..(MaxLength - 1)]) + "…";
    }

    [GeneratedRegex(@"[\s\x00-\x1F\x7F]+", RegexOptions.CultureInvariant)]
    private static partial Regex Whitespace();
}
