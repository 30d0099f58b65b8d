using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>Hides credentials in single values and in free text (Q42, AGENT.md section 11). What is hidden is what a text shows to be
/// one; code around it stays as it is.</summary>
internal static partial class SecretMask
{
    private const int ShortestPartlyShown = 18;

    /// <summary>What names of environment variables consist of.</summary>
    public static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly SearchValues<char> NotInWords = SearchValues.Create("!$%^&*#@+=~");

    /// <summary>Short secrets become <c>***</c>; longer ones keep the first 6 and last 4 characters, enough to recognise a key.</summary>
    public static string Mask(string secret) =>
        secret.Length < ShortestPartlyShown ? "***" : string.Concat(secret.AsSpan(0, 6), "...", secret.AsSpan(secret.Length - 4));

    /// <summary>Masks in a text what is recognisable: private keys, authorization headers, literal values beside credential names,
    /// passwords in URLs, the known key prefixes.</summary>
    public static string Redact(string text) => Redact(text, inSource: false);

    /// <summary>The same for a text of a kind.</summary>
    /// <param name="text">The text; it comes back itself when it has none of that.</param>
    /// <param name="inSource">Whether it is source code or a diff: then plain words in quotes are left alone too.</param>
    public static string Redact(string text, bool inSource)
    {
        if (text.Length < 8)
        {
            return text;
        }

        text = PrivateKeyBlocks.Redact(text);
        text = UrlPassword().Replace(text, match => IsPasswordInUrl(match.Groups["value"].Value) ? match.Groups["head"].Value + "***@" : match.Value);
        text = Header().Replace(text, RedactHeader);
        text = RedactAssignments(text, inSource);
        return KnownKey().Replace(text, match => IsKnownKey(match.Value) ? Mask(match.Value) : match.Value);
    }

    /// <summary>Whether a new text has a mask where the old one has the value that was masked. Written, it would destroy the value.</summary>
    /// <param name="after">The new text.</param>
    /// <param name="before">The old text; null for none.</param>
    public static bool CarriesMask(string after, string? before) => before is not null && MaskedContent.Replaces(before, after);

    /// <summary>What a model is told about a text that <see cref="CarriesMask"/>.</summary>
    /// <param name="path">The file, as it was named.</param>
    public static string MaskRefusal(string path) =>
        $"Nothing was written: the new content has a masked value (*** or abcdef...wxyz) where {path} has the real secret, which would be lost. "
        + "Change the lines around it with patch and leave that line out, or let the user change the secret.";

    /// <summary>True when a key's name says that its value is a credential; names of variables (<c>key_env</c>) and counts are not.</summary>
    public static bool IsSecretName(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        return plain is "api" or "key" or "auth" or "bearer" or "cookie" or "credentials" or "pin" || EndsSecretly(plain);
    }

    /// <summary>True when a name in free text or code is one of a credential. Places in a list and keys of tables are not.</summary>
    public static bool IsCredentialName(string name)
    {
        string plain = SecretLiteral.Plain(name);
        if (plain.EndsWith("token", StringComparison.Ordinal)) return !PositionToken().IsMatch(plain);
        if (EndsSecretly(plain) || name.Equals("pwd", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_pwd", StringComparison.OrdinalIgnoreCase)) return true;
        if (name.EndsWith("_PASS", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_auth", StringComparison.OrdinalIgnoreCase)) return true;

        // Upper-case NAME_KEY is how variables for credentials are written; lower-case keys of maps are not.
        return name.EndsWith("_KEY", StringComparison.Ordinal) && !name.Any(char.IsAsciiLetterLower) && !OtherKey().IsMatch(name);
    }

    private static bool EndsSecretly(string plain) =>
        plain.EndsWith("apikey", StringComparison.Ordinal) || plain.EndsWith("token", StringComparison.Ordinal)
        || plain.EndsWith("secret", StringComparison.Ordinal) || plain.EndsWith("secretkey", StringComparison.Ordinal)
        || plain.EndsWith("password", StringComparison.Ordinal) || plain.EndsWith("passwd", StringComparison.Ordinal)
        || plain.EndsWith("passphrase", StringComparison.Ordinal) || plain.EndsWith("authorization", StringComparison.Ordinal)
        || plain.EndsWith("accesskey", StringComparison.Ordinal) || plain.EndsWith("privatekey", StringComparison.Ordinal);

    private static string RedactAssignments(string text, bool inSource)
    {
        StringBuilder? result = null;
        int kept = 0;
        foreach (var found in SecretAssignments.Find(text, inSource))
        {
            if (!found.IsSecret) continue;
            result ??= new StringBuilder(text.Length);
            result.Append(text, kept, found.Start - kept).Append(Mask(text.Substring(found.Start, found.Length)));
            kept = found.Start + found.Length;
        }

        return result is null ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    private static string RedactHeader(Match match)
    {
        string value = match.Groups["value"].Value;
        bool secret = match.Groups["name"].Success
            ? SecretLiteral.IsSecret("authorization", value, new LiteralForm(Quoted: false, Sure: true, InSource: false))
            : !SecretLiteral.IsReference(value) && !SecretLiteral.IsPlaceholder(value) && !SecretLiteral.IsMasked(value)
                && (SecretLiteral.IsKeyLike(value) || (match.Groups["bearer"].Success && value.AsSpan().ContainsAny(NotInWords)));
        return secret ? match.Value[..^value.Length] + Mask(value) : match.Value;
    }

    private static bool IsPasswordInUrl(string value) => !SecretLiteral.IsReference(value) && !SecretLiteral.IsPlaceholder(value) && !SecretLiteral.IsMasked(value)
        && value.ToLowerInvariant() is not ("password" or "passwd" or "pass" or "pwd" or "***");

    private static bool IsKnownKey(string value) => !SecretLiteral.IsMasked(value) && !SecretLiteral.IsPlaceholder(value) && !SecretLiteral.IsWordy(value, 3);

    [GeneratedRegex(@"(?<head>[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@""'<>]{0,200}:)(?<value>[^\s/""'<>]{1,500})@")]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"(?:(?<name>\bauthorization\\{0,7}[""'`]?\]?\s{0,4}[:=,]\s{0,4}\\{0,7}[""'`]?(?:bearer|basic|token|apikey|key|digest))|\b(?:(?<bearer>bearer)|basic))[ \t]{1,4}(?<value>[^\s""'`,;}\])<\\]{6,})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?:page|next|continuation|sync|cancellation|stopping|start|end|csrf|xsrf|separator|delimiter|current|previous|last|first|pad|eos|bos|unk|mask|cls|sep|stop)token$")]
    private static partial Regex PositionToken();

    [GeneratedRegex("(?:^|_)(?:PUBLIC|PRIMARY|FOREIGN|SORT|PARTITION|CACHE|INDEX|ROW|UNIQUE|ROUTING|REGISTRY|SHORTCUT|STORAGE|MAP|HOT|GROUP|CONFIG|OBJECT|LOOKUP)_KEY$")]
    private static partial Regex OtherKey();

    // Keys have digits, capitals or (shortened by a provider) asterisks, or are long without a break; names such as sk-learn-pipeline have
    // none of that.
    [GeneratedRegex(
        @"\b(?:(?i:sk|pk|rk|gsk|xai|key)-(?=[A-Za-z0-9_.=*][A-Za-z0-9_\-.=*]{5})|ASIA(?=[A-Z0-9]{16})|(?:(?i:sk_live_|sk_test_|rk_live_|pk_live_|whsec_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abeprs]-|xapp-|hf_|gsk_|pplx-|r8_|npm_|pypi-|tvly-|fc-|dop_v1_|doo_v1_|dor_v1_|fal_|bb_live_|exa_|nvapi-|shpat_|shpss_|hvs\.|dckr_pat_|sbp_|lin_api_|tskey-|sq0atp-|glsa_|pat-na1-)|SG\.|ya29\.|AGE-SECRET-KEY-|AIza|AKIA|eyJ)(?=[A-Za-z0-9_\-.=*]{10}))(?=[a-z_\-.=]*[A-Z0-9*]|[a-z]{16})[A-Za-z0-9_\-.=*]{6,}",
        RegexOptions.CultureInvariant)]
    private static partial Regex KnownKey();
}
