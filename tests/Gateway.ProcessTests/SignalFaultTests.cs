using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>SIGTERM and SIGHUP end it with status 0 whatever it is doing or is unable to do.</summary>
[NotInParallel("faults")]
public class SignalFaultTests
{
    private const string OneHour = "HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S=3600";

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task When_idle(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        await EndsAsync("idle", gateway, signal);
        await stage.AssertLoggedAsync($"{Name(signal)} received");
    }

    [Test]
    [Arguments(Steps.Terminate, Channel.Pipes)]
    [Arguments(Steps.Hangup, Channel.Pipes)]
    [Arguments(Steps.Terminate, Channel.Sockets)]
    public async Task In_mid_turn(int signal, Channel channel)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"half"},{"hold":true}]}}"""));
        await using var gateway = GatewayProcess.Start(stage, channel);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        await EndsAsync($"in mid-turn, {channel}", gateway, signal);
        await stage.Model!.WaitForDisconnectAsync();
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_the_writer_wedged_by_many_small_frames(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.PauseReading();
        int id = 0;
        var sending = gateway.SendInBackground(() => Steps.Request(++id, "voice.toggle"));
        await gateway.WedgedAsync();
        await EndsAsync("writer wedged by small frames", gateway, signal);
        await sending;
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_the_writer_wedged_by_one_large_frame(int signal)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.PauseReading();

        // The id comes back in the answer.
        gateway.Send($$"""{"id":"{{new string('x', 400_000)}}","method":"voice.toggle"}""");
        await gateway.WedgedAsync();
        await EndsAsync("writer wedged by a large frame", gateway, signal);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_a_turn_that_streams_to_a_client_that_does_not_read(int signal)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            $$$"""{"fallback":{"steps":[{"text":"half"},{"gate":"flood"},{"repeat":4000,"steps":[{"text":"{{{new string('t', 4096)}}}"}]}]}}"""));
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        gateway.PauseReading();
        stage.Model!.OpenGate("flood");
        await gateway.WedgedAsync();
        await EndsAsync("writer wedged by a streaming turn", gateway, signal);
        await stage.Model.WaitForDisconnectAsync();
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_all_workers_busy(int signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        for (int i = 0; i < 16; i++) gateway.Send(Steps.Request(i, "shell.exec", """{"command":"echo $$ >> pids; sleep 600"}"""));
        for (int i = 16; i < 32; i++) gateway.Send(Steps.Request(i, "complete.path", """{"word":"./fault-block/"}"""));
        int[] commands = [];
        await Facts.UntilAsync(() => commands = Pids(stage), pids => pids.Length >= 8, "the commands to run");
        await faults.ReachedAsync("block", 2);
        await EndsAsync("all workers busy", gateway, signal);
        commands = Pids(stage);
        await Facts.UntilAsync(() => commands.Count(ProcessFacts.IsAlive), alive => alive == 0, "the commands to be gone");
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_the_thread_pool_exhausted(int signal)
    {
        await using var stage = await Stage.SetAsync(environment: [.. Faults.Variables, "HERMES_TUI_RPC_POOL_WORKERS=200"]);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);

        // Every thread that the pool has or adds is held at once.
        for (int i = 0; i < 200; i++) gateway.Send(Steps.Request(i, "complete.path", """{"word":"./fault-block/"}"""));
        await faults.ReachedAsync("block", Environment.ProcessorCount + 1);
        await EndsAsync("thread pool exhausted", gateway, signal);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_a_handler_spinning(int signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        gateway.Send(Steps.Request(1, "complete.path", """{"word":"./fault-spin/"}"""));
        await faults.ReachedAsync("spin");
        await gateway.AskAsync(2, "voice.toggle");
        await EndsAsync("handler spinning", gateway, signal);
        await Assert.That(SignalMomentTests.CrashLog(stage)).Contains("\nworks on request complete.path, for ");
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_a_process_exit_handler_blocked(int signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        faults.HangExit();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        await EndsAsync("exit handler blocked", gateway, signal);
    }

    [Test]
    public async Task End_of_input_with_a_process_exit_handler_blocked()
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        new Faults(stage).HangExit();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        await Assert.That(await Endings.RecordAsync("EOF, exit handler blocked", gateway, gateway.CloseInput)).IsEqualTo(0);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    public async Task With_a_garbage_collection_stuck(int signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        var sending = await HangInCollectionAsync(gateway, faults);
        await EndsAsync("garbage collection stuck", gateway, signal);
        await sending;
    }

    [Test]
    [Arguments(Steps.Terminate, Steps.Terminate)]
    [Arguments(Steps.Terminate, Steps.Hangup)]
    [Arguments(Steps.Hangup, Steps.Hangup)]
    public async Task Two_in_quick_succession(int first, int second)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        int status = await Endings.RecordAsync($"{Name(first)} and {Name(second)} at once", gateway, () =>
        {
            gateway.Signal(first);
            gateway.Signal(second);
        });
        await Assert.That(status).IsEqualTo(0);
    }

    [Test]
    [Arguments(Steps.Terminate, Steps.Terminate)]
    [Arguments(Steps.Hangup, Steps.Hangup)]
    public async Task A_second_one_does_not_wait_for_the_grace_period(int first, int second)
    {
        await using var stage = await Stage.SetAsync(environment: [.. Faults.Variables, OneHour]);
        var faults = new Faults(stage);
        faults.HangExit();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.Signal(first);
        await faults.ReachedAsync("exit");
        await EndsAsync($"grace of an hour, exit handler blocked, second after {Name(first)}", gateway, second);
    }

    [Test]
    public async Task A_second_one_ends_it_even_with_a_garbage_collection_stuck()
    {
        await using var stage = await Stage.SetAsync(environment: [.. Faults.Variables, OneHour]);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        var sending = await HangInCollectionAsync(gateway, faults);
        gateway.Signal(Steps.Terminate);

        // Two that wait at the same time are one.
        await Facts.UntilAsync(() => Facts.IsPending(gateway.Id, Steps.Terminate), pending => !pending, "the first signal to be taken");
        await EndsAsync("grace of an hour, garbage collection stuck, second after SIGTERM", gateway, Steps.Terminate);
        await sending;
    }

    /// <summary>Keeps it busy until it collects garbage, which never ends.</summary>
    /// <returns>What still sends; it ends with the gateway.</returns>
    private static async Task<Task> HangInCollectionAsync(GatewayProcess gateway, Faults faults)
    {
        await gateway.ReadyAsync();
        faults.HangCollection();
        int id = 0;
        var sending = gateway.SendInBackground(() => Steps.Request(++id, id % 2 == 0 ? "commands.catalog" : "config.get", id % 2 == 0 ? "{}" : """{"key":"full"}"""));
        await faults.ReachedAsync("gc");
        return sending;
    }

    private static async Task EndsAsync(string name, GatewayProcess gateway, int signal) =>
        await Assert.That(await Endings.RecordAsync($"{Name(signal)}, {name}", gateway, () => gateway.Signal(signal))).IsEqualTo(0);

    private static int[] Pids(Stage stage)
    {
        string path = Path.Combine(stage.Work, "pids");
        return File.Exists(path) ? [.. File.ReadAllLines(path).Select(int.Parse)] : [];
    }

    private static string Name(int signal) => signal == Steps.Terminate ? "SIGTERM" : "SIGHUP";
}
