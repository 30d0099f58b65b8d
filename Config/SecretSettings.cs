namespace Gateway.Config;

/// <summary>Whether known secrets are masked in what tools answer.</summary>
internal static class SecretSettings
{
    /// <summary>HERMES_REDACT_SECRETS decides where it says yes or no, else security.redact_secrets; on when neither does.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="environment">What comes from outside.</param>
    public static bool Redacts(ConfigNode config, GatewayEnvironment environment) =>
        ConfigNode.Of(environment.Get("HERMES_REDACT_SECRETS") ?? "").AsBool(config.Find("security", "redact_secrets").Expand(environment).AsBool(true));
}
