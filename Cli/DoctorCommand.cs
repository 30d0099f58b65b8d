using System.Text;
using Gateway.Cli.Doctor;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Transport;

namespace Gateway.Cli;

/// <summary><c>tui-gateway doctor</c>: checks the home and what the gateway needs of the system, and says what to do about what is wrong.
/// Nothing is changed.</summary>
internal static class DoctorCommand
{
    private const int Well = 0;
    private const int Problems = 1;

    /// <summary>Runs all checks and prints what they found.</summary>
    /// <returns>0 all is well, 1 there are problems.</returns>
    public static int Run(GatewayEnvironment environment)
    {
        var (text, status) = Report(Checks(environment));
        try
        {
            return FileDescriptor.Write(1, Encoding.UTF8.GetBytes(text)) ? status : Problems;
        }
        catch (IOException)
        {
            // What did not arrive cannot be trusted to be well.
            return Problems;
        }
    }

    /// <summary>Every check there is, in the order they are printed.</summary>
    public static IReadOnlyList<IDoctorCheck> Checks(GatewayEnvironment environment) =>
    [
        new HomeCheck(environment.HermesHome),
        new SecretFilesCheck(environment.HermesHome),
        new RegularFilesCheck(environment.HermesHome),
        new OpenSslCheck(new TlsLibrary()),
    ];

    /// <summary>Runs checks and puts what they found into words, each problem on a line of its own.</summary>
    public static (string Text, int Status) Report(IReadOnlyList<IDoctorCheck> checks)
    {
        var text = new StringBuilder();
        int status = Well;
        foreach (var check in checks)
        {
            var (facts, problems) = check.Run();
            if (facts.Length > 0 || problems.Count == 0) text.Append(Line(problems.Count == 0 ? "ok" : "", check.Name, facts));
            foreach (string problem in problems)
            {
                text.Append(Line("problem", check.Name, problem));
                status = Problems;
            }
        }

        return (text.ToString(), status);
    }

    private static string Line(string verdict, string name, string said) => $"{verdict,-8} {name,-8} {said}".TrimEnd() + "\n";
}
