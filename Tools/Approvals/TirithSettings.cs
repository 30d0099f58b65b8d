using System.Globalization;
using Gateway.Config;

namespace Gateway.Tools.Approvals;

/// <summary>How tirith is used (CONFIG.md, security.tirith_*; the variables win).</summary>
/// <param name="IsEnabled">Whether it is asked at all; default yes.</param>
/// <param name="Program">Its name or path; default <c>tirith</c>.</param>
/// <param name="Timeout">How long it may take; default 5 s.</param>
/// <param name="FailsOpen">Whether a command passes that it could not look at; default yes.</param>
internal sealed record TirithSettings(bool IsEnabled, string Program, TimeSpan Timeout, bool FailsOpen)
{
    /// <summary>The name it is looked for under when nothing else is configured.</summary>
    public const string UsualProgram = "tirith";

    private const double UsualSeconds = 5, MostSeconds = 3600;

    /// <summary>Reads them; what makes no sense counts as not set.</summary>
    public static TirithSettings Read(GatewayEnvironment environment, ConfigNode config)
    {
        var section = config.Find("security").Expand(environment);
        double seconds = double.TryParse(environment.Get("TIRITH_TIMEOUT"), NumberStyles.Float, CultureInfo.InvariantCulture, out double own) && own > 0
            ? own
            : section.Find("tirith_timeout").AsDouble() is > 0 and var configured ? configured : UsualSeconds;
        return new TirithSettings(
            Flag("TIRITH_ENABLED", "tirith_enabled"),
            environment.Get("TIRITH_BIN")?.Trim() ?? section.Find("tirith_path").AsText() ?? UsualProgram,
            TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)),
            Flag("TIRITH_FAIL_OPEN", "tirith_fail_open"));

        bool Flag(string variable, string name) => ConfigNode.Of(environment.Get(variable) ?? "").AsBool(section.Find(name).AsBool(true));
    }
}
