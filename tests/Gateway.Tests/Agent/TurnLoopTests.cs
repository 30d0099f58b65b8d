using System.Text.Json;
using Gateway.Agent;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

public class TurnLoopTests
{
    [Test]
    public async Task A_tool_round_reports_in_order_and_breaks_the_paragraph()
    {
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Delta("""{"reasoning":"plan"}"""), Chat.Text("Let me look."), Chat.Call("a", "Terminal", "{ \"b\": 1,\n\"a\": \"ü\" }")),
            e => e.EventsAsync(Chat.Text("\nDone"), Chat.Text("."), Chat.Stop, "[DONE]"));
        using var harness = new Harness(server.BaseUrl);
        var tool = new FakeTool("terminal");
        harness.Tools.Add(tool);
        var result = await harness.RunAsync("go");
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Complete);
        await Assert.That(result.Text).IsEqualTo("Done.");
        await Assert.That(result.Reasoning).IsEqualTo("plan");
        await Assert.That(harness.Events.Deltas).IsEquivalentTo(["Let me look.", "\n\nDone", "."], CollectionOrdering.Matching);
        await Assert.That(tool.Calls).IsEquivalentTo(["""{"a":"ü","b":1}"""], CollectionOrdering.Matching);
        await Assert.That(harness.Events.Log).IsEquivalentTo(
            ["call", "generating Terminal", "end", "reply Let me look.", "start a terminal preview", "complete a", "call", "end", "reply Done."], CollectionOrdering.Matching);
        await Assert.That(result.NewMessages.Select(m => m.FinishReason ?? m.Role.ToString())).IsEquivalentTo(["User", "tool_calls", "Tool", "stop"], CollectionOrdering.Matching);
        await Assert.That(result.Usage.Calls).IsEqualTo(2);
    }

    [Test]
    public async Task Later_requests_repeat_earlier_messages_byte_for_byte()
    {
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Text("a"), Chat.Call("id1", "terminal", """{"z":"\u00fc","a":[1.50,{"y":null,"x":true}]}""")),
            Chat.Answer("one"),
            Chat.Answer("two"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("terminal", "result \ud83d."));
        await harness.RunAsync("first");
        await harness.RunAsync("second");
        var messages = server.Exchanges.Select(e =>
        {
            using var body = JsonDocument.Parse(e.Body);
            return body.RootElement.GetProperty("messages").GetRawText();
        }).ToArray();
        for (var i = 1; i < messages.Length; i++)
        {
            await Assert.That(messages[i]).StartsWith(messages[i - 1][..^1] + ",");
        }

        await Assert.That(messages[1]).Contains("""{\"a\":[1.50,{\"x\":true,\"y\":null}],\"z\":\"ü\"}""");
        await Assert.That(messages[1]).Contains("result \uFFFD.");
        await Assert.That(server.Exchanges[0].Header("Authorization")).IsEqualTo("Bearer " + Harness.Key);
    }

    [Test]
    public async Task The_request_is_what_the_contract_says()
    {
        await using var server = new ScriptedServer(Chat.Answer("x"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("t"));
        await harness.RunAsync("  hi\n");
        await Assert.That(server.Exchanges[0].Head).StartsWith("POST /v1/chat/completions HTTP/1.1");
        await Assert.That(server.Exchanges[0].Body).IsEqualTo(
            """{"model":"test-model","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"t","description":"A tool.","parameters":{"type":"object","properties":{}}}}],"stream":true,"stream_options":{"include_usage":true}}""");
    }

    [Test]
    public async Task An_unknown_tool_is_answered_and_the_third_in_a_row_ends_the_turn()
    {
        var unknown = Chat.Calls(Chat.Call("a", "no such", "{}"), Chat.Call("b", "one", "{}", 1));
        await using var server = new ScriptedServer(unknown, unknown, unknown);
        using var harness = new Harness(server.BaseUrl);
        var one = new FakeTool("one");
        harness.Tools.Add(one);
        harness.Tools.Add(new FakeTool("two"));
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.Error).IsEqualTo("Model generated invalid tool call: no such");
        await Assert.That(result.NewMessages.Count).IsEqualTo(7);
        await Assert.That(result.NewMessages[1].ToolCalls[0].Name).IsEqualTo("no_such");
        await Assert.That(result.NewMessages[2].Content).IsEqualTo("Tool 'no such' does not exist. Available tools: one, two");
        await Assert.That(result.NewMessages[3].Content).IsEqualTo("Skipped: another tool call in this turn used an invalid name. Please retry this tool call.");
        await Assert.That(one.Calls).IsEmpty();
    }

    [Test]
    public async Task Invalid_arguments_are_asked_for_again_twice_and_then_answered()
    {
        var invalid = Chat.Calls(Chat.Call("a", "one", "{\"x\": oops}"), Chat.Call("b", "two", "{}", 1));
        await using var server = new ScriptedServer(invalid, invalid, invalid, Chat.Answer("sorry"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("one"));
        harness.Tools.Add(new FakeTool("two"));
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("sorry");
        await Assert.That(result.NewMessages.Count).IsEqualTo(5);
        await Assert.That(result.NewMessages[1].ToolCalls[0].ArgumentsJson).IsEqualTo("{}");
        await Assert.That(result.NewMessages[2].Content).IsEqualTo(
            "Error: Invalid JSON arguments. The text is not valid JSON at line 1, byte 7. For tools with no required parameters, use an empty object: {}. Please retry with valid JSON.");
        await Assert.That(result.NewMessages[3].Content).IsEqualTo("Skipped: other tool call in this response had invalid JSON.");
    }

    [Test]
    public async Task A_tool_that_throws_costs_only_its_call()
    {
        await using var server = new ScriptedServer(Chat.Calls(Chat.Call("a", "one", "")), Chat.Answer("ok"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("one", (_, _) => throw new InvalidOperationException("a \"bug\"")));
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("ok");
        await Assert.That(result.NewMessages[2].Content).IsEqualTo("""{"error":"Tool execution failed: InvalidOperationException: a \"bug\""}""");
        await Assert.That(harness.Events.Log).Contains("complete a");
    }

    [Test]
    public async Task Identical_calls_run_once()
    {
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Call("a", "one", """{"x":1,"y":2}"""), Chat.Call("b", "one", """{"y":2, "x":1}""", 1), Chat.Call("c", "one", """{"x":2}""", 2)),
            Chat.Answer("ok"));
        using var harness = new Harness(server.BaseUrl);
        var tool = new FakeTool("one");
        harness.Tools.Add(tool);
        var result = await harness.RunAsync();
        await Assert.That(tool.Calls.Count).IsEqualTo(2);
        await Assert.That(result.NewMessages[1].ToolCalls.Select(c => c.Id)).IsEquivalentTo(["a", "c"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task An_exhausted_budget_ends_in_a_summary_without_tools()
    {
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Call("a", "one", "{}")), Chat.Calls(Chat.Call("b", "one", """{"n":2}""")), Chat.Answer("so far"));
        using var harness = new Harness(server.BaseUrl) { Settings = new() { MaxTurns = 2 } };
        harness.Tools.Add(new FakeTool("one"));
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Complete);
        await Assert.That(result.Text).IsEqualTo("so far");
        await Assert.That(result.Warning).IsNotNull();
        await Assert.That(harness.Events.Statuses).IsEquivalentTo(["lifecycle: ⚠️ Iteration budget exhausted (2/2) — asking model to summarise"], CollectionOrdering.Matching);
        await Assert.That(server.Exchanges[2].Body).DoesNotContain("\"tools\"");
        await Assert.That(result.NewMessages[^2].Role).IsEqualTo(Role.User);
    }

    [Test]
    public async Task A_truncated_answer_is_continued_and_joined()
    {
        Func<Exchange, Task> half = e => e.EventsAsync(Chat.Text("one "), Chat.LengthStop, "[DONE]");
        await using var server = new ScriptedServer(half, half, Chat.Answer("end"));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("one one end");
        await Assert.That(harness.Events.Text).IsEqualTo("one one end");
        await Assert.That(result.NewMessages.Count).IsEqualTo(6);
        await Assert.That(result.NewMessages[2].Content).StartsWith("[System: Your previous response was truncated");
        await Assert.That(server.Exchanges[1].Body).Contains("\"max_tokens\":8192");
        await Assert.That(server.Exchanges[2].Body).Contains("\"max_tokens\":12288");
    }

    [Test]
    public async Task After_three_continuations_the_pieces_are_the_answer()
    {
        Func<Exchange, Task> half = e => e.EventsAsync(Chat.Text("x"), Chat.LengthStop, "[DONE]");
        await using var server = new ScriptedServer(half, half, half, half);
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.Error).IsEqualTo("Response remained truncated after 3 continuation attempts");
        await Assert.That(result.Text).IsEqualTo("xxxx");
    }

    [Test]
    public async Task Truncated_tool_calls_are_asked_for_once_more()
    {
        Func<Exchange, Task> cut = e => e.EventsAsync(Chat.Call("a", "one", "{\"x\": \"y"), Chat.LengthStop, "[DONE]");
        await using var server = new ScriptedServer(cut, cut);
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("one"));
        var result = await harness.RunAsync();
        await Assert.That(result.Error).IsEqualTo("Response truncated due to output length limit");
        await Assert.That(server.Exchanges.Count).IsEqualTo(2);
        await Assert.That(result.NewMessages.Count).IsEqualTo(1);
    }

    [Test]
    public async Task Empty_answers_are_asked_for_again_and_end_as_empty()
    {
        Func<Exchange, Task> empty = e => e.EventsAsync(Chat.Delta("""{"content":""}"""), Chat.Stop, "[DONE]");
        await using var server = new ScriptedServer(empty, empty, empty, empty);
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("(empty)");
        await Assert.That(server.Exchanges.Count).IsEqualTo(4);
        await Assert.That(result.NewMessages[^1].Content).IsEqualTo("(empty)");
    }

    [Test]
    public async Task An_answer_of_nothing_but_reasoning_cut_by_the_limit_is_explained()
    {
        await using var server = new ScriptedServer(e => e.EventsAsync(Chat.Delta("""{"reasoning":"hm"}"""), Chat.LengthStop, "[DONE]"));
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text).StartsWith("⚠️ **Thinking Budget Exhausted**");
    }

    [Test]
    public async Task A_failure_after_a_tool_round_leaves_a_valid_history()
    {
        await using var server = new ScriptedServer(Chat.Calls(Chat.Call("a", "one", "{}")), e => e.JsonAsync(401, "{}"), Chat.Answer("back"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("one"));
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.NewMessages.Select(m => m.Role)).IsEquivalentTo([Role.User, Role.Assistant, Role.Tool], CollectionOrdering.Matching);
        await Assert.That((await harness.RunAsync("again")).Text).IsEqualTo("back");
    }
}
