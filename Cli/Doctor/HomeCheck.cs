using Gateway.Config;

namespace Gateway.Cli.Doctor;

/// <summary>Where the home is, and whether other users can look into it.</summary>
internal sealed class HomeCheck(string home) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "home";

    /// <inheritdoc/>
    public DoctorFinding Run()
    {
        if (HomeInspection.ModeOf(home) is { } mode) return new($"{home}, mode {HomeInspection.Octal(mode)}", HomeInspection.OpenToOthers(home));
        return Path.Exists(home)
            ? new("", [$"{home} is not a directory; move it away or set HERMES_HOME"])
            : new($"{home}, which is made when it is first needed", []);
    }
}
