using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>A client that does not read for a while holds up nothing but its own stream, and loses nothing.</summary>
[NotInParallel("faults")]
public class StalledClientTests
{
    /// <summary>What the gateway may have resident while nobody reads a stream of 50 MB.</summary>
    private const long MostResidentBytes = 128L << 20;

    private const int PieceLength = 4096;
    private const string First = "First words. ";

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task Fifty_megabytes_are_not_read_for_five_seconds(Channel channel)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            $$$"""
            {"replies":[{"when":{"last_user_contains":"second"},"steps":[{"text":"A short answer."}]}],
             "fallback":{"steps":[{"repeat":12800,"steps":[{"text":"{{{Piece('x')}}}"}]}]}}
            """));
        await using var gateway = GatewayProcess.Start(stage, channel);
        string other = await EndingTests.CreateSession(gateway);
        string streaming = await CreateSessionAsync(gateway, 1);
        gateway.Send(Steps.Request(2, "prompt.submit", $$"""{"session_id":"{{streaming}}","text":"first"}"""));
        await gateway.EventAsync("message.delta");
        gateway.PauseReading();
        var stalled = Stopwatch.StartNew();

        // Everything else goes on; what it did can be seen although no answer has been read.
        for (int id = 100; id < 120; id++) gateway.Send(Steps.Request(id, "config.get", """{"key":"skin"}"""));
        gateway.Send(Steps.Request(3, "prompt.submit", $$"""{"session_id":"{{other}}","text":"second"}"""));
        gateway.Send(Steps.Request(4, "shell.exec", """{"command":"echo > done"}"""));
        await stage.Model!.WaitForRequestsAsync(2);
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "done")), there => there, "the command to run");
        long most = 0;
        while (stalled.ElapsedMilliseconds < 5_000)
        {
            most = Math.Max(most, ProcessFacts.ResidentBytes(gateway.Id));
            await Task.Delay(20);
        }

        await Assert.That(stage.Model.Disconnects).IsEqualTo(0);
        await Assert.That(most).IsBetween(1, MostResidentBytes);

        // The turn stops before anybody reads.
        var interrupted = Stopwatch.StartNew();
        gateway.Send(Steps.Request(5, "session.interrupt", $$"""{"session_id":"{{streaming}}"}"""));
        await stage.Model.WaitForDisconnectAsync();
        Endings.Record($"interrupt of a stalled 50 MB stream, {channel}", $"turn stopped, at most {most >> 20} MiB resident", interrupted);

        gateway.ResumeReading();
        await gateway.AnswerAsync(5);
        await gateway.AnswerAsync(4);
        await CompleteAsync(gateway, streaming);
        await CompleteAsync(gateway, other);
        var answered = gateway.Conversation.Frames.Select(EndingTests.Id).Where(id => id.Length == 3 && id[0] == '1').ToList();
        await Assert.That(answered.SequenceEqual(Enumerable.Range(100, 20).Select(id => $"{id}"))).IsTrue();
        var types = TypesOf(gateway, streaming);
        await Assert.That(types.Count(type => type is "message.start" or "message.complete")).IsEqualTo(2);
        await Assert.That(types[^1]).IsEqualTo("message.complete");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }

    [Test]
    [Arguments(Channel.Pipes)]
    [Arguments(Channel.Sockets)]
    public async Task What_is_read_late_is_whole_and_in_order(Channel channel)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            $$$"""
            {"replies":[{"when":{"last_role":"tool"},"steps":[{"repeat":200,"steps":[{"text":"{{n}}{{{Piece('b')}}}"}]}]}],
             "fallback":{"steps":[{"text":"{{{First}}}"},{"gate":"flood"},{"repeat":500,"steps":[{"text":"{{n}}{{{Piece('a')}}}"}]},
                                  {"tool_call":{"id":"c","name":"terminal","arguments":{"command":"echo > ran"} } }]}}
            """));
        await using var gateway = GatewayProcess.Start(stage, channel);
        string session = await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        gateway.PauseReading();
        stage.Model!.OpenGate("flood");
        int unread = await gateway.WedgedAsync();
        await Assert.That(unread).IsLessThan(2_000_000);
        gateway.ResumeReading();
        await CompleteAsync(gateway, session);

        var (before, after) = (new StringBuilder(), new StringBuilder());
        bool tool = false;
        foreach (var frame in gateway.Conversation.Frames)
        {
            tool |= EndingTests.IsEvent(frame, "tool.start");
            if (EndingTests.IsEvent(frame, "message.delta")) (tool ? after : before).Append(Text(frame));
        }

        await Assert.That(before.ToString() == First + Expected(500, 'a')).IsTrue();
        await Assert.That(after.ToString().TrimStart() == Expected(200, 'b')).IsTrue(); // a paragraph begins after a tool
        var types = TypesOf(gateway, session).Where(type => type is "tool.start" or "tool.complete" or "message.complete").ToList();
        await Assert.That(string.Join(' ', types)).IsEqualTo("tool.start tool.complete message.complete");
        await Assert.That(Text(await gateway.EventAsync("message.complete")).EndsWith(Expected(200, 'b'), StringComparison.Ordinal)).IsTrue();
    }

    [Test]
    public async Task An_approval_that_is_read_late_can_still_be_given()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            $$$"""
            {"replies":[{"when":{"last_role":"tool"},"steps":[{"text":"It ran."}]}],
             "fallback":{"steps":[{"text":"{{{First}}}"},{"gate":"flood"},{"repeat":500,"steps":[{"text":"{{{Piece('a')}}}"}]},
                                  {"tool_call":{"id":"c","name":"terminal","arguments":{"command":"bash -c 'echo > ran'"} } }]}}
            """));
        await using var gateway = GatewayProcess.Start(stage);
        string session = await gateway.StartTurnAsync();
        await gateway.EventAsync("message.delta");
        gateway.PauseReading();
        stage.Model!.OpenGate("flood");
        await gateway.WedgedAsync();
        gateway.ResumeReading();
        await gateway.EventAsync("approval.request");
        await gateway.AskAsync(2, "approval.respond", $$"""{"session_id":"{{session}}","choice":"once"}""");
        await CompleteAsync(gateway, session);
        await Assert.That(File.Exists(Path.Combine(stage.Work, "ran"))).IsTrue();
    }

    private static string Piece(char letter) => new(letter, PieceLength);

    private static string Expected(int pieces, char letter) =>
        string.Concat(Enumerable.Range(1, pieces).Select(n => n.ToString() + Piece(letter)));

    private static async Task<string> CreateSessionAsync(GatewayProcess gateway, int id) =>
        (await gateway.AskAsync(id, "session.create")).GetProperty("result").GetProperty("session_id").GetString()!;

    private static Task<int> CompleteAsync(GatewayProcess gateway, string session) =>
        gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "message.complete") && SessionOf(frame) == session, "the end of the turn");

    private static List<string> TypesOf(GatewayProcess gateway, string session) =>
        [.. gateway.Conversation.Frames.Where(frame => SessionOf(frame) == session).Select(frame => frame.GetProperty("params").GetProperty("type").GetString()!)];

    private static string? SessionOf(JsonElement frame) =>
        frame.TryGetProperty("params", out var parameters) && parameters.TryGetProperty("session_id", out var session) ? session.GetString() : null;

    private static string Text(JsonElement frame) => frame.GetProperty("params").GetProperty("payload").GetProperty("text").GetString()!;
}
