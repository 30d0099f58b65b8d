using System.Buffers;
using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>Hides credentials in single values and in free text (Q42, AGENT.md on redaction).</summary>
internal static partial class SecretMask
{
    private const int ShortestPartlyShown = 18;

    /// <summary>What names of environment variables consist of.</summary>
    public static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Short secrets become <c>***</c>; longer ones keep the first 6 and last 4 characters, enough to recognise a key.</summary>
    public static string Mask(string secret) =>
        secret.Length < ShortestPartlyShown ? "***" : string.Concat(secret.AsSpan(0, 6), "...", secret.AsSpan(secret.Length - 4));

    /// <summary>Masks in a text what is recognisable: authorization headers, NAME=value and "name": "value" of credential names,
    /// passwords in URLs, and the known key prefixes.</summary>
    public static string Redact(string text)
    {
        if (text.Length < 8)
        {
            return text;
        }

        text = UrlPassword().Replace(text, match => match.Groups[1].Value + "***@");
        text = Header().Replace(text, match => match.Groups[1].Value + Mask(match.Groups[2].Value));
        text = Assignment().Replace(text, RedactAssignment);
        return KnownKey().Replace(text, match => Mask(match.Value));
    }

    /// <summary>True when a key's name says that its value is a credential; names of variables (<c>key_env</c>) and counts are not.</summary>
    public static bool IsSecretName(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        return plain is "api" or "key" or "auth" or "bearer" or "cookie" or "credentials" or "pin" || EndsSecretly(plain);
    }

    private static bool EndsSecretly(string plain) =>
        plain.EndsWith("apikey", StringComparison.Ordinal) || plain.EndsWith("token", StringComparison.Ordinal)
        || plain.EndsWith("secret", StringComparison.Ordinal) || plain.EndsWith("secretkey", StringComparison.Ordinal)
        || plain.EndsWith("password", StringComparison.Ordinal) || plain.EndsWith("passwd", StringComparison.Ordinal)
        || plain.EndsWith("passphrase", StringComparison.Ordinal) || plain.EndsWith("authorization", StringComparison.Ordinal)
        || plain.EndsWith("accesskey", StringComparison.Ordinal) || plain.EndsWith("privatekey", StringComparison.Ordinal);

    private static string RedactAssignment(Match match)
    {
        var name = match.Groups["name"].Value;
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        // Upper-case NAME_KEY is how variables for credentials are written; lower-case keys of maps are not.
        var secret = EndsSecretly(plain) || (name.EndsWith("_KEY", StringComparison.Ordinal) && !name.Any(char.IsAsciiLetterLower));
        var value = match.Groups["value"].Value;
        return !secret || value.Contains("...", StringComparison.Ordinal) || value == "***" || value.StartsWith('$')
            ? match.Value
            : match.Groups["head"].Value + Mask(value) + match.Groups["tail"].Value;
    }

    [GeneratedRegex(@"([a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@""']{0,200}:)[^\s/@""']{1,500}@")]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"((?:authorization|x-api-key|x-goog-api-key|api-key)[""']?\s{0,4}[:=]\s{0,4}[""']?(?:(?:bearer|basic|token)\s+)?|\bbearer\s+)([^\s""',;}\]]{6,})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?<head>\b(?<name>[A-Za-z][A-Za-z0-9_\-]{2,80})[""']?\s{0,4}[=:]\s{0,4}[""']?)(?<value>[^\s""',;&}\]]{4,})(?<tail>)")]
    private static partial Regex Assignment();

    // Keys have digits, capitals or (shortened by a provider) asterisks, or are long without a break; names such as sk-learn-pipeline have
    // none of that.
    [GeneratedRegex(@"\b(?:(?i:sk|pk|rk|gsk|xai|key)-(?=[A-Za-z0-9_\-.=*]{6})|(?:(?i:sk_live_|sk_test_|rk_live_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abprs]-|hf_|gsk_|pplx-|r8_|npm_|pypi-|tvly-|fc-)|AIza|AKIA|eyJ)(?=[A-Za-z0-9_\-.=*]{10}))(?=[a-z_\-.=]*[A-Z0-9*]|[a-z]{16})[A-Za-z0-9_\-.=*]{6,}", RegexOptions.CultureInvariant)]
    private static partial Regex KnownKey();
}
