using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>Disks, standard error and the scheduler do not do their part: it answers, and ends as it should.</summary>
[NotInParallel("faults")]
public class HostFaultTests
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;

    [Test]
    public async Task Standard_error_closed()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.StartInShell(stage, "exec \"$GATEWAY\" 2>&-");
        await AnswersAndEndsAsync("stderr closed", gateway);
        await stage.AssertLoggedAsync("reason=stdin EOF");
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(0)]
    public async Task The_reader_of_standard_error_gone(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.StartInShell(stage, "mkfifo err; exec 3<>err; exec 2>err; exec 3<&-; exec \"$GATEWAY\"");
        await AnswersAndEndsAsync("stderr's reader gone", gateway, signal);
        await stage.AssertLoggedAsync(signal == 0 ? "reason=stdin EOF" : "SIGTERM received");
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    [Arguments(0)]
    public async Task Standard_error_stalled(int signal)
    {
        await using var stage = await Stage.SetAsync();

        // Full, and held open by the one who never reads it; the gateway gets no descriptor but the writing end.
        await using var gateway = GatewayProcess.StartInShell(
            stage, "mkfifo err; exec 3<>err; exec 2>err; head -c 65536 /dev/zero >&2; sleep 600 <&3 >/dev/null 2>&1 & echo $! > reader; exec \"$GATEWAY\" 3<&-");
        try
        {
            await AnswersAndEndsAsync("stderr stalled", gateway, signal);
            await stage.AssertLoggedAsync(signal switch { 0 => "reason=stdin EOF", Steps.Hangup => "SIGHUP received", _ => "SIGTERM received" });
        }
        finally
        {
            if (File.Exists(Path.Combine(stage.Work, "reader"))) ChildProgram.Signal(int.Parse(await File.ReadAllTextAsync(Path.Combine(stage.Work, "reader"))), Steps.Kill);
        }
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(0)]
    public async Task Home_missing(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.StartInShell(stage, "HERMES_HOME=\"$HERMES_HOME/not/there\" exec \"$GATEWAY\"");
        await AnswersAndEndsAsync("HERMES_HOME missing", gateway, signal);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(0)]
    public async Task Home_that_is_a_file(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.StartInShell(stage, "touch file; HERMES_HOME=\"$PWD/file\" exec \"$GATEWAY\"");
        await AnswersAndEndsAsync("HERMES_HOME is a file", gateway, signal);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(0)]
    public async Task Home_read_only(int signal)
    {
        if (!Facts.CanHideFiles) Skip.Test("a read-only home needs a mount namespace of our own, which this user may not make");
        await using var stage = await Stage.SetAsync();
        await using var gateway = StartInNamespace(stage, "mount --bind \"$HERMES_HOME\" \"$HERMES_HOME\"; mount -o remount,ro,bind \"$HERMES_HOME\"; ! touch \"$HERMES_HOME/x\" 2>/dev/null || exit 99;");
        await AnswersAndEndsAsync("HERMES_HOME read-only", gateway, signal);
        await Assert.That(stage.CrashLog()).IsEqualTo("");
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(0)]
    public async Task Home_full(int signal)
    {
        if (!Facts.CanHideFiles) Skip.Test("a full home needs a mount namespace of our own, which this user may not make");
        await using var stage = await Stage.SetAsync();
        await using var gateway = StartInNamespace(
            stage, "mount -t tmpfs -o size=64k none \"$HERMES_HOME\"; head -c 1000000 /dev/zero > \"$HERMES_HOME/fill\" 2>/dev/null; ! echo x 2>/dev/null > \"$HERMES_HOME/x\" || exit 99;");
        await AnswersAndEndsAsync("HERMES_HOME full", gateway, signal);
    }

    [Test]
    [Arguments(NoSpace, Steps.Terminate)]
    [Arguments(NoSpace, 0)]
    [Arguments(ReadOnly, Steps.Hangup)]
    [Arguments(ReadOnly, 0)]
    public async Task Disk_that_turns_bad_in_mid_run(int error, int signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        faults.FailFiles(error, stage.Home);
        await AnswersAndEndsAsync(error == NoSpace ? "disk full in mid-run" : "disk read-only in mid-run", gateway, signal);
        await Assert.That(stage.CrashLog()).IsEqualTo("");
    }

    [Test]
    public async Task Stopped_and_continued()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.Signal(Steps.Stop);
        await Facts.UntilAsync(() => ProcessFacts.State(gateway.Id), state => state == 'T', "it to be stopped");
        for (int id = 1; id <= 100; id++) gateway.Send(Steps.Request(id, "voice.toggle"));
        gateway.Send(Steps.Request(101, "shell.exec", """{"command":"echo hello"}"""));
        await Assert.That(gateway.Conversation.Count).IsEqualTo(1);
        gateway.Signal(Steps.Continue);
        for (int id = 1; id <= 101; id++) await gateway.AnswerAsync(id);
        await AnswersAndEndsAsync("stopped and continued", gateway);
    }

    [Test]
    public async Task A_signal_that_came_while_it_was_stopped_ends_it_when_continued()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.Signal(Steps.Stop);
        await Facts.UntilAsync(() => ProcessFacts.State(gateway.Id), state => state == 'T', "it to be stopped");
        gateway.Signal(Steps.Terminate);
        await Assert.That(ProcessFacts.State(gateway.Id)).IsEqualTo('T');
        await Assert.That(await Endings.RecordAsync("SIGTERM while stopped, from SIGCONT", gateway, () => gateway.Signal(Steps.Continue))).IsEqualTo(0);
    }

    /// <summary>Starts it where only it sees what the commands mount. The exec of unshare and of the shell keep the process id.</summary>
    private static GatewayProcess StartInNamespace(Stage stage, string mounts) =>
        GatewayProcess.StartThrough(stage, "/usr/bin/unshare", "-m", "/bin/sh", "-c", $"{mounts} exec '{GatewayProcess.Binary}'");

    private static async Task AnswersAndEndsAsync(string name, GatewayProcess gateway, int signal = 0)
    {
        await gateway.ReadyAsync();
        await gateway.AskAsync(1001, "config.get", """{"key":"full"}""");
        await gateway.AskAsync(1002, "shell.exec", """{"command":"echo hello >&2"}""");
        int status = signal == 0
            ? await Endings.RecordAsync($"EOF, {name}", gateway, gateway.CloseInput)
            : await Endings.RecordAsync($"{(signal == Steps.Terminate ? "SIGTERM" : "SIGHUP")}, {name}", gateway, () => gateway.Signal(signal));
        await Assert.That(status).IsEqualTo(0);
    }
}
