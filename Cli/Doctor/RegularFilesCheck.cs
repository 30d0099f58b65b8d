using Gateway.Config;

namespace Gateway.Cli.Doctor;

/// <summary>Whether something that is not a file has the name of one that the gateway uses.</summary>
internal sealed class RegularFilesCheck(string home) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "files";

    /// <inheritdoc/>
    public DoctorFinding Run() => HomeInspection.Unusable(home) is { Count: > 0 } problems ? new("", problems) : new("all can be used", []);
}
