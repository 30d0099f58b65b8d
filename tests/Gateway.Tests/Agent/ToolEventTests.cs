using System.Text.Json;
using Gateway.Agent;
using Gateway.Rpc;
using Gateway.Tools;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>What clients hear of tool calls, and in which order (events.json).</summary>
public class ToolEventTests
{
    [Test]
    public async Task Calls_that_run_beside_each_other_start_together_and_end_in_their_order()
    {
        var first = new TaskCompletionSource();
        var slow = new FakeTool("search_files", async (_, _) =>
        {
            await first.Task;
            return new ToolResult("""{"a":1}""");
        });
        var fast = new FakeTool("skills_list", (_, _) =>
        {
            first.SetResult();
            return Task.FromResult(new ToolResult("""{"b":1}"""));
        });
        await using var server = new ScriptedServer(Chat.Calls(Chat.Call("a", "search_files", "{}"), Chat.Call("b", "skills_list", "{}", 1)), Chat.Answer("done"));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.AddRange([slow, fast]);
        var result = await harness.RunAsync();
        await Assert.That(harness.Events.Log.Where(line => line.StartsWith("start", StringComparison.Ordinal) || line.StartsWith("complete", StringComparison.Ordinal)))
            .IsEquivalentTo(["start a search_files preview", "start b skills_list preview", "complete a", "complete b"], CollectionOrdering.Matching);
        await Assert.That(result.NewMessages.Where(message => message.Role == Role.Tool).Select(message => message.ToolCallId!)).IsEquivalentTo(["a", "b"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task Slots_of_such_a_batch_that_an_interrupt_cancels_end_as_well()
    {
        using var interrupt = new CancellationTokenSource();
        int running = 0;
        var tool = new FakeTool("search_files", async (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref running) == ParallelCalls.Limit) await interrupt.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new ToolResult("never");
        });
        await using var server = new ScriptedServer(Chat.Calls([.. Enumerable.Range(0, 10).Select(i => Chat.Call($"{i}", "search_files", $$"""{"n":{{i}}}""", i))]));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(tool);
        var result = await harness.RunAsync(cancellationToken: interrupt.Token);
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(running).IsEqualTo(ParallelCalls.Limit);
        await Assert.That(harness.Events.Log.Count(line => line.StartsWith("start ", StringComparison.Ordinal))).IsEqualTo(10);
        await Assert.That(harness.Events.Log.Where(line => line.StartsWith("complete ", StringComparison.Ordinal)))
            .IsEquivalentTo(Enumerable.Range(0, 10).Select(i => $"complete {i}"), CollectionOrdering.Matching);
        await Assert.That(result.NewMessages.Count(message => message.Content == "[Tool execution cancelled — search_files was skipped due to user interrupt]")).IsEqualTo(10);
    }

    [Test]
    [Arguments("web_search", """{"success":true,"data":{"web":[{}]}}""", 1.26, "Did 1 search in 1.3s: 1 result")]
    [Arguments("web_search", """{"data":{"web":[{},{}]}}""", 12.5, "Did 1 search in 12s: 2 results")]
    [Arguments("web_search", """{"data":{"web":[]}}""", 0, "Did 1 search in 0.0s: 0 results")]
    [Arguments("web_search", """{"error":"no"}""", 1, null)]
    [Arguments("web_search", """{"data":[]}""", 1, null)]
    [Arguments("web_search", "no JSON", 1, null)]
    [Arguments("web_extract", """{"results":[{},{}]}""", 65, "Extracted 2 pages in 1m 5s")]
    [Arguments("web_extract", """{"results":[],"data":{"results":[{}]}}""", 60, "Extracted 1 page in 1m")]
    [Arguments("web_extract", """{"results":[]}""", 1, "Extracted 0 pages in 1.0s")]
    [Arguments("web_extract", """{"error":"no"}""", 1, null)]
    [Arguments("todo", """{"data":{"web":[]}}""", 1, "its own")]
    public async Task The_summary_of_web_tools_counts_what_they_found(string tool, string content, double seconds, string? expected) =>
        await Assert.That(ToolSummary.Of(tool, new ToolResult(content, Summary: "its own"), TimeSpan.FromSeconds(seconds))).IsEqualTo(expected);

    [Test]
    [Arguments(80, 80)]
    [Arguments(20, 20)]
    [Arguments(2000, 300)]
    public async Task A_preview_is_as_long_as_it_may_be(int limit, int length)
    {
        using var arguments = JsonDocument.Parse($$"""{"command":"{{new string('x', 300)}}"}""");
        await Assert.That(ToolPreview.Of("terminal", arguments.RootElement, limit).Length).IsEqualTo(length);
    }
}
