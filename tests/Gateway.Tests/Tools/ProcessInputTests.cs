using System.Text.Json.Nodes;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

/// <summary>What is written to processes, and arguments of the process tool that are wrong.</summary>
[NotInParallel("children")]
public class ProcessInputTests
{
    private static async Task<string> StartAsync(ToolStage stage, string command) =>
        (string)(await stage.CallAsync("terminal", new JsonObject { ["command"] = command, ["background"] = true }))["session_id"]!;

    private static Task<JsonNode> CallAsync(ToolStage stage, string action, string id, JsonNode? data = null, CancellationToken cancellation = default)
    {
        var arguments = new JsonObject { ["action"] = action, ["session_id"] = id };
        if (data is not null) arguments["data"] = data;
        return stage.CallAsync("process", arguments, cancellation);
    }

    [Test]
    [Arguments("submit", "false && rm -rf ~", "BLOCKED (hardline)")]
    [Arguments("write", "false && rm -r x\n", "BLOCKED: Command denied by user.")]
    [Arguments("submit", "false && r\\m -r x", "BLOCKED: Command denied by user.")]
    public async Task What_is_typed_into_a_shell_is_judged_like_a_command(string action, string data, string refusal)
    {
        var approvals = new ScriptedApprovals();
        using var stage = new ToolStage(approvals: approvals);
        string id = await StartAsync(stage, "bash");
        var refused = await CallAsync(stage, action, id, data);
        await Assert.That((string)refused["status"]!).IsEqualTo("blocked");
        await Assert.That((string)refused["error"]!).StartsWith(refusal);
        await CallAsync(stage, "submit", id, "echo still here; exit");
        await Assert.That((string)(await CallAsync(stage, "wait", id))["output"]!).IsEqualTo("still here\n");
    }

    [Test]
    [Arguments("bash", new[] { "false && rm ", "-r", " x\n" })]
    [Arguments("bash", new[] { "false && rm \\\n", "-r x\n" })]
    [Arguments("bash", new[] { "a=rm\n", "false && $a -r x\n" })]
    [Arguments("export a=rm; bash", new[] { "false && $a -r x\n" })]
    [Arguments("bash", new[] { "echo 'open\n", "false' && rm -r x\n" })]
    [Arguments("bash", new[] { "echo 'don\n", "'; false && r\\m -r x\n" })]
    public async Task A_command_that_is_cut_over_several_writes_is_seen_whole(string command, string[] pieces)
    {
        var approvals = new ScriptedApprovals();
        using var stage = new ToolStage(approvals: approvals);
        string id = await StartAsync(stage, command);
        foreach (string piece in pieces[..^1]) await CallAsync(stage, "write", id, piece);
        string last = pieces.Length == 3 ? pieces[1] : pieces[^1];
        var answers = new List<JsonNode>();
        if (pieces.Length != 3) answers.Add(await CallAsync(stage, "write", id, pieces[^1]));
        await Assert.That(approvals.Asked?.PatternKeys.Contains("recursive delete")).IsTrue();
        await Assert.That(approvals.Asked!.Command).EndsWith(last);
        if (pieces[0].StartsWith("false && rm", StringComparison.Ordinal)) await Assert.That(approvals.Asked!.Command).StartsWith("false && rm ");
        await Assert.That(answers.TrueForAll(answer => (string)answer["status"]! == "blocked")).IsTrue();
        await CallAsync(stage, "kill", id);
    }

    [Test]
    public async Task What_was_approved_is_asked_once_and_then_behind_it_nothing()
    {
        var approvals = new ScriptedApprovals { Answer = ApprovalChoice.Once };
        using var stage = new ToolStage(approvals: approvals);
        string id = await StartAsync(stage, "cat");
        var written = await CallAsync(stage, "submit", id, "false && rm -r x");
        await Assert.That((string)written["approval"]!).Contains("was approved by the user");
        await Assert.That((int)written["bytes_written"]!).IsEqualTo(17);
        var plain = await CallAsync(stage, "submit", id, "hello");
        await Assert.That(plain["approval"]).IsNull();
        await CallAsync(stage, "close", id);
        await Assert.That((string)(await CallAsync(stage, "wait", id))["output"]!).IsEqualTo("false && rm -r x\nhello\n");
    }

    [Test]
    public async Task A_line_is_judged_whole_however_long_it_grows()
    {
        var approvals = new ScriptedApprovals { Answer = ApprovalChoice.Once };
        using var stage = new ToolStage(approvals: approvals);
        string id = await StartAsync(stage, "cat >/dev/null");
        await CallAsync(stage, "write", id, "false && rm " + new string(' ', 9000));
        await Assert.That(approvals.Asked).IsNull();
        await CallAsync(stage, "write", id, "-r x");
        await Assert.That(approvals.Asked!.PatternKeys).Contains("recursive delete");
        await Assert.That((string)(await CallAsync(stage, "submit", id, " y"))["approval"]!).Contains("recursive delete");
        await CallAsync(stage, "kill", id);

        string other = await StartAsync(stage, "cat >/dev/null");
        await Assert.That((await CallAsync(stage, "write", other, new string('a', 60_000)))["bytes_written"]).IsNotNull();
        await Assert.That((string)(await CallAsync(stage, "submit", other, new string('b', 6_000)))["error"]!).StartsWith("BLOCKED: a line of more than 65536 characters cannot be judged.");
        await CallAsync(stage, "kill", other);
    }

    [Test]
    public async Task An_interrupt_while_the_user_is_asked_writes_nothing()
    {
        using var stage = new ToolStage(approvals: new SilentUser());
        string id = await StartAsync(stage, "cat");
        using var interrupt = new CancellationTokenSource();
        var write = CallAsync(stage, "submit", id, "false && rm -r x", interrupt.Token);
        await interrupt.CancelAsync();
        await Assert.That(async () => await write).Throws<OperationCanceledException>();
        await CallAsync(stage, "close", id);
        await Assert.That((string)(await CallAsync(stage, "wait", id))["output"]!).IsEqualTo("");
    }

    [Test]
    public async Task Who_does_not_read_holds_nobody_up()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "sleep 7654321");
        string much = string.Concat(Enumerable.Repeat("é", 100_000));
        var first = await CallAsync(stage, "write", id, much);
        await Assert.That((int)first["bytes_written"]!).IsBetween(1, 65_536);
        await Assert.That((string)first["note"]!).Contains("only a part was written");
        await Assert.That((int)(await CallAsync(stage, "write", id, much))["bytes_written"]!).IsLessThan(65_536);
        await CallAsync(stage, "kill", id);
    }

    [Test]
    public async Task After_the_end_and_after_the_input_was_closed_nothing_is_written()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "cat >/dev/null; sleep 7654322");
        await Assert.That((string)(await CallAsync(stage, "close", id))["status"]!).IsEqualTo("ok");
        await Assert.That((string)(await CallAsync(stage, "close", id))["status"]!).IsEqualTo("ok");
        await Assert.That((string)(await CallAsync(stage, "write", id, "x"))["status"]!).IsEqualTo("error");
        await CallAsync(stage, "kill", id);
        foreach (string action in (string[])["write", "submit", "close", "kill"])
            await Assert.That((string)(await CallAsync(stage, action, id, "x"))["status"]!).IsEqualTo("already_exited");
        await Assert.That((string)(await CallAsync(stage, "wait", id))["status"]!).IsEqualTo("exited");
        await Assert.That((int)(await CallAsync(stage, "log", id))["total_lines"]!).IsEqualTo(0);
    }

    [Test]
    [Arguments("write", "", "data must be a text.")]
    [Arguments("submit", ""","data":5""", "data must be a text.")]
    [Arguments("submit", ""","data":["x"]""", "data must be a text.")]
    [Arguments("write", ""","data":"\ud800" """, "data must be a text.")]
    [Arguments("wait", ""","timeout":"soon" """, "timeout must be a whole number.")]
    [Arguments("wait", ""","timeout":true""", "timeout must be a whole number.")]
    [Arguments("log", ""","offset":"x" """, "offset must be a whole number.")]
    [Arguments("log", ""","limit":{}""", "limit must be a whole number.")]
    public async Task Wrong_arguments_are_named(string action, string more, string error)
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "cat");
        await Assert.That((string)(await stage.CallAsync("process", $$"""{"action":"{{action}}","session_id":"{{id}}"{{more}}}"""))["error"]!).IsEqualTo(error);
        await CallAsync(stage, "kill", id);
    }

    [Test]
    [Arguments(""","offset":-5,"limit":-1""", "3")]
    [Arguments(""","offset":99""", "")]
    [Arguments(""","offset":1,"limit":1""", "2")]
    [Arguments(""","offset":1e300,"limit":1e300""", "")]
    [Arguments(""","offset":null,"limit":null""", "1\n2\n3")]
    public async Task Odd_numbers_are_taken_as_near_as_can_be(string more, string output)
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "printf '1\\n2\\n3\\n'");
        await CallAsync(stage, "wait", id);
        await Assert.That((string)(await stage.CallAsync("process", $$"""{"action":"log","session_id":"{{id}}"{{more}}}"""))["output"]!).IsEqualTo(output);
    }

    [Test]
    [Arguments("-3")]
    [Arguments("0")]
    [Arguments("0.2")]
    public async Task A_wait_takes_a_second_at_least(string timeout)
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "sleep 7654323");
        var late = await stage.CallAsync("process", $$"""{"action":"wait","session_id":"{{id}}","timeout":{{timeout}}}""");
        await Assert.That((string)late["status"]!).IsEqualTo("timeout");
        await Assert.That((string)late["note"]!).StartsWith("The process still runs after 1s.");
        await CallAsync(stage, "kill", id);
    }

    [Test]
    public async Task Secrets_are_masked_as_the_user_wants_it()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "echo DB_PASSWORD=hunter2hunter2");
        await Assert.That((string)(await CallAsync(stage, "wait", id))["output"]!).DoesNotContain("hunter2");
        stage.Context = stage.Context with { RedactsSecrets = false };
        await Assert.That((string)(await CallAsync(stage, "log", id))["output"]!).IsEqualTo("DB_PASSWORD=hunter2hunter2");
    }

    private sealed class SilentUser : IApprovals
    {
        public bool AllowsEverything => false;

        public bool IsGranted(string patternKey) => false;

        public async Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return ApprovalChoice.Deny;
        }
    }
}
