using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>How the published binary ends: with a status, with a reason, and promptly enough for a client that waits.</summary>
public class EndingTests
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int BrokenPipe = 13;
    private const int Terminate = 15;

    [Test]
    public async Task End_of_input_ends_it()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await gateway.Conversation.WaitForAsync(0, frame => IsEvent(frame, "gateway.ready"), "gateway.ready");
        await AssertLogged(stage, "reason=stdin EOF (TUI closed the command pipe)");
    }

    [Test]
    public async Task Requests_before_the_end_of_input_are_all_answered()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        for (int i = 0; i < 2000; i++) gateway.Send($$"""{"id":{{i}},"method":"voice.toggle"}""");
        for (int i = 2000; i < 2100; i++) gateway.Send($$$"""{"id":{{{i}}},"method":"config.get","params":{"key":"skin"}}""");
        gateway.SendBytes("""{"id":"last line without a newline","method":"setup.status"}"""u8);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await gateway.Conversation.WaitForAsync(0, frame => Id(frame) == "\"last line without a newline\"", "the last answer");
        for (int i = 0; i < 2100; i++)
            await Assert.That(gateway.Conversation.Frames.Count(frame => Id(frame) == i.ToString())).IsEqualTo(1);
    }

    [Test]
    [Arguments(Terminate, "SIGTERM")]
    [Arguments(Hangup, "SIGHUP")]
    public async Task A_signal_ends_it_with_a_status(int signal, string name)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => IsEvent(frame, "gateway.ready"), "gateway.ready");
        gateway.Signal(signal);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(gateway.ErrorLines).Contains($"[gateway-signal] {name}");
        await AssertLogged(stage, $"{name} received");
    }

    [Test]
    public async Task A_signal_in_mid_turn_ends_it_and_its_command()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """{"fallback":{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"echo $$ > pid; sleep 600"}}}]}}"""));
        await using var gateway = GatewayProcess.Start(stage);
        string session = await CreateSession(gateway);
        gateway.Send($$$"""{"id":2,"method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"go"}}""");
        await gateway.Conversation.WaitForAsync(0, frame => IsEvent(frame, "tool.start"), "tool.start");
        string pid = await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "pid")) ? File.ReadAllText(Path.Combine(stage.Work, "pid")).Trim() : "", text => text.Length > 0, "the command to run");
        gateway.Signal(Terminate);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Facts.UntilAsync(() => Directory.Exists($"/proc/{pid}"), alive => !alive, "the command to be gone");
    }

    [Test]
    public async Task Interrupts_and_broken_pipes_of_others_do_not_end_it()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => IsEvent(frame, "gateway.ready"), "gateway.ready");
        gateway.Signal(Interrupt);
        gateway.Signal(BrokenPipe);
        gateway.Send("""{"id":1,"method":"voice.toggle"}""");
        await gateway.Conversation.WaitForAsync(0, frame => Id(frame) == "1", "an answer");
    }

    [Test]
    public async Task A_client_that_stops_reading_is_gone()
    {
        await using var stage = await Stage.SetAsync();

        // The reader takes the first line and leaves; the next answer finds nobody.
        await using var pipeline = ChildProgram.Start("/bin/sh", stage, "-c", $"'{GatewayProcess.Binary}' | head -n 1");
        await pipeline.WaitForOutputAsync("gateway.ready");
        pipeline.Type("{\"id\":1,\"method\":\"voice.toggle\"}\n");
        await Assert.That(await pipeline.ExitAsync()).IsEqualTo(0);
        await AssertLogged(stage, "reason=response write failed for method='voice.toggle' (broken stdout pipe)");
    }

    [Test]
    public async Task A_full_pipe_at_start_does_not_keep_a_signal_from_ending_it()
    {
        await using var stage = await Stage.SetAsync();

        // The pipe is full before the gateway gets it, and nobody reads.
        await using var pipeline = ChildProgram.Start(
            "/bin/sh", stage, "-c", $"(head -c 65536 /dev/zero; sh -c 'echo $$ > pid; exec \"$1\"' sh '{GatewayProcess.Binary}'; echo $? > status) | sleep 600");
        string Read(string name) => File.Exists(Path.Combine(stage.Work, name)) ? File.ReadAllText(Path.Combine(stage.Work, name)).Trim() : "";
        string pid = await Facts.UntilAsync(() => Read("pid"), text => text.Length > 0, "the gateway to start");
        await Facts.UntilAsync(() => Facts.HasThread(pid, "stdout"), there => there, "the first frame to wait");
        ChildProgram.Signal(int.Parse(pid), Terminate);
        await Assert.That(await Facts.UntilAsync(() => Read("status"), text => text.Length > 0, "the gateway to end")).IsEqualTo("0");
    }

    [Test]
    public async Task Closed_standard_descriptors_are_empty_ones()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = ChildProgram.Start("/bin/sh", stage, "-c", $"exec '{GatewayProcess.Binary}' <&-");
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await AssertLogged(stage, "reason=stdin EOF");
    }

    [Test]
    public async Task A_removed_working_directory_is_no_reason_to_fail()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = ChildProgram.Start("/bin/sh", stage, "-c", $"mkdir gone; cd gone; rmdir ../gone; exec '{GatewayProcess.Binary}' < /dev/null");
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await gateway.WaitForOutputAsync("gateway.ready");
    }

    [Test]
    public async Task A_machine_without_OpenSSL_still_talks_to_plain_endpoints_and_says_what_https_needs()
    {
        if (!Facts.CanHideFiles) Skip.Test("hiding libssl needs a mount namespace of our own, which this user may not make");
        string script = """{"fallback":{"steps":[{"text":"plain http works"}]}}""";
        string hide = "for f in $(find /lib/ /usr/lib/ /usr/local/lib/ /lib64/ -xdev -name 'libssl.so*' 2>/dev/null); do mount --bind /dev/null \"$f\"; done; exec \"$@\"";
        await using var stage = await Stage.SetAsync(ModelScript.Parse(script));
        var (status, output, _) = Facts.Run("/usr/bin/unshare", stage, "-m", "/bin/sh", "-c", hide, "sh", GatewayProcess.Binary, "chat", "hello");
        await Assert.That(output).IsEqualTo("plain http works\n");
        await Assert.That(status).IsEqualTo(0);

        await using var secure = await Stage.SetAsync(config: ["model: {default: m, provider: custom, base_url: \"https://127.0.0.1:9/v1\", api_key: k-1234567890}"]);
        var (failed, _, errors) = Facts.Run("/usr/bin/unshare", secure, "-m", "/bin/sh", "-c", hide, "sh", GatewayProcess.Binary, "chat", "hello");
        await Assert.That(failed).IsEqualTo(1);
        await Assert.That(errors).Contains("OpenSSL");
    }

    [Test]
    public async Task A_command_that_ignores_requests_to_end_delays_nobody()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """{"fallback":{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"trap '' TERM; echo ready > ready; while true; do sleep 5; done"}}}]}}"""));
        await using var gateway = GatewayProcess.Start(stage);
        string session = await CreateSession(gateway);
        gateway.Send($$$"""{"id":2,"method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"go"}}""");
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "ready")), there => there, "the command to run");
        gateway.Send($$$"""{"id":3,"method":"session.interrupt","params":{"session_id":"{{{session}}}"}}""");
        await gateway.Conversation.WaitForAsync(0, frame => IsEvent(frame, "message.complete"), "the end of the turn");
        gateway.Signal(Terminate);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }

    [Test]
    public async Task Children_have_default_signals_and_an_empty_input()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = GatewayProcess.Start(stage);
        gateway.Send("""{"id":1,"method":"shell.exec","params":{"command":"cat; grep SigIgn /proc/self/status; ls -l /proc/self/fd"}}""");
        gateway.Send("""{"id":2,"method":"voice.toggle"}""");
        int at = await gateway.Conversation.WaitForAsync(0, frame => Id(frame) == "1", "the command's output");
        string output = gateway.Conversation.Frames[at].GetProperty("result").GetProperty("stdout").GetString()!;
        await Assert.That(output).Contains("SigIgn:\t0000000000000000");
        await Assert.That(output).Contains("0 -> /dev/null");
        await gateway.Conversation.WaitForAsync(0, frame => Id(frame) == "2", "the request that a child must not eat");
    }

    [Test]
    public async Task Help_and_version_are_for_people()
    {
        await using var stage = await Stage.SetAsync();
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "--version").Output).StartsWith("tui-gateway 0.");
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "--help").Output).Contains("tui-gateway chat");
        var (status, _, errors) = Facts.Run(GatewayProcess.Binary, stage, "--nonsense");
        await Assert.That(status).IsEqualTo(2);
        await Assert.That(errors).Contains("--nonsense");
    }

    internal static async Task<string> CreateSession(GatewayProcess gateway)
    {
        gateway.Send("""{"id":"create","method":"session.create","params":{}}""");
        int at = await gateway.Conversation.WaitForAsync(0, frame => Id(frame) == "\"create\"", "session.create");
        return gateway.Conversation.Frames[at].GetProperty("result").GetProperty("session_id").GetString()!;
    }

    internal static bool IsEvent(System.Text.Json.JsonElement frame, string type) =>
        frame.TryGetProperty("params", out var parameters) && parameters.GetProperty("type").GetString() == type;

    internal static string Id(System.Text.Json.JsonElement frame) => frame.TryGetProperty("id", out var id) ? id.GetRawText() : "";

    private static async Task AssertLogged(Stage stage, string text) =>
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(stage.Home, "logs", "tui_gateway_crash.log"))).Contains(text);
}
