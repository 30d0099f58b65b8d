namespace Gateway.Config;

/// <summary>The time zone that the user lives by (CONFIG.md 3): HERMES_TIMEZONE, else <c>timezone</c> in config.yaml, else the machine's.</summary>
internal static class TimeZoneSetting
{
    /// <summary>Reads it.</summary>
    /// <param name="environment">HERMES_TIMEZONE.</param>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="local">The machine's zone.</param>
    /// <param name="problem">Says that the name is unknown and the machine's zone is used instead, as other programs do; null when all is well.</param>
    public static TimeZoneInfo Read(GatewayEnvironment environment, ConfigNode config, TimeZoneInfo local, out string? problem)
    {
        problem = null;
        string? variable = environment.Get("HERMES_TIMEZONE")?.Trim();
        if ((string.IsNullOrEmpty(variable) ? config.Find("timezone").AsText() : variable) is not { } name) return local;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)) return zone;
        problem = $"The time zone '{name}' of {(string.IsNullOrEmpty(variable) ? "config.yaml" : "HERMES_TIMEZONE")} is unknown here, so the machine's own is used. Name it like Europe/Berlin.";
        return local;
    }
}
