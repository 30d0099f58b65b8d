using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>The published binary with HERMES_TUI_SIDECAR_URL set.</summary>
public class SidecarTests
{
    private const int Terminate = 15;

    [Test]
    public async Task Every_frame_of_a_turn_arrives_in_the_same_order()
    {
        await using var sink = await FrameSink.StartAsync();
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"fallback":{"steps":[{"repeat":50,"steps":[{"text":"{{n}} "}]}]}}"""), environment: [$"HERMES_TUI_SIDECAR_URL={sink.Url}"]);
        await using var gateway = GatewayProcess.Start(stage);
        string session = await EndingTests.CreateSession(gateway);
        gateway.Send($$$"""{"id":2,"method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"go"}}""");
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "message.complete"), "the end of the turn");
        gateway.Send("""{"id":"last","method":"voice.toggle"}""");
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.Id(frame) == "\"last\"", "the last answer");
        await Waiting.UntilAsync(() => sink.Messages, seen => seen.Any(message => message.Contains("\"last\"", StringComparison.Ordinal)), "the last frame", seen => $"{seen.Count}");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Waiting.UntilAsync(() => sink.Goodbyes, count => count == 1, "the goodbye");

        // A client that lags gets deltas joined; a listener gets them as they were made.
        var copies = sink.Messages.Select(message => JsonDocument.Parse(message).RootElement).ToList();
        await Assert.That(Joined(copies).SequenceEqual(Joined(gateway.Conversation.Frames))).IsTrue();
        await Assert.That(EndingTests.IsEvent(copies[0], "gateway.ready")).IsTrue();
        await AssertDiscreet(stage, gateway, $"sidecar: connected to ws://127.0.0.1:{sink.Port}/api/pub");
    }

    [Test]
    public async Task A_server_that_is_away_is_noted_in_the_log_alone()
    {
        using var port = new DeafPort(listens: false);
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_SIDECAR_URL={port.Url}"]);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "gateway.ready"), "gateway.ready");
        await Waiting.UntilAsync(() => Log(stage), log => log.Contains("next attempt in 0.5 s", StringComparison.Ordinal), "the note");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await AssertDiscreet(stage, gateway, "sidecar: connection failed (Connection refused), next attempt in 0.5 s");
        await Assert.That(Log(stage)).Contains("dropped");
    }

    [Test]
    public async Task A_server_that_answers_nothing_delays_neither_the_start_nor_the_end()
    {
        using var port = new DeafPort(listens: true);

        // With a grace time of ten minutes only the process itself can be the reason why it ends in time.
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_SIDECAR_URL={port.Url}", "HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S=600"]);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "gateway.ready"), "gateway.ready");
        await Waiting.UntilAsync(() => port.HasVisitor, there => there, "the connection");
        gateway.Send("""{"id":1,"method":"voice.toggle"}""");
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.Id(frame) == "1", "an answer");
        gateway.Signal(Terminate);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await AssertDiscreet(stage, gateway, "dropped");
    }

    [Test]
    public async Task A_server_that_never_reads_does_not_hold_the_client_up()
    {
        var never = new TaskCompletionSource();
        await using var sink = await FrameSink.StartAsync(greet: _ => never.Task);
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_SIDECAR_URL={sink.Url}"]);
        await using var gateway = GatewayProcess.Start(stage);
        await Waiting.UntilAsync(() => sink.Connections, count => count == 1, "the connection");
        string filler = new('x', 20_000);
        for (int i = 0; i < 2000; i++)
        {
            // The id comes back in the answer, so the answers are as long as the requests.
            gateway.Send($$"""{"id":"{{i}} {{filler}}","method":"voice.toggle"}""");
            if (i % 50 == 0) await gateway.Conversation.WaitForAsync(i, frame => EndingTests.Id(frame).StartsWith($"\"{i} ", StringComparison.Ordinal), $"answer {i}");
        }

        gateway.Send("""{"id":"last","method":"voice.toggle"}""");
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.Id(frame) == "\"last\"", "the last answer");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await AssertDiscreet(stage, gateway, "frames were dropped");
        never.SetResult();
    }

    [Test]
    public async Task A_server_that_refuses_the_token_is_left_alone()
    {
        await using var sink = await FrameSink.StartAsync(refusal: 403);
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_SIDECAR_URL={sink.Url}"]);
        await using var gateway = GatewayProcess.Start(stage);
        await Waiting.UntilAsync(() => Log(stage), log => log.Contains("no frames go there", StringComparison.Ordinal), "the note");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await AssertDiscreet(stage, gateway, "sidecar: refused by the server (HTTP 403); no frames go there");
    }

    [Test]
    public async Task A_machine_without_OpenSSL_goes_without_a_sidecar()
    {
        if (!Facts.CanHideFiles) Skip.Test("hiding libssl needs a mount namespace of our own, which this user may not make");
        await using var sink = await FrameSink.StartAsync();
        await using var stage = await Stage.SetAsync(environment: [$"HERMES_TUI_SIDECAR_URL={sink.Url}"]);
        string hide = "for f in $(find /lib/ /usr/lib/ /usr/local/lib/ /lib64/ -xdev -name 'libssl.so*' 2>/dev/null); do mount --bind /dev/null \"$f\"; done; exec \"$@\"";
        await using var gateway = ChildProgram.Start("/usr/bin/unshare", stage, "-m", "/bin/sh", "-c", hide, "sh", GatewayProcess.Binary);
        await Waiting.UntilAsync(() => Log(stage), log => log.Contains("OpenSSL", StringComparison.Ordinal), "the note");
        gateway.Type("{\"id\":1,\"method\":\"voice.toggle\"}\n");
        await gateway.WaitForOutputAsync("\"id\":1");
        await Assert.That(sink.Connections).IsEqualTo(0);
    }

    // Frames as text, with each run of deltas of one kind and session as one.
    private static List<string> Joined(IReadOnlyList<JsonElement> frames)
    {
        var joined = new List<string>();
        string? open = null;
        foreach (var frame in frames)
        {
            string? kind = null;
            if (frame.TryGetProperty("params", out var parameters) && parameters.GetProperty("type").GetString() is string type && type.EndsWith(".delta", StringComparison.Ordinal))
                kind = $"{type} {parameters.GetProperty("session_id")}: ";
            if (kind is null) joined.Add(frame.GetRawText());
            else if (kind == open) joined[^1] += parameters.GetProperty("payload").GetProperty("text").GetString();
            else joined.Add(kind + parameters.GetProperty("payload").GetProperty("text").GetString());
            open = kind;
        }

        return joined;
    }

    private static string Log(Stage stage)
    {
        string path = Path.Combine(stage.Home, "logs", "tui_gateway_crash.log");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    // The note is in the log; the token is nowhere; standard error does not know about sidecars.
    private static async Task AssertDiscreet(Stage stage, GatewayProcess gateway, string note)
    {
        await Assert.That(Log(stage)).Contains(note);
        await Assert.That(Log(stage)).DoesNotContain(FrameSink.Token);
        await Assert.That(string.Join('\n', gateway.ErrorLines)).DoesNotContain("sidecar");
        await Assert.That(gateway.ErrorLines.Count).IsLessThanOrEqualTo(1);
    }
}
