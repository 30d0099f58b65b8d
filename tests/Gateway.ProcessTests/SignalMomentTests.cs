using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>What signals, and the end of the parent, do to the published binary at awkward moments.</summary>
public partial class SignalMomentTests
{
    private const int Hangup = 1;
    private const int User1 = 10;
    private const int Alarm = 14;
    private const int Terminate = 15;

    [Test]
    [Arguments(Terminate)]
    [Arguments(Hangup)]
    public async Task A_signal_before_the_runtime_has_started_is_not_lost(int signal)
    {
        await using var stage = await Stage.SetAsync();
        for (int round = 0; round < 40; round++)
        {
            await using var gateway = GatewayProcess.Start(stage);

            // Nothing can help before our first instruction; from the moment the handlers are there the signal counts.
            await Facts.UntilAsync(() => Catches(gateway.Id, signal), there => there, "the handlers");
            gateway.Signal(signal);
            await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        }
    }

    [Test]
    public async Task A_second_signal_of_one_kind_ends_at_once()
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"fallback":{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"trap '' TERM; echo ready > ready; while true; do sleep 5; done"}}}]}}"""),
            environment: ["HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S=3600"]);
        await using var gateway = GatewayProcess.Start(stage);
        await BeginTurnAsync(stage, gateway);

        // The command does not go, so that the ending is under way until it is told a second time.
        gateway.Signal(Terminate);
        await Facts.UntilAsync(() => gateway.ErrorLines, lines => lines.Contains("[gateway-signal] SIGTERM"), "the ending to begin");
        gateway.Signal(Terminate);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Facts.UntilAsync(() => gateway.ErrorLines, lines => lines.Contains("[gateway-exit] told twice to end"), "the last word");
        await Assert.That(CrashLog(stage)).Matches(ForcedEnding());
    }

    [Test]
    public async Task Many_signals_at_once_still_end_with_a_status()
    {
        await using var stage = await Stage.SetAsync();
        for (int round = 0; round < 10; round++)
        {
            await using var gateway = GatewayProcess.Start(stage);
            await Facts.UntilAsync(() => Catches(gateway.Id, Terminate), there => there, "the handlers");
            foreach (int signal in (int[])[Terminate, Hangup, User1, Terminate, Hangup]) gateway.Signal(signal);
            await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        }
    }

    [Test]
    [Arguments(User1)]
    [Arguments(Alarm)]
    public async Task Signals_that_we_use_ourselves_mean_nothing_from_others(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "gateway.ready"), "gateway.ready");
        gateway.Signal(signal);
        gateway.Signal(signal);
        gateway.Send("""{"id":1,"method":"voice.toggle"}""");
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.Id(frame) == "1", "an answer");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }

    [Test]
    public async Task A_signal_with_every_worker_busy_tells_of_the_work()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        for (int i = 0; i < 64; i++) gateway.Send($$$"""{"id":{{{i}}},"method":"shell.exec","params":{"command":"echo > busy.{{{i}}}; sleep 600"}}""");
        await Facts.UntilAsync(() => Directory.GetFiles(stage.Work, "busy.*").Length, count => count >= 8, "the workers to be busy");
        gateway.Signal(Hangup);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        string log = CrashLog(stage);
        await Assert.That(log).Contains("=== SIGHUP received");
        await Assert.That(Occurrences(log, "\nrequest shell.exec, for ")).IsEqualTo(64);
        await Assert.That(log).Contains("--- thread signals (id=");
    }

    [Test]
    public async Task A_signal_in_mid_turn_tells_of_the_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """{"fallback":{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"echo > ready; sleep 600"}}}]}}"""));
        await using var gateway = GatewayProcess.Start(stage);
        string session = await BeginTurnAsync(stage, gateway);
        gateway.Signal(Terminate);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(CrashLog(stage)).Contains($"\nturn of session {session}, for ");
    }

    [Test]
    public async Task A_parent_that_is_killed_ends_it_while_others_hold_its_pipes()
    {
        await using var stage = await Stage.SetAsync();

        // The shell starts the gateway and is killed; we hold both ends of the pipe.
        await using var parent = ChildProgram.Start("/bin/sh", stage, "-c", $"until [ -p in ]; do sleep 0.1; done; '{GatewayProcess.Binary}' < in & echo $! > pid; wait");
        await using var holder = ChildProgram.Start("/bin/sh", stage, "-c", "mkfifo in; exec sleep 600 > in");
        await parent.WaitForOutputAsync("gateway.ready");
        string pid = await PidAsync(stage);
        parent.Signal(9);
        await Facts.UntilAsync(() => Runs(pid), runs => !runs, "the gateway to end");
        await Assert.That(CrashLog(stage)).Contains("reason=parent process ended ===");
    }

    [Test]
    public async Task A_parent_whose_thread_ends_is_still_a_parent()
    {
        await using var stage = await Stage.SetAsync();
        string pid = "";
        Process? started = null;
        var thread = new Thread(() =>
        {
            var start = new ProcessStartInfo(GatewayProcess.Binary) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment.Clear();
            foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
            started = Process.Start(start)!;
            pid = started.Id.ToString(CultureInfo.InvariantCulture);
            _ = started.StandardOutput.ReadLine();
            started.StandardInput.WriteLine("""{"id":1,"method":"voice.toggle"}""");
            _ = started.StandardOutput.ReadLine();
        });
        thread.Start();
        await Task.Run(thread.Join);
        using var gateway = started!;

        // The kernel has told it by now: the thread is gone, and so is what it would have sent later.
        await Facts.UntilAsync(() => Pending(pid), mask => mask == 0, "the signal to be handled");
        await gateway.StandardInput.WriteLineAsync("""{"id":2,"method":"voice.toggle"}""");
        await Assert.That(await gateway.StandardOutput.ReadLineAsync()).Contains("\"id\":2");
        gateway.StandardInput.Close();
        await gateway.WaitForExitAsync();
        await Assert.That(gateway.ExitCode).IsEqualTo(0);
        await Assert.That(CrashLog(stage)).Contains("reason=stdin EOF").And.DoesNotContain("parent");
    }

    [Test]
    [Arguments("never")]
    [Arguments("-1")]
    [Arguments("NaN")]
    [Arguments("inf")]
    public async Task A_grace_time_that_cannot_be_used_is_noted(string value)
    {
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S={value}"]);
        await using var gateway = GatewayProcess.Start(stage);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(CrashLog(stage)).Contains($"HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S is '{value}'");
    }

    internal static string CrashLog(Stage stage) => File.ReadAllText(Path.Combine(stage.Home, "logs", "tui_gateway_crash.log"));

    private static int Occurrences(string text, string part) => text.Split(part).Length - 1;

    private static async Task<string> BeginTurnAsync(Stage stage, GatewayProcess gateway)
    {
        string session = await EndingTests.CreateSession(gateway);
        gateway.Send($$$"""{"id":2,"method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"go"}}""");
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "ready")), there => there, "the command to run");
        return session;
    }

    private static Task<string> PidAsync(Stage stage)
    {
        string path = Path.Combine(stage.Work, "pid");
        return Facts.UntilAsync(() => File.Exists(path) ? File.ReadAllText(path).Trim() : "", text => text.Length > 0, "the gateway's process id");
    }

    // Whoever adopts an orphan may be slow to bury it.
    private static bool Runs(string pid) => Status(pid, "State") is { Length: > 0 } state && state[0] != 'Z';

    private static bool Catches(int pid, int signal) => (Mask(pid.ToString(CultureInfo.InvariantCulture), "SigCgt") >> (signal - 1) & 1) != 0;

    private static ulong Pending(string pid) => Mask(pid, "SigPnd") | Mask(pid, "ShdPnd");

    private static ulong Mask(string pid, string name) =>
        ulong.TryParse(Status(pid, name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask) ? mask : 0;

    private static string Status(string pid, string name)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\n=== gateway exit · @\d{10} · reason=told twice to end ===\n")]
    private static partial Regex ForcedEnding();
}
