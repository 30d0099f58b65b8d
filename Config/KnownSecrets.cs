using System.Buffers;

namespace Gateway.Config;

/// <summary>The values of secrets that this process was given, to be masked wherever they turn up.</summary>
internal static class KnownSecrets
{
    // Shorter ones are found in the middle of ordinary words.
    private const int Shortest = 8;
    private const int ShortestUnnamed = 16;

    private static readonly SearchValues<char> NotInKeys = SearchValues.Create("/:@. ,");

    /// <summary>The values, longest first: keys of providers, variables called like a credential, what .env has that looks like a key, and what
    /// config.yaml makes one. Paths, addresses and placeholders are none.</summary>
    public static IReadOnlyList<string> Of(GatewayEnvironment environment, ConfiguredSecrets configured)
    {
        var keys = ProviderCatalog.KnownVariables().Where(name => !name.EndsWith("_BASE_URL", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        return InOrder(environment.Variables
            .Where(variable => keys.Contains(variable.Key) || SecretMask.IsCredentialName(variable.Key)
                || (environment.FileVariables.Contains(variable.Key) && LooksLikeKey(variable.Value)))
            .Select(variable => variable.Value.Trim())
            .Concat(configured.Values));
    }

    /// <summary>Those that can be masked without damage to other text, longest first.</summary>
    public static IReadOnlyList<string> InOrder(IEnumerable<string> values) =>
    [
        .. values.Where(value => value.Length >= Shortest && !SecretLiteral.IsPlaceholder(value) && !SecretLiteral.IsPath(value) && !SecretLiteral.IsReference(value)
                && value.ToLowerInvariant() is not ("no-key-required" or "not-needed" or "lm-studio"))
            .Distinct(StringComparer.Ordinal).OrderByDescending(value => value.Length),
    ];

    /// <summary>Masks the values in a text; the very text comes back when it has none.</summary>
    public static string Redact(string text, IReadOnlyList<string> values)
    {
        foreach (string value in values)
            if (text.Contains(value, StringComparison.Ordinal)) text = text.Replace(value, SecretMask.Mask(value), StringComparison.Ordinal);
        return text;
    }

    /// <summary>Whether a value is a key whatever it is called: long, mixed, and no address.</summary>
    public static bool LooksLikeKey(string value) =>
        value.Length >= ShortestUnnamed && !value.AsSpan().ContainsAny(NotInKeys) && SecretLiteral.IsKeyLike(value);
}
