using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;
using TUnit.Assertions.Enums;

namespace Gateway.ProcessTests;

/// <summary>What a user of the TUI sees, scenario by scenario (TUI_CONTRACT.md).</summary>
public class TuiClientTests
{
    private const string AskFirst = """
        {"replies":[{"when":{"last_role":"tool","tool_result_contains":"denied"},"steps":[{"text":"You said no.","chunk":4}]},
                    {"when":{"last_role":"tool"},"steps":[{"text":"It ran: {{tool_result.output}}","chunk":4}]}],
         "fallback":{"steps":[{"reasoning":"A command is needed.","chunk":5},{"text":"Let me see.","chunk":3},
           {"tool_call":{"id":"c1","name":"terminal","arguments":{"command":"bash -c 'echo out of the tool'"}}}]}}
        """;

    private const string GatedAnswer = """{"fallback":{"steps":[{"text":"Working"},{"gate":"go"},{"text":" and done."}]}}""";

    [Test]
    public async Task Main_screen_is_reached_in_the_order_of_the_contract()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(GatedAnswer));
        var report = await PlayAsync(stage, "main-screen");
        await Assert.That(report.Text("state.status")).IsEqualTo("\"ready\"");
        await Assert.That(report.Text("state.panel")).IsEqualTo("true");
        await Assert.That(report.Text("state.model")).IsEqualTo("\"test-model\"");
        await Assert.That(report.Text("state.theme.accent")).IsEqualTo("\"#FFBF00\"");
        await Assert.That(report.At("state.theme.agent").GetString()).IsEqualTo("Hermes Agent");
        await Assert.That(report.At("catalog.pairs").GetInt32()).IsGreaterThan(0);
        await Assert.That(report.At("catalog.canon").GetInt32()).IsGreaterThan(0);
        await Assert.That(report.At("catalog.categories").GetArrayLength()).IsGreaterThan(0);
        await Assert.That(report.At("voice.enabled").ValueKind).IsEqualTo(JsonValueKind.False);
        await Assert.That(report.Rows).IsEmpty();
        await Assert.That(report.Trace[0]).IsEqualTo("* gateway.ready");
        string[] sent = [.. report.Trace.Where(frame => frame.StartsWith('>')).Take(7)];
        await Assert.That(string.Join(' ', sent)).IsEqualTo(
            "> commands.catalog > config.get > setup.status > session.create > voice.toggle > config.get > config.get");
    }

    [Test]
    public async Task Conversation_with_a_tool_that_is_approved_once()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(AskFirst), ["display: {show_reasoning: true}"]);
        var report = await PlayAsync(stage, "conversation");
        await Assert.That(report.Text("state.seen")).IsEqualTo(
            """[{"command":"bash -c 'echo out of the tool'","description":"shell command via -c/-lc flag"}]""");
        await Assert.That(report.Rows.Where(row => !row.StartsWith("tool: ", StringComparison.Ordinal))).IsEquivalentTo(
            ["user: go", "assistant: Let me see.", "assistant: It ran: out of the tool"], CollectionOrdering.Matching);
        await Assert.That(report.At("state.transcript.1.reasoning").GetString()).IsEqualTo("A command is needed.");
        await AssertTool(report, 2, failed: false);
        await AssertAtRest(report);
    }

    [Test]
    public async Task Denied_command_is_not_run_and_the_model_hears_of_it()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(AskFirst.Replace("echo out of the tool", "touch ran")));
        var report = await PlayAsync(stage, "deny");
        await Assert.That(File.Exists(Path.Combine(stage.Work, "ran"))).IsFalse();
        await Assert.That(report.Rows[^1]).IsEqualTo("assistant: You said no.");
        await AssertAtRest(report);
    }

    [Test]
    public async Task Second_approval_in_a_row_is_seen_and_answered()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """
            {"replies":[{"when":{"last_role":"tool"},"steps":[{"text":"Both ran."}]}],
             "fallback":{"steps":[{"tool_calls":[
               {"id":"a","name":"terminal","arguments":{"command":"bash -c 'touch first'"}},
               {"id":"b","name":"terminal","arguments":{"command":"python3 -c 'open(\"second\", \"w\")' || sh -c 'touch second'"}}]}]}}
            """));
        var report = await PlayAsync(stage, "approval-chain");
        string[] seen = [.. report.At("state.seen").EnumerateArray().Select(approval => approval.GetProperty("command").GetString()![..6])];
        await Assert.That(string.Join(' ', seen)).IsEqualTo("bash - python");
        await Assert.That(File.Exists(Path.Combine(stage.Work, "first")) && File.Exists(Path.Combine(stage.Work, "second"))).IsTrue();
        await Assert.That(report.Rows[^1]).IsEqualTo("assistant: Both ran.");
        await AssertAtRest(report);
    }

    [Test]
    public async Task Queued_messages_go_out_the_instant_a_turn_ends()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """
            {"replies":[{"when":{"call":1},"steps":[{"text":"Working"},{"gate":"queued"}]}],
             "fallback":{"steps":[{"text":"You said {{last_user_text}}."}]}}
            """));
        await using var client = TuiClient.Start(stage, "queue");
        await client.WaitForMarkAsync("queued");
        stage.Model!.OpenGate("queued");
        var report = await client.SuccessAsync();
        await Assert.That(report.At("drained").GetInt32()).IsEqualTo(20);
        var expected = Enumerable.Range(1, 20).SelectMany(i => new[] { $"user: message {i}", $"assistant: You said message {i}." });
        await Assert.That(string.Join('\n', report.Rows)).IsEqualTo(string.Join('\n', ["user: message 0", "assistant: Working", .. expected]));
        await AssertAtRest(report);
    }

    [Test]
    public async Task Message_right_behind_an_interrupt_is_accepted()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """
            {"replies":[{"when":{"last_user_contains":"last"},"steps":[{"text":"the end","chunk":3}]}],
             "fallback":{"steps":[{"text":"half an answer"},{"hold":true}]}}
            """));
        var report = await PlayAsync(stage, "interrupt-queue");
        await Assert.That(report.At("drained").GetInt32()).IsEqualTo(20);
        await Assert.That(report.Trace.Count(frame => frame == "* message.start")).IsEqualTo(21);
        await Assert.That(report.Trace.Count(frame => frame == "* message.complete")).IsEqualTo(21);
        await Assert.That(report.Rows[^1]).IsEqualTo("assistant: the end");
        await Assert.That(report.Rows.Where(row => row.StartsWith("system", StringComparison.Ordinal))).IsEmpty();
        await AssertAtRest(report);
    }

    [Test]
    public async Task Text_before_and_after_a_tool_survives_the_end_of_the_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(
            """
            {"replies":[{"when":{"last_role":"tool"},"steps":[{"text":"The text after it.","chunk":4}]}],
             "fallback":{"steps":[{"text":"The text before it.","chunk":4},{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"echo in between"}}}]}}
            """));
        var report = await PlayAsync(stage, "final-text");
        await Assert.That(report.Rows.Where(row => row.StartsWith("assistant", StringComparison.Ordinal))).IsEquivalentTo(
            ["assistant: The text before it.", "assistant: The text after it."], CollectionOrdering.Matching);
        await AssertTool(report, 2, failed: false);
        await AssertAtRest(report);
    }

    [Test]
    public async Task Without_a_provider_it_stops_at_the_setup_panel()
    {
        await using var stage = await Stage.SetAsync();
        var report = await PlayAsync(stage, "setup-required");
        await Assert.That(report.Text("state.setup")).IsEqualTo("true");
        await Assert.That(report.Text("state.sid")).IsEqualTo("null");
        await Assert.That(report.Trace).DoesNotContain("> session.create");
    }

    [Test]
    public async Task Provider_that_goes_away_brings_up_the_setup_panel()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(GatedAnswer));
        var report = await PlayAsync(stage, "error-panel");
        await Assert.That(report.Text("state.setup")).IsEqualTo("true");
        await Assert.That(report.Text("state.busy")).IsEqualTo("false");
        await Assert.That(report.Trace).DoesNotContain("* message.complete");
        await Assert.That(report.Rows).IsEquivalentTo(["user: go"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task Exclamation_mark_runs_a_command()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(GatedAnswer));
        var report = await PlayAsync(stage, "bang");
        await Assert.That(report.Rows).IsEquivalentTo(["user: !echo hi", "system: hi", "user: !exit 3", "system: exit 3"], CollectionOrdering.Matching);
        await AssertAtRest(report);
    }

    [Test]
    public async Task Completions_are_answered_while_a_turn_runs()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(GatedAnswer));
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "notes.txt"), "");
        await using var client = TuiClient.Start(stage, "completion");
        await client.WaitForMarkAsync("completed");
        stage.Model!.OpenGate("go");
        var report = await client.SuccessAsync();
        await Assert.That(report.Text("completedWhileBusy")).IsEqualTo("true");
        await Assert.That(report.At("slash.items").EnumerateArray().Select(item => item.GetProperty("text").GetString())).Contains("help");
        await Assert.That(report.At("path.items").EnumerateArray().Select(item => item.GetProperty("text").GetString()!)).IsEquivalentTo(["./notes.txt"]);
        await Assert.That(report.Rows).IsEquivalentTo(["user: go", "assistant: Working and done."], CollectionOrdering.Matching);
        await AssertAtRest(report);
    }

    [Test]
    [Arguments("quit", """{"steps":[{"text":"unused"}]}""")]
    [Arguments("quit-mid-turn", """{"steps":[{"text":"half an answer"},{"hold":true}]}""")]
    [Arguments("quit-mid-tool", """{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"sleep 600"}}}]}""")]
    [Arguments("quit-with-question", """{"steps":[{"tool_call":{"id":"c","name":"terminal","arguments":{"command":"bash -c true"}}}]}""")]
    public async Task Leaving_ends_the_gateway_with_a_status(string scenario, string reply)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse($$"""{"fallback":{{reply}}}"""));
        await using var client = TuiClient.Start(stage, scenario);
        var report = await client.ReportAsync();
        await Assert.That(report.Text("failure")).IsEqualTo("null").Because(report.ToString());
        await Assert.That(report.Text("violations")).IsEqualTo("[]").Because(report.ToString());
        await Assert.That(report.Text("quit")).IsEqualTo("""{"code":0,"signal":null,"gone":true}""");
    }

    [Test]
    public async Task Window_size_is_taken_when_idle_and_in_mid_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(GatedAnswer));
        await using var client = TuiClient.Start(stage, "resize");
        await client.WaitForMarkAsync("resized");
        stage.Model!.OpenGate("go");
        var report = await client.SuccessAsync();
        await Assert.That(report.Text("idleAnswers")).IsEqualTo("""[{"cols":120},{"cols":120},{"cols":120}]""");
        await Assert.That(report.Text("busyAnswer")).IsEqualTo("""{"cols":60}""");
        await Assert.That(report.Text("resizedWhileBusy")).IsEqualTo("true");
        await Assert.That(report.Rows).IsEquivalentTo(["user: go", "assistant: Working and done."], CollectionOrdering.Matching);
    }

    private static async Task<TuiReport> PlayAsync(Stage stage, string scenario)
    {
        await using var client = TuiClient.Start(stage, scenario);
        return await client.SuccessAsync();
    }

    private static async Task AssertTool(TuiReport report, int row, bool failed)
    {
        var tool = report.At($"state.transcript.{row}");
        await Assert.That(tool.GetProperty("name").GetString()).IsEqualTo("terminal");
        await Assert.That(tool.GetProperty("context").GetString()).IsNotNull();
        await Assert.That(tool.TryGetProperty("failed", out _)).IsEqualTo(failed);
    }

    private static async Task AssertAtRest(TuiReport report)
    {
        await Assert.That(report.Text("state.busy")).IsEqualTo("false");
        await Assert.That(report.Text("state.status")).IsEqualTo("\"ready\"");
        await Assert.That(report.Text("state.overlay")).IsEqualTo("{}");
        await Assert.That(report.Text("state.live")).IsEqualTo("\"\"");
        await Assert.That(report.Text("state.runningTools")).IsEqualTo("[]");
    }
}
