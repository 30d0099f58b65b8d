using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>Reads and writes of the protocol that fail: a peer that is gone is an ending with status 0, a fault of the host one
/// with status 1 that is never shown as the former, and what passes is survived.</summary>
[NotInParallel("faults")]
public class DescriptorFaultTests
{
    private const int Interrupted = 4;
    private const int InputOutput = 5;
    private const int BadDescriptor = 9;
    private const int Again = 11;
    private const int AccessDenied = 13;
    private const int NoSpace = 28;
    private const int BrokenPipe = 32;
    private const int ConnectionReset = 104;
    private const int Shutdown = 108;

    [Test]
    [Arguments(BrokenPipe, "EPIPE")]
    [Arguments(ConnectionReset, "ECONNRESET")]
    [Arguments(BadDescriptor, "EBADF")]
    [Arguments(Shutdown, "ESHUTDOWN")]
    public async Task A_peer_that_is_gone_is_an_orderly_ending(int error, string name)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        faults.FailOutput(error);
        int status = await Endings.RecordAsync($"write fails with {name}", gateway, () => gateway.Send(Steps.Request(1, "voice.toggle")));
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=response write failed for method='voice.toggle' (broken stdout pipe)");
    }

    [Test]
    [Arguments(NoSpace, "ENOSPC")]
    [Arguments(InputOutput, "EIO")]
    [Arguments(AccessDenied, "EACCES")]
    public async Task A_fault_of_the_host_is_none_of_the_peers(int error, string name)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        faults.FailOutput(error);
        int status = await Endings.RecordAsync($"write fails with {name}", gateway, () => gateway.Send(Steps.Request(1, "voice.toggle")));
        await AssertHostFaultAsync(stage, gateway, status, name);
    }

    [Test]
    [Arguments(BrokenPipe, "EPIPE")]
    [Arguments(NoSpace, "ENOSPC")]
    public async Task The_first_frame_is_no_exception(int error, string name)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        new Faults(stage).FailOutput(error);
        await using var gateway = GatewayProcess.Start(stage);
        int status = await Endings.RecordAsync($"first write fails with {name}", gateway, () => { });
        if (error == NoSpace)
        {
            await AssertHostFaultAsync(stage, gateway, status, name);
            return;
        }

        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=startup write failed (broken stdout pipe before first event)");
    }

    [Test]
    [Arguments(ConnectionReset, "ECONNRESET")]
    [Arguments(InputOutput, "EIO")]
    public async Task Events_of_a_turn_are_no_exception(int error, string name)
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"fallback":{"steps":[{"text":"half"},{"gate":"more"},{"repeat":1000,"steps":[{"text":"more"}]},{"hold":true}]}}"""),
            environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        faults.FailOutput(error);
        int status = await Endings.RecordAsync($"write fails with {name} in mid-turn", gateway, () => stage.Model!.OpenGate("more"));
        await stage.Model!.WaitForDisconnectAsync();
        if (error == InputOutput)
        {
            await AssertHostFaultAsync(stage, gateway, status, name);
            return;
        }

        await Assert.That(status).IsEqualTo(0);
        await Assert.That(stage.CrashLog()).Contains("(broken stdout pipe)");
    }

    [Test]
    [Arguments(0, 3)]
    [Arguments(Interrupted, 3)]
    [Arguments(Again, 3)]
    [Arguments(InputOutput, 1)]
    public async Task What_passes_on_standard_input_is_survived(int error, int count)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        new Faults(stage).FailInput(error, count);
        await using var gateway = GatewayProcess.Start(stage);
        gateway.Send(Steps.Request(1, "voice.toggle"));
        await gateway.AnswerAsync(1);
        await gateway.AskAsync(2, "config.get", """{"key":"skin"}""");
        int status = await Endings.RecordAsync($"EOF after {count} spurious reads with error {error}", gateway, gateway.CloseInput);
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=stdin EOF (TUI closed the command pipe)");
    }

    [Test]
    [Arguments(InputOutput, "EIO")]
    [Arguments(AccessDenied, "EACCES")]
    public async Task An_error_that_repeats_on_standard_input_ends_it(int error, string name)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.AskAsync(1, "voice.toggle");
        faults.FailInput(error, -1);

        // The reader is inside read(2) already; the line lets it go on to the failing ones.
        int status = await Endings.RecordAsync($"reads fail with {name} for ever", gateway, () => gateway.Send(Steps.Request(2, "voice.toggle")));
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(stage.CrashLog()).Contains(name);
        await Assert.That(stage.CrashLog()).DoesNotContain("stdin EOF");
    }

    [Test]
    public async Task Empty_reads_for_ever_are_the_end()
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.AskAsync(1, "voice.toggle");
        faults.FailInput(0, -1);
        int status = await Endings.RecordAsync("reads are empty for ever", gateway, () => gateway.Send(Steps.Request(2, "voice.toggle")));
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=stdin EOF (TUI closed the command pipe)");
    }

    [Test]
    public async Task A_refusal_that_never_passes_does_not_make_it_spin()
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        var faults = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.AskAsync(1, "voice.toggle");
        faults.FailInput(Again, -1);

        // The line stays in the pipe, which so is always readable.
        gateway.Send(Steps.Request(2, "voice.toggle"));
        await AssertIdleAsync(gateway);
    }

    [Test]
    public async Task Closed_pipes_cost_no_processor_time()
    {
        await using var stage = await Stage.SetAsync(environment: [.. Faults.Variables, "HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S=3600"]);
        var faults = new Faults(stage);
        faults.HangExit();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.AskAsync(1, "voice.toggle");
        gateway.CloseOutput();
        await AssertIdleAsync(gateway);

        // It has nothing left but the way out, and that is blocked for an hour.
        gateway.CloseInput();
        await faults.ReachedAsync("exit");
        await AssertIdleAsync(gateway);
    }

    [Test]
    public async Task An_idle_conversation_costs_no_processor_time()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"half"},{"hold":true}]}}"""));
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        await AssertIdleAsync(gateway);
    }

    /// <summary>Fails unless there is an interval of two seconds in which at most one clock tick was used, or it has ended.</summary>
    private static async Task AssertIdleAsync(GatewayProcess gateway)
    {
        long least = long.MaxValue;
        for (int interval = 0; interval < 4 && least > 1; interval++) least = Math.Min(least, await ProcessFacts.TicksDuringAsync(gateway.Id, 2_000));
        await Assert.That(least).IsLessThanOrEqualTo(1);
    }

    private static async Task AssertHostFaultAsync(Stage stage, GatewayProcess gateway, int status, string name)
    {
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(stage.CrashLog()).Contains(name);
        await Assert.That(stage.CrashLog()).DoesNotContain("broken stdout pipe");
        await Assert.That(string.Join('\n', gateway.ErrorLines)).DoesNotContain("broken stdout pipe");
    }
}
