using System.Diagnostics;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>A client that closes one of the ends, or is gone: an orderly ending with status 0 and the reason of WIRE 1.3.</summary>
[NotInParallel("faults")]
public class BrokenPipeTests
{
    private const string HoldingScript = """{"fallback":{"steps":[{"text":"half"},{"gate":"more"},{"repeat":1000,"steps":[{"text":"more"}]},{"hold":true}]}}""";

    [Test]
    public async Task Read_end_closed_at_start()
    {
        await using var stage = await Stage.SetAsync();

        // A pipe by name can be opened for writing while it has a reader, who then leaves.
        await using var gateway = GatewayProcess.StartInShell(stage, "mkfifo out; exec 3<>out; exec >out; exec 3<&-; exec \"$GATEWAY\"");
        await Assert.That(await Endings.RecordAsync("read end closed at start", gateway, () => { })).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=startup write failed (broken stdout pipe before first event)");
    }

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task Read_end_closed_before_a_response(Channel channel)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage, channel);
        await gateway.ReadyAsync();
        gateway.CloseOutput();
        int status = await Endings.RecordAsync($"read end closed before a response, {channel}", gateway, () => gateway.Send(Steps.Request(1, "voice.toggle")));
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=response write failed for method='voice.toggle' (broken stdout pipe)");
    }

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task Read_end_closed_inside_a_response(Channel channel)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage, channel);
        await gateway.ReadyAsync();
        gateway.PauseReading();
        gateway.Send($$"""{"id":"{{new string('x', 2_000_000)}}","method":"voice.toggle"}""");
        await gateway.WedgedAsync();
        int status = await Endings.RecordAsync($"read end closed inside a response, {channel}", gateway, gateway.CloseOutput);
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=response write failed for method='voice.toggle' (broken stdout pipe)");
    }

    [Test]
    public async Task Read_end_closed_before_the_answer_to_something_unreadable()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.CloseOutput();
        int status = await Endings.RecordAsync("read end closed before a parse error", gateway, () => gateway.Send("{"));
        await Assert.That(status).IsEqualTo(0);
        await stage.AssertLoggedAsync("reason=parse-error-response write failed (broken stdout pipe)");
    }

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task Read_end_closed_in_mid_turn(Channel channel)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(HoldingScript));
        await using var gateway = GatewayProcess.Start(stage, channel);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        gateway.CloseOutput();
        int status = await Endings.RecordAsync($"read end closed in mid-turn, {channel}", gateway, () => stage.Model!.OpenGate("more"));
        await Assert.That(status).IsEqualTo(0);
        await stage.Model!.WaitForDisconnectAsync();
        await Assert.That(stage.CrashLog()).Contains("(broken stdout pipe)");
    }

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task Write_end_closed_in_mid_turn(Channel channel)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(HoldingScript));
        await using var gateway = GatewayProcess.Start(stage, channel);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        int status = await Endings.RecordAsync($"write end closed in mid-turn, {channel}", gateway, gateway.CloseInput);
        await Assert.That(status).IsEqualTo(0);
        await stage.Model!.WaitForDisconnectAsync();
        await stage.AssertLoggedAsync("reason=stdin EOF (TUI closed the command pipe)");

        // The client still reads: the turn is ended for it too, and the last frame is whole.
        await gateway.OutputEndAsync();
        await gateway.EventAsync("message.complete");
        await Assert.That(gateway.Conversation.Talk()).EndsWith("== standard output ended");
        await Assert.That(gateway.ErrorLines).Contains("[gateway-exit] stdin EOF (TUI closed the command pipe)");
    }

    [Test]
    public async Task Write_end_closed_while_a_command_of_a_turn_runs()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """{"fallback":{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":". ./escape"}}}]}}"""));
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "escape"), "echo $$ > pid; setsid sleep 600 & echo $! > escaped; wait");
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        int[] pids = await Facts.UntilAsync(() => new[] { Pid(stage, "pid"), Pid(stage, "escaped") }, found => found.All(pid => pid > 0), "the command to run");
        int status = await Endings.RecordAsync("write end closed while a tool runs", gateway, gateway.CloseInput);
        await Assert.That(status).IsEqualTo(0);
        await Facts.UntilAsync(() => pids.Count(ProcessFacts.IsAlive), alive => alive == 0, "the command and what it started to be gone");
    }

    [Test]
    public async Task Both_ends_closed_in_mid_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(HoldingScript));
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        int status = await Endings.RecordAsync("both ends closed in mid-turn", gateway, () =>
        {
            gateway.CloseOutput();
            gateway.CloseInput();
        });
        await Assert.That(status).IsEqualTo(0);
        await stage.Model!.WaitForDisconnectAsync();
    }

    [Test]
    public async Task Ten_thousand_rapid_requests_and_the_end_of_input_are_answered()
    {
        const int Count = 10_000;
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        var lines = new System.Text.StringBuilder();
        for (int id = 0; id < Count; id++) lines.Append(Steps.Request(id, id % 10 == 9 ? "config.get" : "voice.toggle", id % 10 == 9 ? """{"key":"skin"}""" : "{}")).Append('\n');
        int status = await Endings.RecordAsync("10,000 requests and EOF", gateway, () =>
        {
            gateway.SendBytes(System.Text.Encoding.UTF8.GetBytes(lines.ToString()));
            gateway.CloseInput();
        });
        await Assert.That(status).IsEqualTo(0);
        await gateway.OutputEndAsync();
        int[] answered = [.. gateway.Conversation.Frames.Where(frame => frame.TryGetProperty("id", out _)).Select(frame => frame.GetProperty("id").GetInt32())];
        await Assert.That(answered.Order().SequenceEqual(Enumerable.Range(0, Count))).IsTrue();
        await Assert.That(answered.Where(id => id % 10 != 9)).IsInOrder();
        await Assert.That(answered.Where(id => id % 10 == 9)).IsInOrder();
    }

    [Test]
    public async Task Ten_thousand_rapid_requests_to_a_client_that_reads_only_later_are_answered()
    {
        const int Count = 10_000;
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        gateway.PauseReading();
        int sent = 0;
        var sending = gateway.SendInBackground(() => sent < Count ? Steps.Request(sent++, "voice.toggle") : null);
        await gateway.WedgedAsync();
        gateway.ResumeReading();
        await sending;
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await gateway.OutputEndAsync();
        int[] answered = [.. gateway.Conversation.Frames.Where(frame => frame.TryGetProperty("id", out _)).Select(frame => frame.GetProperty("id").GetInt32())];
        await Assert.That(answered.SequenceEqual(Enumerable.Range(0, Count))).IsTrue();
    }

    [Test]
    public async Task End_of_file_reaches_the_client_although_a_background_process_lives_on()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        gateway.Send(Steps.Request(1, "shell.exec", """{"command":"sleep 600 > /dev/null 2>&1 & echo $! > left"}"""));
        await gateway.AnswerAsync(1);
        int left = Pid(stage, "left");
        try
        {
            var watch = Stopwatch.StartNew();
            gateway.CloseInput();
            await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
            await gateway.OutputEndAsync();
            Endings.Record("EOF with a background process left by a command", "stdout at its end", watch);
            await Assert.That(ProcessFacts.IsAlive(left)).IsTrue();
        }
        finally
        {
            ChildProgram.Signal(left, Steps.Kill);
        }
    }

    [Test]
    public async Task A_running_child_has_no_part_in_the_protocol()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.ReadyAsync();
        string? output = File.ResolveLinkTarget($"/proc/{Environment.ProcessId}/fd/{gateway.OutputDescriptor}", returnFinalTarget: false)?.Name;
        gateway.Send(Steps.Request(1, "shell.exec", """{"command":"head -c 100; cat; echo noise >&0 2>/dev/null; ls -l /proc/self/fd /proc/$$/fd; exec >&- 2>&-; cat <&0"}"""));
        gateway.Send(Steps.Request(2, "voice.toggle"));
        await gateway.AnswerAsync(2);
        string listing = (await gateway.AnswerAsync(1)).GetProperty("result").GetProperty("stdout").GetString()!;
        await Assert.That(output).StartsWith("pipe:");
        await Assert.That(listing).Contains("0 -> /dev/null");
        await Assert.That(listing).DoesNotContain(output!);
    }

    private static int Pid(Stage stage, string file) =>
        File.Exists(Path.Combine(stage.Work, file)) && int.TryParse(File.ReadAllText(Path.Combine(stage.Work, file)), out int pid) ? pid : 0;
}
