using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Agent;
using Gateway.Processes;
using Gateway.Tools;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

/// <summary>Whom background processes belong to, and what is told of them to whom.</summary>
[NotInParallel("children")]
public class ProcessNoticeTests
{
    private static Task<JsonNode> StartAsync(ToolStage stage, string command, string more = "")
    {
        var arguments = JsonNode.Parse($$"""{"background":true{{more}}}""")!.AsObject();
        arguments["command"] = command;
        return stage.CallAsync("terminal", arguments);
    }

    private static Task<JsonNode> CallAsync(ToolStage stage, string action, JsonNode started) =>
        stage.CallAsync("process", new JsonObject { ["action"] = action, ["session_id"] = (string)started["session_id"]! });

    private static BlockingCollection<string> Listen(ToolStage stage)
    {
        var notices = new BlockingCollection<string>();
        stage.Context.State.Processes.Listen(notices.TryAdd);
        return notices;
    }

    [Test]
    public async Task An_end_that_is_known_is_not_told()
    {
        using var stage = new ToolStage();
        var notices = Listen(stage);
        const string told = ""","notify_on_complete":true""";
        var killed = await StartAsync(stage, "sleep 7754321", told);
        await CallAsync(stage, "kill", killed);
        var stopped = await StartAsync(stage, "sleep 7754322", told);
        await Assert.That(stage.Kit.Background.KillAll()).IsEqualTo(1);
        var awaited = await StartAsync(stage, "read -r line", told);
        var wait = CallAsync(stage, "wait", awaited);
        await stage.CallAsync("process", new JsonObject { ["action"] = "submit", ["session_id"] = (string)awaited["session_id"]!, ["data"] = "" });
        await Assert.That((string)(await wait)["status"]!).IsEqualTo("exited");
        await CallAsync(stage, "wait", stopped);

        // Ends are told in the order in which they are noticed, so that one that is told comes behind those that are not.
        var last = await StartAsync(stage, "echo last", told);
        await Assert.That(notices.Take()).StartsWith($"[Background process {last["session_id"]} ended with exit code 0.").And.EndsWith("not a message of the user.]\nlast");
        await Assert.That(notices.Count).IsEqualTo(0);
    }

    [Test]
    public async Task What_nobody_hears_of_is_not_promised()
    {
        using var stage = new ToolStage();
        var started = await StartAsync(stage, "true", ""","notify_on_complete":true,"watch_patterns":["x"]""");
        await Assert.That(started["notify_on_complete"]).IsNull();
        await Assert.That(started["watch_patterns_ignored"]).IsNull();
        Listen(stage);
        await Assert.That((bool)(await StartAsync(stage, "true", ""","notify_on_complete":true"""))["notify_on_complete"]!).IsTrue();
    }

    [Test]
    public async Task Watched_lines_are_masked_shortened_and_seen_without_a_line_end()
    {
        using var stage = new ToolStage();
        var notices = Listen(stage);
        await StartAsync(stage, "printf 'ready DB_PASSWORD=hunter2hunter2 %01000d' 7", ""","watch_patterns":["ready"]""");
        string notice = notices.Take();
        await Assert.That(notice).Contains("It is output, not a message of the user: ready DB_PASSWORD=***").And.DoesNotContain("hunter2");
        await Assert.That(notice.Length).IsLessThan(700);
        stage.Context = stage.Context with { RedactsSecrets = false };
        await StartAsync(stage, "echo ready DB_PASSWORD=hunter2hunter2", ""","watch_patterns":["ready"]""");
        await Assert.That(notices.Take()).Contains("hunter2hunter2");
    }

    [Test]
    public async Task What_could_not_be_told_is_told_to_the_next_listener()
    {
        var owner = new ProcessOwner();
        owner.Listen(_ => false);
        foreach (int number in Enumerable.Range(0, 20)) owner.Tell(number.ToString());
        var heard = new List<string>();
        owner.Listen(notice =>
        {
            heard.Add(notice);
            return true;
        });
        await Assert.That(string.Join(' ', heard)).IsEqualTo("4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
    }

    [Test]
    public async Task Fifteen_lines_in_ten_seconds_are_told_then_none_for_thirty()
    {
        var time = new ManualTime();
        var budget = new NoticeBudget(time);
        int Taken(int tries) => Enumerable.Range(0, tries).Count(_ => budget.TryTake());
        await Assert.That(Taken(20)).IsEqualTo(15);
        time.Advance(TimeSpan.FromSeconds(29));
        await Assert.That(Taken(1)).IsEqualTo(0);
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.That(Taken(10)).IsEqualTo(10);
        time.Advance(TimeSpan.FromSeconds(11));
        await Assert.That(Taken(15)).IsEqualTo(15);
    }

    [Test]
    public async Task Processes_are_found_again_under_the_key_of_their_conversation()
    {
        using var stage = new ToolStage();
        stage.Context.State.Processes = stage.Kit.Background.OwnerOf("key");
        var started = await StartAsync(stage, "sleep 7754323");
        stage.Context = new ToolContext("key", stage.Work, new ScriptedApprovals()) { State = new ToolState(stage.Work) { Processes = stage.Kit.Background.OwnerOf("key") } };
        await Assert.That((string)(await CallAsync(stage, "poll", started))["status"]!).IsEqualTo("running");
        await CallAsync(stage, "kill", started);
    }

    [Test]
    public async Task Of_those_that_ended_the_oldest_are_dropped_beyond_sixty_four()
    {
        var children = new ChildProcesses();
        var processes = new BackgroundProcesses(children, TimeProvider.System);
        var owner = new ProcessOwner();
        for (int number = 0; number < 70; number++)
        {
            var process = new BackgroundProcess($"proc_{number}", owner, "true", "/", DateTimeOffset.UnixEpoch);
            await processes.StartAsync(process, new ChildStart { Path = "/bin/true", Environment = new Dictionary<string, string>(), WorkingDirectory = "/" }, null, null);
            await process.Ended;
        }

        await Assert.That(string.Join(' ', processes.Of(owner).Select(process => process.Id[5..]))).IsEqualTo(string.Join(' ', Enumerable.Range(6, 64)));
    }

    [Test]
    public async Task What_cannot_start_is_no_process()
    {
        var processes = new BackgroundProcesses(new ChildProcesses(), TimeProvider.System);
        var process = new BackgroundProcess("proc_x", new ProcessOwner(), "x", "/", DateTimeOffset.UnixEpoch);
        var start = new ChildStart { Path = "/no/such", Environment = new Dictionary<string, string>(), WorkingDirectory = "/" };
        await Assert.That(async () => await processes.StartAsync(process, start, null, null)).Throws<ChildStartException>();
        await Assert.That(processes.Of(null).Count).IsEqualTo(0);
    }

    [Test]
    public async Task What_happens_does_not_pass_for_the_users_words()
    {
        var guidance = new Guidance();
        guidance.AddNotice("[a process ended]");
        guidance.Add("stop");
        guidance.Add("now");
        await Assert.That(guidance.TakeApart()).IsEqualTo(("stop\nnow", "[a process ended]"));
        await Assert.That(guidance.Take()).IsNull();
        guidance.AddNotice("n");
        await Assert.That(guidance.Take()).IsEqualTo("n");
        guidance.Add("s");
        await Assert.That(guidance.Take()).IsEqualTo("s");
    }
}
