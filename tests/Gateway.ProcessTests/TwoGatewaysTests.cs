using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>Two gateways on one HERMES_HOME: both work, and neither talks over the other on one stored session.</summary>
public class TwoGatewaysTests
{
    private const string Script = """
        {"replies":[{"when":{"last_user_contains":"wait"},"times":1,"steps":[{"tool_call":{"id":"call_1","name":"terminal","arguments":{"command":"while [ ! -e go ]; do sleep 0.02; done"}}}]}],
         "fallback":{"steps":[{"text":"Answered."}]}}
        """;

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task A_turn_that_runs_elsewhere_refuses_another_until_it_is_over(bool killed)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using var first = GatewayProcess.Start(stage);
        await using var second = GatewayProcess.Start(stage);
        string one = await EndingTests.CreateSession(first);
        await SubmitAsync(first, 1, one, "hello");
        await CompletedAsync(first, 1);
        string key = (await second.AskAsync(1, "session.most_recent")).GetProperty("result").GetProperty("session_id").GetString()!;
        string two = (await second.AskAsync(2, "session.resume", Named(key))).GetProperty("result").GetProperty("session_id").GetString()!;

        await SubmitAsync(first, 2, one, "wait");
        await first.EventAsync("tool.start");
        var refused = (await AskToSubmitAsync(second, 3, two, "me too")).GetProperty("error");
        await Assert.That(refused.GetProperty("code").GetInt32()).IsEqualTo(4009);
        await Assert.That(refused.GetProperty("message").GetString()!).Contains("another tui-gateway");

        // Another session is nobody else's business.
        string other = await EndingTests.CreateSession(second);
        await SubmitAsync(second, 4, other, "hello there");
        await CompletedAsync(second, 1);

        if (killed)
        {
            first.Signal(Steps.Kill);
            await first.ExitAsync();
        }
        else
        {
            await File.WriteAllTextAsync(Path.Combine(stage.Work, "go"), "");
            await CompletedAsync(first, 2);
        }

        await SubmitAsync(second, 5, two, "my turn");
        await CompletedAsync(second, 2);
        var said = (await second.AskAsync(6, "session.history", Named(two))).GetProperty("result").GetProperty("messages");
        string[] users = [.. said.EnumerateArray().Where(row => row.GetProperty("role").GetString() == "user").Select(row => row.GetProperty("text").GetString()!)];
        await Assert.That(string.Join('|', users)).IsEqualTo("hello|wait|my turn");
    }

    private static Task<int> CompletedAsync(GatewayProcess gateway, int turns) => Facts.UntilAsync(
        () => gateway.Conversation.Frames.Count(frame => EndingTests.IsEvent(frame, "message.complete")), count => count >= turns, $"the end of turn {turns}");

    private static string Named(string session) => $$"""{"session_id":"{{session}}"}""";

    private static Task<JsonElement> AskToSubmitAsync(GatewayProcess gateway, int id, string session, string text) =>
        gateway.AskAsync(id, "prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");

    private static async Task SubmitAsync(GatewayProcess gateway, int id, string session, string text) =>
        await Assert.That((await AskToSubmitAsync(gateway, id, session, text)).GetProperty("result").GetProperty("status").GetString()).IsEqualTo("streaming");
}
