using System.Text.Json;
using Gateway.Agent;
using Gateway.Config;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>Replies that are no answer yet: reasoning without words, answers that are cut off, and announcements (AGENT.md section 4).</summary>
public class UnfinishedReplyTests
{
    private const string Thought = """{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"enc==","summary":[{"type":"summary_text","text":"let me see"}]}}""";

    private static readonly Func<Exchange, Task> Thinks = e => e.EventsAsync(Chat.Delta("""{"reasoning":"hm"}"""), Chat.Stop, "[DONE]");

    [Test]
    public async Task Reasoning_alone_is_kept_twice_before_the_plain_retries()
    {
        await using var server = new ScriptedServer(Thinks, Thinks, Thinks, Thinks, Thinks, Thinks);
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("(empty)");
        await Assert.That(server.Exchanges.Count).IsEqualTo(6);
        await Assert.That(harness.Events.Statuses.Count(status => status.Contains("only thought", StringComparison.Ordinal))).IsEqualTo(2);
        await Assert.That(harness.Events.Statuses.Count(status => status.Contains("asking again", StringComparison.Ordinal))).IsEqualTo(3);
    }

    [Test]
    public async Task Reasoning_that_was_kept_is_no_part_of_the_conversation()
    {
        await using var server = new ScriptedServer(Thinks, Chat.Answer("done"), Chat.Answer("again"));
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(harness.History.Select(message => message.Content!)).IsEquivalentTo(["hi", "done"], CollectionOrdering.Matching);

        // A message of nothing but reasoning is refused by most; only the question goes out again.
        await Assert.That(Messages(server.Exchanges[1])).IsEqualTo(Messages(server.Exchanges[0]));
    }

    [Test]
    public async Task A_responses_endpoint_gets_its_reasoning_back_with_a_message_behind_it()
    {
        await using var server = new ScriptedServer(Whole(Thought), Whole(Words("done")), Whole(Words("again")));
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(Input(server.Exchanges[1])).EndsWith("""{"type":"reasoning","summary":[{"type":"summary_text","text":"let me see"}],"encrypted_content":"enc=="},{"role":"assistant","content":""}]""");
        await harness.RunAsync("more");
        await Assert.That(Input(server.Exchanges[2])).DoesNotContain("enc==");
    }

    [Test]
    [Arguments("response.incomplete", "max_output_tokens")]
    [Arguments("response.incomplete", "other")]
    public async Task Reasoning_cut_off_by_the_limit_goes_on_with_more_room_on_responses_endpoints(string type, string reason)
    {
        Func<Exchange, Task> cut = e => e.EventsAsync(Thought, $$$"""{"type":"{{{type}}}","response":{"status":"incomplete","error":null,"incomplete_details":{"reason":"{{{reason}}}"} } }""");
        await using var server = new ScriptedServer(cut, cut, cut, Whole(Words("done")));
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(server.Exchanges[1].Body).Contains("\"max_output_tokens\":8192");
        await Assert.That(server.Exchanges[3].Body).Contains("\"max_output_tokens\":16384");
    }

    [Test]
    public async Task After_three_times_the_reasoning_has_used_up_the_limit()
    {
        Func<Exchange, Task> cut = e => e.EventsAsync(Thought, """{"type":"response.incomplete","response":{"status":"incomplete","error":null,"incomplete_details":null}}""");
        await using var server = new ScriptedServer(cut, cut, cut, cut);
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        await Assert.That((await harness.RunAsync()).Text).StartsWith("⚠️ **Thinking Budget Exhausted**");
        await Assert.That(server.Exchanges.Count).IsEqualTo(4);
    }

    [Test]
    public async Task An_incomplete_answer_is_continued_and_joined()
    {
        Func<Exchange, Task> cut = e => e.EventsAsync(Words("one "), """{"type":"response.incomplete","response":{"status":"incomplete","error":null,"incomplete_details":null}}""");
        await using var server = new ScriptedServer(cut, Whole(Words("two")));
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("one two");
        await Assert.That(result.NewMessages.Count).IsEqualTo(4);
        await Assert.That(result.NewMessages[2].Content).StartsWith("[System: Your previous response was truncated");
    }

    [Test]
    public async Task An_announcement_without_a_call_is_told_to_go_on_twice()
    {
        var announces = Whole(Words("I'll look through the repository first."));
        await using var server = new ScriptedServer(announces, announces, announces);
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        harness.Tools.Add(new FakeTool("terminal"));
        var result = await harness.RunAsync();
        await Assert.That(server.Exchanges.Count).IsEqualTo(3);
        await Assert.That(result.Text).IsEqualTo("I'll look through the repository first.");
        await Assert.That(result.NewMessages.Count(message => message.Role == Role.User && message.Content!.StartsWith("[System: Continue now. ", StringComparison.Ordinal))).IsEqualTo(2);
        await Assert.That(harness.Events.Text).IsEqualTo(string.Join("\n\n", Enumerable.Repeat("I'll look through the repository first.", 3)));
    }

    [Test]
    [Arguments(false, true)]
    [Arguments(true, false)]
    public async Task Other_models_and_turns_without_tools_may_announce(bool responses, bool tools)
    {
        await using var server = new ScriptedServer(responses ? Whole(Words("I will check that.")) : Chat.Answer("I will check that."));
        using var harness = new Harness(server.BaseUrl, responses ? ApiMode.CodexResponses : ApiMode.ChatCompletions);
        if (tools) harness.Tools.Add(new FakeTool("terminal"));
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("I will check that.");
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    public async Task After_tools_have_run_an_announcement_is_an_answer()
    {
        Func<Exchange, Task> calls = e => e.EventsAsync(
            """{"type":"response.output_item.done","output_index":0,"item":{"id":"fc_1","type":"function_call","status":"completed","arguments":"{}","call_id":"call_1","name":"terminal"}}""",
            """{"type":"response.completed","response":{"status":"completed","output":[]}}""");
        await using var server = new ScriptedServer(calls, Whole(Words("Done. I'll check the rest tomorrow.")));
        using var harness = new Harness(server.BaseUrl, ApiMode.CodexResponses);
        harness.Tools.Add(new FakeTool("terminal"));
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("Done. I'll check the rest tomorrow.");
    }

    [Test]
    [Arguments("I'll inspect the code now.", true)]
    [Arguments("Sure. Let me first take a look at the tests", true)]
    [Arguments("Understood, I’m going to run them.", true)]
    [Arguments("I will now start by reading README.md.", true)]
    [Arguments("Let me know what you think.", false)]
    [Arguments("I'll check it. Which branch do you mean?", false)]
    [Arguments("The test fails because the file is missing.", false)]
    [Arguments("He said I will run it.", false)]
    [Arguments("I'll use this:\n```\nls\n```", false)]
    [Arguments("", false)]
    public async Task Announcements_are_told_from_answers(string text, bool announces) => await Assert.That(Announcement.IsAll(text)).IsEqualTo(announces);

    [Test]
    public async Task A_long_text_is_an_answer() => await Assert.That(Announcement.IsAll("I'll check this. " + new string('x', 1300))).IsFalse();

    private static Func<Exchange, Task> Whole(string events) => e => e.EventsAsync(events, """{"type":"response.completed","response":{"status":"completed","output":[]}}""");

    private static string Words(string text) => $$"""{"type":"response.output_text.delta","output_index":1,"delta":{{Chat.Quote(text)}}}""";

    private static string Messages(Exchange exchange) => Member(exchange, "messages");

    private static string Input(Exchange exchange) => Member(exchange, "input");

    private static string Member(Exchange exchange, string name)
    {
        using var body = JsonDocument.Parse(exchange.Body);
        return body.RootElement.GetProperty(name).GetRawText();
    }
}
