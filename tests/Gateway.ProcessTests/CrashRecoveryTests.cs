using System.Text;
using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>What was acknowledged or shown is still there after the gateway was killed, under the live id and the stored one.</summary>
public class CrashRecoveryTests
{
    private const string Script = """
        {"replies":[{"when":{"last_user_contains":"half"},"steps":[{"text":"Half an answer"},{"hold":true}]}],
         "fallback":{"steps":[{"text":"A whole answer."}]}}
        """;

    [Test]
    public async Task A_killed_conversation_goes_on_under_its_live_id()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        string session;
        await using (var first = GatewayProcess.Start(stage))
        {
            session = await EndingTests.CreateSession(first);
            await SubmitAsync(first, 1, session, "whole question");
            await first.EventAsync("message.complete");
            await SubmitAsync(first, 2, session, "half question");
            await Facts.UntilAsync(() => OnDisk(stage, "Half an answer"), stored => stored, "the streamed text on disk");
            first.Signal(Steps.Kill);
            await first.ExitAsync();
        }

        await using var second = GatewayProcess.Start(stage);
        await Assert.That(Texts(await second.AskAsync(1, "session.history", Session(session)))).IsEquivalentTo(
            ["whole question", "A whole answer.", "half question", "Half an answer"]);
        await SubmitAsync(second, 2, session, "whole again");
        await second.EventAsync("message.complete");
        var undone = await second.AskAsync(3, "session.undo", Session(session));
        await Assert.That(undone.GetProperty("result").GetProperty("removed").GetInt32()).IsEqualTo(2);

        // What was undone stays undone, and the stored key names the same conversation.
        var listed = await second.AskAsync(4, "session.list");
        string key = listed.GetProperty("result").GetProperty("sessions")[0].GetProperty("id").GetString()!;
        var resumed = await second.AskAsync(5, "session.resume", Session(key));
        await Assert.That(resumed.GetProperty("result").GetProperty("resumed").GetString()).IsEqualTo(key);
        await Assert.That(Texts(resumed)).IsEquivalentTo(["whole question", "A whole answer.", "half question", "Half an answer"]);
    }

    [Test]
    public async Task An_acknowledged_prompt_is_on_disk_and_an_empty_session_is_found_but_not_listed()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        string empty;
        await using (var first = GatewayProcess.Start(stage))
        {
            empty = await EndingTests.CreateSession(first);
            first.Signal(Steps.Kill);
            await first.ExitAsync();
        }

        await using var second = GatewayProcess.Start(stage);
        await Assert.That((await second.AskAsync(1, "session.list")).GetProperty("result").GetProperty("sessions").GetArrayLength()).IsEqualTo(0);
        await SubmitAsync(second, 2, empty, "half of it");
        second.Signal(Steps.Kill);
        await second.ExitAsync();

        await using var third = GatewayProcess.Start(stage);
        await Assert.That(Texts(await third.AskAsync(1, "session.history", Session(empty)))[0]).IsEqualTo("half of it");
        var unknown = await third.AskAsync(2, "session.history", Session("ffffffff"));
        await Assert.That(unknown.GetProperty("error").GetProperty("code").GetInt32()).IsEqualTo(4001);
    }

    [Test]
    [Arguments(Steps.Terminate)]
    [Arguments(Steps.Hangup)]
    [Arguments(0)]
    public async Task An_orderly_end_keeps_what_was_streamed(int signal)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using (var first = GatewayProcess.Start(stage))
        {
            string session = await EndingTests.CreateSession(first);
            await SubmitAsync(first, 1, session, "half question");
            await first.EventAsync("message.delta");
            if (signal == 0) first.CloseInput();
            else first.Signal(signal);
            await Assert.That(await first.ExitAsync()).IsEqualTo(0);
        }

        await Assert.That(string.Join('|', DiskFacts.Query(stage, "SELECT role || ':' || content || ':' || COALESCE(finish_reason, '') FROM messages ORDER BY id")))
            .IsEqualTo("user:half question:|assistant:Half an answer:interrupted");
        await Assert.That(DiskFacts.Faults(stage)).IsEqualTo("");
    }

    private static string Session(string id) => $$"""{"session_id":"{{id}}"}""";

    private static async Task SubmitAsync(GatewayProcess gateway, int id, string session, string text)
    {
        var answer = await gateway.AskAsync(id, "prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");
        await Assert.That(answer.GetProperty("result").GetProperty("status").GetString()).IsEqualTo("streaming");
    }

    private static string[] Texts(JsonElement answer) =>
        [.. answer.GetProperty("result").GetProperty("messages").EnumerateArray().Select(row => row.GetProperty("text").GetString()!)];

    private static bool OnDisk(Stage stage, string text)
    {
        using var log = new FileStream(Path.Combine(stage.Home, "state.db-wal"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[log.Length];
        log.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }
}
