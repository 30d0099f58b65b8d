using Gateway.Config;

namespace Gateway.Cli.Doctor;

/// <summary>The permissions of the files that hold secrets. What is wrong with them is said by <see cref="HomeCheck"/>, since it depends on
/// the home's own.</summary>
internal sealed class SecretFilesCheck(string home) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "secrets";

    /// <inheritdoc/>
    public DoctorFinding Run()
    {
        var modes = HomeInspection.ModesOfSecrets(home).Select(file => $"{file.Name} {HomeInspection.Octal(file.Mode)}").ToArray();
        return new(modes.Length == 0 ? "none yet" : string.Join(", ", modes), []);
    }
}
