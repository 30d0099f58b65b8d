using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

[NotInParallel("children")]
public class ShellCommandTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/bin:/bin", ["HERMES_HOME"] = "/h" };

    private static Task<ShellResult> RunAsync(string command, int milliseconds = 20_000) =>
        ShellCommand.RunAsync(new ChildProcesses(), command, "/tmp", Environment, TimeSpan.FromMilliseconds(milliseconds), CancellationToken.None);

    [Test]
    [Arguments("echo hi", "hi\n", "", 0)]
    [Arguments("echo out; echo err >&2; exit 3", "out\n", "err\n", 3)]
    [Arguments("false", "", "", 1)]
    [Arguments("exit 300", "", "", 44)]
    [Arguments("kill -9 $$", "", "", -9)]
    [Arguments("printf 'a\\r\\nb\\rc\\n'", "a\nb\nc\n", "", 0)]
    [Arguments("printf '\\303\\251\\342\\230\\203'", "é☃", "", 0)]
    [Arguments("printf '\\377x'", "\uFFFDx", "", 0)]
    [Arguments("printf 'nul\\000x'", "nul\0x", "", 0)]
    [Arguments("echo \"$HERMES_HOME\"", "/h\n", "", 0)]
    [Arguments("echo $0", "/bin/sh\n", "", 0)]
    [Arguments("head -n 1", "", "", 0)]
    public async Task Recorded_commands_give_the_recorded_results(string command, string output, string error, int code)
    {
        await Assert.That(await RunAsync(command)).IsEqualTo(new ShellResult(output, error, code, TimedOut: false, Interrupted: false));
    }

    [Test]
    public async Task Long_output_keeps_its_end_and_says_so()
    {
        var result = await RunAsync("head -c 9000 /dev/zero | tr '\\0' a; echo END; (head -c 3000 /dev/zero | tr '\\0' b; echo END) >&2");
        await Assert.That(result.Output).IsEqualTo($"[earlier output omitted, the last 4000 characters follow]\n{new string('a', 3996)}END\n");
        await Assert.That(result.ErrorOutput).IsEqualTo($"[earlier output omitted, the last 2000 characters follow]\n{new string('b', 1996)}END\n");
    }

    [Test]
    public async Task Exactly_full_tails_have_no_marker()
    {
        var result = await RunAsync("head -c 4000 /dev/zero | tr '\\0' a");
        await Assert.That(result.Output).IsEqualTo(new string('a', 4000));
    }

    [Test]
    public async Task Time_limit_ends_the_command()
    {
        var result = await RunAsync("sleep 84", 200);
        await Assert.That(result.TimedOut).IsTrue();
        await Assert.That(ShellCommand.TimeLimit).IsEqualTo(TimeSpan.FromSeconds(30));
    }
}
