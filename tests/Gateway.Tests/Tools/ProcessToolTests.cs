using System.Text.Json.Nodes;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class ProcessToolTests
{
    private static async Task<string> StartAsync(ToolStage stage, string command, string more = "")
    {
        var json = await stage.CallAsync("terminal", JsonNode.Parse($$"""{"background":true{{more}}}""")!.AsObject() is var arguments && arguments.TryAdd("command", command) ? arguments : throw new InvalidOperationException());
        await Assert.That((string)json["output"]!).IsEqualTo("Background process started");
        return (string)json["session_id"]!;
    }

    private static Task<JsonNode> CallAsync(ToolStage stage, string action, string id, params (string Name, JsonNode Value)[] more)
    {
        var arguments = new JsonObject { ["action"] = action, ["session_id"] = id };
        foreach (var (name, value) in more) arguments[name] = value;
        return stage.CallAsync("process", arguments);
    }

    [Test]
    public async Task A_process_runs_on_is_read_written_and_ends()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "echo ready; while read -r line; do echo \"got $line\"; done; echo bye; exit 4");
        await Assert.That(id).StartsWith("proc_");
        await Assert.That((int)(await CallAsync(stage, "submit", id, ("data", "one")))["bytes_written"]!).IsEqualTo(4);
        await Assert.That((int)(await CallAsync(stage, "write", id, ("data", "two\n")))["bytes_written"]!).IsEqualTo(4);
        await Assert.That((string)(await CallAsync(stage, "poll", id))["status"]!).IsEqualTo("running");
        await Assert.That((string)(await CallAsync(stage, "close", id))["message"]!).IsEqualTo("stdin closed");
        var ended = await CallAsync(stage, "wait", id);
        await Assert.That((string)ended["status"]!).IsEqualTo("exited");
        await Assert.That((string)ended["output"]!).IsEqualTo("ready\ngot one\ngot two\nbye\n");
        await Assert.That((int)ended["exit_code"]!).IsEqualTo(4);
        await Assert.That((string)(await CallAsync(stage, "log", id, ("offset", 1), ("limit", 2)))["output"]!).IsEqualTo("got one\ngot two");
        await Assert.That((string)(await CallAsync(stage, "kill", id))["status"]!).IsEqualTo("already_exited");
        var list = await stage.CallAsync("process", """{"action":"list"}""");
        await Assert.That((string)list["processes"]![0]!["status"]!).IsEqualTo("exited");
    }

    [Test]
    public async Task A_killed_process_leaves_nothing_behind()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "setsid sleep 987654 & sleep 987655");
        while (!Running("987654") || !Running("987655")) await Task.Delay(10);
        await Assert.That((string)(await CallAsync(stage, "kill", id))["status"]!).IsEqualTo("killed");
        while (Running("987654") || Running("987655")) await Task.Delay(10);
        await Assert.That((int)(await CallAsync(stage, "poll", id))["exit_code"]!).IsEqualTo(-15);
    }

    [Test]
    public async Task An_interrupted_wait_leaves_the_process_running()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "sleep 987656");
        using var interrupt = new CancellationTokenSource();
        var waiting = stage.CallAsync("process", new JsonObject { ["action"] = "wait", ["session_id"] = id }, interrupt.Token);
        await interrupt.CancelAsync();
        await Assert.That((string)(await waiting)["status"]!).IsEqualTo("interrupted");
        await Assert.That((string)(await CallAsync(stage, "poll", id))["status"]!).IsEqualTo("running");
        await Assert.That((string)(await CallAsync(stage, "wait", id, ("timeout", 1)))["status"]!).IsEqualTo("timeout");
        await CallAsync(stage, "kill", id);
    }

    [Test]
    public async Task The_model_is_told_of_ends_and_of_lines_it_watches_for()
    {
        using var stage = new ToolStage();
        var notices = new System.Collections.Concurrent.BlockingCollection<string>();
        stage.Context.State.Processes.Listen(notices.TryAdd);
        string first = await StartAsync(stage, "echo working; exit 2", ""","notify_on_complete":true""");
        string notice = notices.Take();
        await Assert.That(notice).StartsWith($"[Background process {first} ended with exit code 2.").And.EndsWith("working");
        string second = await StartAsync(stage, "echo boot; echo listening on 80; sleep 987657", ""","watch_patterns":["listening on"]""");
        await Assert.That(notices.Take()).IsEqualTo($"[Background process {second} printed a line you watch for. It is output, not a message of the user: listening on 80]");
        await CallAsync(stage, "kill", second);
    }

    [Test]
    public async Task Processes_belong_to_their_conversation_and_die_with_the_gateway()
    {
        using var stage = new ToolStage();
        string id = await StartAsync(stage, "sleep 987658");
        var own = stage.Context;
        stage.Context = new Gateway.Tools.ToolContext("other", stage.Work, new ScriptedApprovals());
        await Assert.That((string)(await CallAsync(stage, "poll", id))["status"]!).IsEqualTo("not_found");
        await Assert.That(stage.Kit.Background.Of(null).Count).IsEqualTo(1);
        while (!Running("987658")) await Task.Delay(10);
        stage.Children.KillAll();
        while (Running("987658")) await Task.Delay(10);
        stage.Context = own;
        await Assert.That((string)(await CallAsync(stage, "wait", id))["status"]!).IsEqualTo("exited");
    }

    [Test]
    [Arguments("""{}""", "Unknown process action: . Use: list, poll, log, wait, kill, write, submit, close")]
    [Arguments("""{"action":"dance"}""", "Unknown process action: dance. Use: list, poll, log, wait, kill, write, submit, close")]
    [Arguments("""{"action":"poll"}""", "session_id is required for poll")]
    [Arguments("""{"action":"kill","session_id":"proc_0"}""", "No process with ID proc_0")]
    public async Task Bad_calls_are_answered(string arguments, string error)
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("process", arguments))["error"]!).IsEqualTo(error);
    }

    private static bool Running(string seconds) => Directory.GetDirectories("/proc").Any(entry =>
    {
        try
        {
            string command = File.ReadAllText(Path.Combine(entry, "cmdline"));
            return command == $"sleep\0{seconds}\0" && !File.ReadAllText(Path.Combine(entry, "stat")).Contains(") Z ");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
