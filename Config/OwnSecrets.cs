using System.Collections.Frozen;

namespace Gateway.Config;

/// <summary>The secrets of this process as they are now: an edit of config.yaml or .env counts at the next look. Safe from any thread.</summary>
/// <param name="environment">The variables.</param>
/// <param name="config">config.yaml.</param>
internal sealed class OwnSecrets(GatewayEnvironment environment, ConfigFile config)
{
    private volatile Known? _known;

    /// <summary>Names of the variables that config.yaml makes secret; they are kept from commands like those of the known providers.</summary>
    public IReadOnlySet<string> Variables => Now().Variables;

    /// <summary>Values to mask wherever they stand, longest first.</summary>
    public IReadOnlyList<string> Values => Now().Values;

    /// <summary>Masks in a text the values, and whatever else is recognisable as a secret.</summary>
    public string Redact(string text) => SecretMask.Redact(KnownSecrets.Redact(text, Values));

    private Known Now()
    {
        var (root, variables) = (config.Read().Root, environment.Variables);
        if (_known is { } known && ReferenceEquals(known.Root, root) && ReferenceEquals(known.Environment, variables)) return known;
        var configured = ConfiguredSecrets.Of(root, environment);
        environment.Forget(configured.Variables);
        return _known = new Known(root, variables, configured.Variables.ToFrozenSet(StringComparer.Ordinal), KnownSecrets.Of(environment, configured));
    }

    private sealed record Known(ConfigNode Root, IReadOnlyDictionary<string, string> Environment, IReadOnlySet<string> Variables, IReadOnlyList<string> Values);
}
