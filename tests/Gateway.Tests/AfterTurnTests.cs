using Gateway.Sessions;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests;

/// <summary>What is done for a conversation beside it once a turn is over.</summary>
public class AfterTurnTests
{
    private const string Asked = "auxiliary: {}";

    [Test]
    [Arguments("\"Rust borrow checker help.\"", "Rust borrow checker help.")]
    [Arguments("Title: Brewing tea\n\nHere is why", "Brewing tea")]
    [Arguments("  **Bold words**", "Bold words")]
    [Arguments("“Überraschung im Café”", "Überraschung im Café")]
    [Arguments("", null)]
    [Arguments("\"\"", null)]
    [Arguments("\u200b", null)]
    public async Task A_title_is_what_the_model_meant(string said, string? title) => await Assert.That(SessionNaming.Clean(said)).IsEqualTo(title);

    [Test]
    public async Task A_long_title_ends_between_two_characters()
    {
        string title = SessionNaming.Clean(string.Concat(Enumerable.Repeat("🚀", 90)))!;
        await Assert.That(title).IsEqualTo(string.Concat(Enumerable.Repeat("🚀", 77)) + "...");
    }

    [Test]
    public async Task The_first_turn_gives_a_session_its_title_and_the_user_may_change_it()
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"replies":[{"when":{"last_user_contains":"Assistant: Earl Grey"},"steps":[{"text":"\"Brewing tea\""}]}],"fallback":{"steps":[{"text":"Earl Grey"}]}}"""), [Asked]);
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await TurnAsync(gateway, session, "which tea?");
        await AwaitTitleAsync(gateway, session, "Brewing tea");
        _ = (await gateway.AskAsync("session.title", $$"""{"session_id":"{{session}}","title":"Mine"}""")).Result();
        int calls = stage.Model!.ModelCalls.Count;
        await TurnAsync(gateway, session, "and now?");
        await AwaitTitleAsync(gateway, session, "Mine");
        await Assert.That(stage.Model.ModelCalls.Count).IsEqualTo(calls + 1);
    }

    [Test]
    public async Task A_title_that_cannot_be_had_costs_nothing()
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"replies":[{"when":{"last_user_contains":"Assistant:"},"steps":[{"status":400,"message":"no"}]}],"fallback":{"steps":[{"text":"yes"}]}}"""), [Asked]);
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await TurnAsync(gateway, session, "one");
        await stage.Model!.WaitForRequestsAsync(2);
        await TurnAsync(gateway, session, "two");
        await Assert.That((await gateway.AskAsync("session.title", $$"""{"session_id":"{{session}}"}""")).Result().GetProperty("title").GetString()).IsEqualTo("");
        await Assert.That(gateway.Conversation.Frames.Any(frame => frame.GetRawText().Contains("status.update"))).IsFalse();
    }

    [Test]
    public async Task From_time_to_time_what_the_user_said_is_kept_and_the_conversation_stays_as_it_was()
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"replies":[{"when":{"last_user_contains":"The conversation rests","last_role":"user"},"steps":[{"tool_call":{"id":"m1","name":"memory","arguments":{"action":"add","target":"user","content":"Drinks Earl Grey."}}}]},{"when":{"last_role":"tool"},"steps":[{"text":"Kept."}]}],"fallback":{"steps":[{"text":"noted"}]}}"""),
            ["memory: {nudge_interval: 2}"]);
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await TurnAsync(gateway, session, "I drink Earl Grey");
        await Assert.That(stage.Model!.ModelCalls.Count).IsEqualTo(1);
        await TurnAsync(gateway, session, "only that");
        int told = await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText().Contains("💾"), "the line about what was kept");
        await Assert.That(gateway.Conversation.Frames[told].GetRawText()).Contains("💾 Memory updated");
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(stage.Home, "memories", "USER.md"))).IsEqualTo("Drinks Earl Grey.");

        string reviewed = stage.Model.ModelCalls[2].BodyText;
        await Assert.That(reviewed).Contains("I drink Earl Grey").And.Contains("\"memory\"").And.DoesNotContain("\"terminal\"");
        var history = (await gateway.AskAsync("session.history", $$"""{"session_id":"{{session}}"}""")).Result();
        await Assert.That(history.GetRawText()).DoesNotContain("The conversation rests").And.DoesNotContain("Kept.");
        await Assert.That((await gateway.AskAsync("session.usage", $$"""{"session_id":"{{session}}"}""")).Result().GetProperty("calls").GetInt32()).IsEqualTo(4);
    }

    [Test]
    public async Task It_is_time_after_so_many_turns_or_rounds_and_what_was_kept_meanwhile_counts()
    {
        var counter = new ReviewCounter();
        var every = new ReviewIntervals(2, 3);
        await Assert.That(counter.Count(false, false, 1, every)).IsNull();
        await Assert.That(counter.Count(false, false, 1, every)).IsEqualTo(new ReviewDue(true, false));
        await Assert.That(counter.Count(false, false, 1, every)).IsEqualTo(new ReviewDue(false, true));
        await Assert.That(counter.Count(true, true, 5, every)).IsNull();
        await Assert.That(counter.Count(false, false, 0, every)).IsNull();
        await Assert.That(counter.Count(false, false, 4, every)).IsEqualTo(new ReviewDue(true, true));
        await Assert.That(counter.Count(false, false, 99, new ReviewIntervals(0, 0))).IsNull();
    }

    [Test]
    public async Task The_end_of_the_gateway_does_not_wait_for_it()
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"replies":[{"when":{"last_user_contains":"Assistant:"},"steps":[{"hold":true}]}],"fallback":{"steps":[{"text":"yes"}]}}"""), [Asked]);
        var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await TurnAsync(gateway, session, "one");
        await stage.Model!.WaitForRequestsAsync(2);
        await gateway.DisposeAsync();
        await stage.Model.WaitForDisconnectAsync();
    }

    private static async Task TurnAsync(GatewayHarness gateway, string session, string text)
    {
        int from = gateway.Conversation.Count;
        gateway.Send($$$"""{"id":"p{{{from}}}","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"{{{text}}}"}}""");
        await gateway.Conversation.WaitForAsync(from, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");
    }

    private static async Task AwaitTitleAsync(GatewayHarness gateway, string session, string title)
    {
        string seen = "";
        for (int look = 0; look < 1000 && seen != title; look++)
        {
            seen = (await gateway.AskAsync("session.title", $$"""{"session_id":"{{session}}"}""")).Result().GetProperty("title").GetString()!;
            if (seen != title) await Task.Delay(10);
        }

        await Assert.That(seen).IsEqualTo(title);
    }
}
