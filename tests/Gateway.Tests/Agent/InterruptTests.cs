using Gateway.Agent;
using Gateway.Tools;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

public class InterruptTests
{
    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task Before_the_first_byte_nothing_is_stored(bool headersSent)
    {
        var arrived = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using var server = new ScriptedServer(async e =>
        {
            arrived.SetResult();
            if (headersSent)
            {
                await e.StartAsync();
            }

            await e.DisconnectedAsync();
            gone.SetResult();
        });
        using var harness = new Harness(server.BaseUrl);
        using var stop = new CancellationTokenSource();
        var turn = harness.RunAsync(cancellationToken: stop.Token);
        await arrived.Task;
        await stop.CancelAsync();
        var result = await turn;
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(result.Text).Matches(@"^Operation interrupted: waiting for model response \(\d+\.\ds elapsed\)\.$");
        await Assert.That(result.NewMessages.Count).IsEqualTo(1);
        await gone.Task;
    }

    [Test]
    public async Task In_the_middle_of_the_text_the_text_stays_and_the_connection_closes()
    {
        var gone = new TaskCompletionSource();
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync();
            await e.SendAsync($"data: {Chat.Text("Half ")}\n\n");
            await e.DisconnectedAsync();
            gone.SetResult();
        });
        using var harness = new Harness(server.BaseUrl);
        using var stop = new CancellationTokenSource();
        var turn = harness.RunAsync(cancellationToken: stop.Token);
        await harness.Events.FirstText;
        await stop.CancelAsync();
        var result = await turn;
        await gone.Task;
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(result.Text).IsEqualTo("Half");
        await Assert.That(result.NewMessages[1]).IsEqualTo(new ConversationMessage(Role.Assistant, "Half") { FinishReason = "interrupted", ToolCalls = result.NewMessages[1].ToolCalls });
        await Assert.That(harness.Events.Log).IsEquivalentTo(["call", "end"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task During_the_wait_for_another_attempt()
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(500, "{}"));
        using var harness = new Harness(server.BaseUrl) { WaitForever = true };
        using var stop = new CancellationTokenSource();
        harness.Events.OnStatus = _ => stop.CancelAfter(1);
        var result = await harness.RunAsync(cancellationToken: stop.Token);
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(result.Text).IsEqualTo("Operation interrupted: retrying API call after error (retry 1/3).");
    }

    [Test]
    public async Task Between_tools_the_rest_is_skipped_and_every_call_is_answered()
    {
        await using var server = new ScriptedServer(Chat.Calls(
            Chat.Text("Working"), Chat.Call("a", "one", "{}"), Chat.Call("b", "two", "{}", 1), Chat.Call("c", "three", "{}", 2)));
        using var harness = new Harness(server.BaseUrl);
        using var stop = new CancellationTokenSource();
        harness.Tools.Add(new FakeTool("one", async (_, _) =>
        {
            await stop.CancelAsync();
            return new ToolResult("[Command interrupted]");
        }));
        harness.Tools.Add(new FakeTool("two"));
        harness.Tools.Add(new FakeTool("three"));
        var result = await harness.RunAsync(cancellationToken: stop.Token);
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(result.Text).IsEqualTo("Working");
        await Assert.That(result.NewMessages.Skip(2).Select(m => $"{m.ToolCallId} {m.Content}")).IsEquivalentTo(
        [
            "a [Command interrupted]",
            "b [Tool execution skipped — two was not started. User sent a new message]",
            "c [Tool execution skipped — three was not started. User sent a new message]",
        ], CollectionOrdering.Matching);
        await Assert.That(harness.Events.Log).DoesNotContain("start b two preview");
    }

    [Test]
    public async Task A_tool_that_throws_on_cancellation_is_answered_too()
    {
        await using var server = new ScriptedServer(Chat.Calls(Chat.Call("a", "one", "{}")));
        using var harness = new Harness(server.BaseUrl);
        using var stop = new CancellationTokenSource();
        harness.Tools.Add(new FakeTool("one", async (_, cancellationToken) =>
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return new ToolResult("");
        }));
        var result = await harness.RunAsync(cancellationToken: stop.Token);
        await Assert.That(result.Text).IsNull();
        await Assert.That(result.NewMessages[2].Content).IsEqualTo("[Tool execution cancelled — one was skipped due to user interrupt]");
        await Assert.That(harness.Events.Log).Contains("complete a");
    }
}
