using Gateway.Cli;
using Gateway.Cli.Doctor;
using Gateway.Config;
using Gateway.Diagnostics;

namespace Gateway.Tests.CliTests;

/// <summary><c>tui-gateway doctor</c>.</summary>
public class DoctorTests
{
    [Test]
    public async Task It_is_one_of_the_commands()
    {
        await Assert.That(CommandLine.Parse(["doctor"]).Verb).IsEqualTo(Verb.Doctor);
        await Assert.That(CommandLine.Parse(["doctor", "--help"]).Verb).IsEqualTo(Verb.Help);
        await Assert.That(CommandLine.Parse(["doctor", "more"]).Problem).IsEqualTo("doctor takes no arguments; 'more' is one");
    }

    [Test]
    public async Task What_is_well_takes_a_line_and_every_problem_one_more()
    {
        var (text, status) = DoctorCommand.Report([new Check(new("fine", [])), new Check(new("so far", ["one; do this", "two; do that"]))]);
        await Assert.That(text).IsEqualTo("ok       check    fine\n         check    so far\nproblem  check    one; do this\nproblem  check    two; do that\n");
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(DoctorCommand.Report([new Check(new("fine", []))]).Status).IsEqualTo(0);
    }

    [Test]
    public async Task The_home_is_described_and_never_made()
    {
        string root = Directory.CreateTempSubdirectory("gateway-doctor-").FullName, home = Path.Combine(root, "home");
        var environment = new GatewayEnvironment(new Dictionary<string, string> { ["HERMES_HOME"] = home }, root, root);
        var checks = DoctorCommand.Checks(environment).Where(check => check is not OpenSslCheck).ToArray();
        await Assert.That(DoctorCommand.Report(checks).Status).IsEqualTo(0);
        await Assert.That(Directory.Exists(home)).IsFalse();

        PrivateFolder.Make(home);
        File.WriteAllText(Path.Combine(home, ".env"), "KEY=the-secret\n");
        File.SetUnixFileMode(Path.Combine(home, ".env"), UnixFileMode.UserRead);
        var (text, status) = DoctorCommand.Report(checks);
        await Assert.That(status).IsEqualTo(0);
        await Assert.That(text).Contains($"{home}, mode 0700").And.Contains(".env 0400").And.DoesNotContain("the-secret");

        File.SetUnixFileMode(home, (UnixFileMode)0x1ED);
        Directory.CreateDirectory(Path.Combine(home, "auth.json"));
        (text, status) = DoctorCommand.Report(checks);
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(text).Contains($"problem  home     {home} can be entered").And.Contains("problem  files    " + Path.Combine(home, "auth.json") + " is not used: it is a directory");
        Directory.Delete(root, recursive: true);
    }

    [Test]
    public async Task A_missing_library_is_a_problem()
    {
        await Assert.That(new OpenSslCheck(new TlsLibrary(_ => false)).Run().Problems.Single()).Contains("OpenSSL");
        await Assert.That(new OpenSslCheck(new TlsLibrary(_ => true)).Run().Problems).IsEmpty();
    }

    private sealed class Check(DoctorFinding finding) : IDoctorCheck
    {
        public string Name => "check";

        public DoctorFinding Run() => finding;
    }
}
