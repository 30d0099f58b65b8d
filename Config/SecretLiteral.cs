using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>How a value stands beside its name.</summary>
/// <param name="Quoted">It is in quotes.</param>
/// <param name="Sure">Only values stand there, never code: NAME=value of a shell or .env file, a flag, a header, a query.</param>
/// <param name="InSource">The text is source code, which must come back from a model as it was.</param>
internal readonly record struct LiteralForm(bool Quoted, bool Sure, bool InSource);

/// <summary>Tells credentials from what else stands beside names such as <c>token</c> in texts and source code: types, calls, members,
/// formats, numbers, references to variables, placeholders.</summary>
internal static partial class SecretLiteral
{
    private const int Shortest = 4;
    private const int ShortestKey = 8;
    private const int LongestWord = 14;
    private const int MostWordsOfPassphrase = 8;

    // What stands beside credential names and says what kind of thing they are.
    private static readonly FrozenSet<string> Words = new[]
    {
        "string", "str", "text", "char", "varchar", "int", "integer", "number", "numeric", "float", "double", "bool", "boolean", "bytes", "byte",
        "buffer", "object", "map", "dict", "list", "array", "any", "unknown", "null", "nil", "none", "undefined", "void", "never", "true", "false",
        "required", "optional", "hidden", "readonly", "password", "passwd", "pass", "passphrase", "secret", "token", "key", "apikey", "accesstoken",
        "bearer", "basic", "digest", "jwt", "oauth", "oauth2", "default", "auto", "value", "enabled", "disabled", "invalid", "missing", "expired",
        "include", "omit", "empty", "unset", "masked", "removed", "redacted", "base64", "base64url", "sha256", "sha512", "ed25519", "secp256k1",
        "uint256", "complex128", "securestring", "self", "this", "await", "new", "return", "async", "function", "static", "const",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a value is a credential.</summary>
    /// <param name="name">What it is called; the name of a credential.</param>
    /// <param name="value">The value, without quotes.</param>
    /// <param name="form">How it is written.</param>
    public static bool IsSecret(string name, string value, LiteralForm form)
    {
        if (value.Length < Shortest || IsMasked(value) || IsReference(value) || IsPlaceholder(value) || IsPath(value)) return false;
        string plain = Plain(value), called = Plain(name);
        if (plain.Length == 0 || Words.Contains(plain) || called.Contains(plain, StringComparison.Ordinal)) return false;
        if (Number().IsMatch(value)) return IsPassword(called) && (form.Sure || (form.Quoted && !form.InSource));
        if (form.Quoted)
        {
            if (value.AsSpan().ContainsAny(' ', '\t')) return (form.Sure || (!form.InSource && IsPassword(called))) && IsPassphrase(value);
            return !IsNameOfCredential(value) && (form.Sure || !form.InSource || IsKeyLike(value));
        }

        return !IsCode(value, form.Sure) && (form.Sure || IsKeyLike(value));
    }

    /// <summary>Whether a text looks like a key by itself: long, letters and digits mixed, and neither an identifier nor words.</summary>
    public static bool IsKeyLike(string value)
    {
        if (value.Length < ShortestKey || value.AsSpan().ContainsAny(' ', '\n')) return false;
        int letters = value.Count(char.IsAsciiLetter), digits = value.Count(char.IsAsciiDigit);
        if (letters == 0) return false;
        if (digits == 0) return value.Length >= 16 && letters >= value.Length - 4 && letters < 3 * Humps().Count(value);
        if (IsWordy(value, 2) || (Identifier().IsMatch(value) && letters >= 3 * Humps().Count(value))) return false;
        return digits > 1 || !TrailingDigit().IsMatch(value);
    }

    /// <summary>Whether a text consists of at least so many words with <c>- _ . / :</c> between them, such as <c>sk-learn-v2</c>.</summary>
    public static bool IsWordy(string value, int atLeast)
    {
        string[] parts = value.Split(['-', '_', '.', '/', ':']);
        return parts.Length >= atLeast && parts.All(part => part.Length <= LongestWord && Word().IsMatch(part));
    }

    /// <summary>Whether it only stands for a value that people have to fill in.</summary>
    public static bool IsPlaceholder(string value) => Placeholder().IsMatch(value) || value.AsSpan().IndexOfAnyExcept(value[0]) < 0;

    /// <summary>Whether it was masked already.</summary>
    public static bool IsMasked(string value) => value == "***" || value.Contains("...", StringComparison.Ordinal) || value.Contains('…');

    /// <summary>Whether it refers to a value elsewhere: a variable, a format, an expression in a template.</summary>
    public static bool IsReference(string value) => Reference().IsMatch(value);

    /// <summary>Whether it is the place of something: a path or an address.</summary>
    public static bool IsPath(string value) => Location().IsMatch(value)
        || (value[0] == '/' && !(value.Length >= 20 && value.LastIndexOf('/') == 0 && IsKeyLike(value)));

    /// <summary>Small letters and digits of a text.</summary>
    public static string Plain(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static bool IsPassword(string plainName) => plainName.EndsWith("password", StringComparison.Ordinal) || plainName.EndsWith("passwd", StringComparison.Ordinal)
        || plainName.EndsWith("passphrase", StringComparison.Ordinal) || plainName.EndsWith("pwd", StringComparison.Ordinal) || plainName.EndsWith("pass", StringComparison.Ordinal);

    // Labels and messages speak of passwords; passphrases do not.
    private static bool IsPassphrase(string value) =>
        !CredentialWord().IsMatch(value) && !char.IsAsciiLetterUpper(value[0]) && value.Split(' ').Length <= MostWordsOfPassphrase && value[^1] is not ('.' or ':' or '?');

    // access_token, X-API-Key, passwordHash: a name of a field, not what is in it.
    private static bool IsNameOfCredential(string value) => CredentialWord().IsMatch(value) && value.Length <= 40
        && (IsWordy(value, 2) || CamelCase().IsMatch(value));

    private static bool IsCode(string value, bool sure)
    {
        if (Call().IsMatch(value)) return true;
        if (!Members().IsMatch(value)) return false;
        return !sure || CredentialWord().IsMatch(value) || Root().IsMatch(value);
    }

    [GeneratedRegex(@"^[+-]?(?:0[xX][0-9a-fA-F]{1,8}|[\d_.,]+)(?:[a-zA-Z]{1,2})?$|^\d{4}-\d\d-\d\d")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?:\$[A-Za-z_({\[$]|%[A-Za-z_%(]|<|\{|\[|\(|&lt;|@[A-Za-z_.]*[({]|\*+$|!(?:vault|env|secret|ENV|Ref|Sub|GetAtt)\b|(?:process|import\.meta)\.env\b|os\.(?:environ|getenv)\b|(?:ENV|getenv|System\.getenv|Environment\.)|(?:op|vault|ssm|env|file|secret)s?:)|\$\{|\{\{|\$\(|%s|%\(|\{\d*\}|\{[A-Za-z_][\w.\[\]()!:]{0,60}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?:^|[^a-z])(?:your|the|some|enter)[-_. ](?:[a-z]+[-_. ]){0,4}(?:key|token|secret|password|credential|pass)|(?:^|[^a-z])your(?:$|[-_. ]|key|api|token|secret|pass)|(?:^|[-_. <\[])(?:placeholder|change[-_]?me|change[-_]?this|replace|insert|example|dummy|fake|sample|redacted|todo|fixme|tbd|none|here|foo|foobar)(?:$|[-_. >\]])|x{4,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?:\.{1,2}/|~/|https?://|file:|[A-Z]:\\|#[a-z])", RegexOptions.CultureInvariant)]
    private static partial Regex Location();

    [GeneratedRegex(@"token|secret|passw|passphrase|key|auth|credential|bearer", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CredentialWord();

    [GeneratedRegex(@"^(?:[A-Za-z]?[a-z]+\d{0,3}|[A-Z]+\d{0,3}|[vV]?\d{1,4})$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[A-Za-z]+?[a-z][A-Z][A-Za-z]*$")]
    private static partial Regex CamelCase();

    // Humps of letters with few digits between them, a capital among them: Ed25519PrivateKey, accessToken2.
    [GeneratedRegex(@"^(?=.{0,60}[A-Z])(?=\D*(?:\d\D*){0,5}$)[*&]?(?>[A-Z]?[a-z]+\d{0,5}|[A-Z]{2,}(?![a-z])\d{0,5}){1,12}[?!*]?$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[A-Za-z_]+\d[?!*]?$")]
    private static partial Regex TrailingDigit();

    [GeneratedRegex(@"[A-Z][a-z]*|[a-z]+")]
    private static partial Regex Humps();

    [GeneratedRegex(@"^[*&!]?[A-Za-z_$][\w$.:?!-]*[(\[<]")]
    private static partial Regex Call();

    [GeneratedRegex(@"^[*&!]?[A-Za-z_$][A-Za-z_$]*\d{0,2}(?:(?:\??\.|->|::)[A-Za-z_$][A-Za-z_$]*\d{0,2})+[?!;)]*$")]
    private static partial Regex Members();

    [GeneratedRegex(@"^[*&!]?(?:os|process|env|config|cfg|settings|self|this|cls|secrets|args|options|opts|request|req|ctx|context|module|var|local|data|app|props|state|params|input|user)\b")]
    private static partial Regex Root();
}
