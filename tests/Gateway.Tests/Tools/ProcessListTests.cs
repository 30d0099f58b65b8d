using System.Text.Json.Nodes;
using Gateway.Tests.Shared;

namespace Gateway.Tests.ToolsTests;

/// <summary>processes.json, which other programs read (STATE.md).</summary>
[NotInParallel("children")]
public class ProcessListTests
{
    [Test]
    public async Task What_runs_in_the_background_is_written_down_until_it_ends()
    {
        using var stage = new ToolStage();
        stage.Context.State.Processes = stage.Kit.Background.OwnerOf("the-key");
        var started = await stage.CallAsync("terminal", """{"command":"X_API_KEY=sk-aaaabbbbccccddddeeee exec sleep 987","background":true}""");
        var entry = (await WrittenAsync(stage, list => list.Count == 1))[0]!;
        await Assert.That((string)entry["session_id"]!).IsEqualTo((string)started["session_id"]!);
        await Assert.That((int)entry["pid"]!).IsEqualTo((int)started["pid"]!);
        await Assert.That((string)entry["command"]!).EndsWith("exec sleep 987").And.DoesNotContain("bbbbcccc");
        await Assert.That((string)entry["cwd"]!).IsEqualTo(stage.Work);
        await Assert.That((string)entry["session_key"]!).IsEqualTo("the-key");
        await Assert.That((double)entry["started_at"]!).IsGreaterThan(1_600_000_000);
        await Assert.That(string.Join(' ', entry.AsObject().Select(member => member.Key))).IsEqualTo(
            "session_id command pid pid_scope cwd started_at task_id session_key watcher_platform watcher_chat_id watcher_user_id watcher_user_name watcher_thread_id watcher_interval notify_on_complete watch_patterns");
        await Assert.That(File.GetUnixFileMode(ListPath(stage))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await stage.CallAsync("process", $$"""{"action":"kill","session_id":"{{(string)started["session_id"]!}}"}""");
        await WrittenAsync(stage, list => list.Count == 0);
    }

    [Test]
    public async Task Others_entries_stay_while_their_process_is_there()
    {
        using var stage = new ToolStage();
        string alive = $$"""{"session_id":"proc_a","pid":{{Environment.ProcessId}},"pid_scope":"host","more":[1]}""";
        const string sandbox = """{"session_id":"proc_b","pid":2000000000,"pid_scope":"sandbox"}""";
        File.WriteAllText(ListPath(stage), $$"""[{{alive}},{"session_id":"proc_c","pid":2000000000,"pid_scope":"host"},{{sandbox}},7]""");
        await stage.CallAsync("terminal", """{"command":"exec sleep 987","background":true}""");
        var list = await WrittenAsync(stage, list => list.Count == 3 && (string)list[2]!["command"]! == "exec sleep 987");
        await Assert.That(list[0]!.ToJsonString()).IsEqualTo(alive);
        await Assert.That(list[1]!.ToJsonString()).IsEqualTo(sandbox);
        stage.Kit.Background.Close();
        await Assert.That(Read(stage).Count).IsEqualTo(2);
    }

    [Test]
    [Arguments("no JSON")]
    [Arguments("{}")]
    [Arguments("")]
    public async Task A_broken_list_is_made_anew(string text)
    {
        using var stage = new ToolStage();
        File.WriteAllText(ListPath(stage), text);
        await stage.CallAsync("terminal", """{"command":"exec sleep 987","background":true}""");
        await WrittenAsync(stage, list => list.Count == 1);
    }

    [Test]
    public async Task Without_commands_in_the_background_there_is_no_list_and_what_cannot_be_written_hinders_nothing()
    {
        using var stage = new ToolStage();
        await stage.CallAsync("terminal", """{"command":"echo hi"}""");
        stage.Kit.Background.Close();
        await Assert.That(File.Exists(ListPath(stage))).IsFalse();
        Directory.CreateDirectory(ListPath(stage));
        var started = await stage.CallAsync("terminal", """{"command":"exec sleep 987","background":true}""");
        await Assert.That((int)started["exit_code"]!).IsEqualTo(0);
        stage.Kit.Background.Close();
    }

    private static string ListPath(ToolStage stage) => Path.Combine(stage.Home, "processes.json");

    private static JsonArray Read(ToolStage stage) => JsonNode.Parse(File.ReadAllText(ListPath(stage)))!.AsArray();

    private static async Task<JsonArray> WrittenAsync(ToolStage stage, Func<JsonArray, bool> isSo)
    {
        JsonArray? list = null;
        await Waiting.UntilAsync(
            () => File.Exists(ListPath(stage)) && File.ReadAllText(ListPath(stage)) is ['[', ..] text && isSo(list = JsonNode.Parse(text)!.AsArray()), so => so, "the list to be written");
        return list!;
    }
}
