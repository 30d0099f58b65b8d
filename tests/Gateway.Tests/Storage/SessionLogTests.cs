using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests.StorageTests;

/// <summary>The file that tells a conversation to people and to other programs (STATE.md section 6).</summary>
public class SessionLogTests
{
    private const string Script = """
        {"replies":[
          {"when":{"last_role":"user","last_user_contains":"look"},"times":1,"steps":[{"reasoning":"hm"},{"text":"Looking."},{"tool_call":{"id":"c1","name":"terminal","arguments":{"command":"echo sk-ant-api03-AAAABBBBCCCCDDDDEEEE; head -c 30000 /dev/zero | tr '\\0' a"}}}]},
          {"when":{"last_user_contains":"fail"},"steps":[{"status":401,"message":"no"}]}
        ],"fallback":{"steps":[{"text":"Grüße"}]}}
        """;

    [Test]
    public async Task It_has_the_whole_conversation_and_no_secret()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using var gateway = new GatewayHarness(stage);
        string session = await OpenAsync(gateway);
        await TurnAsync(gateway, session, "look", "message.complete");
        using var log = await ReadAsync(stage, 4);
        var root = log.RootElement;
        string key = root.GetProperty("session_id").GetString()!;
        await Assert.That(Files(stage)).IsEquivalentTo([$"session_{key}.json"]);
        await Assert.That(root.EnumerateObject().Select(member => member.Name)).IsEquivalentTo(
            ["session_id", "model", "base_url", "platform", "session_start", "last_updated", "system_prompt", "tools", "message_count", "messages"]);
        await Assert.That(root.GetProperty("platform").GetString()).IsEqualTo("tui");
        await Assert.That(root.GetProperty("system_prompt").GetString()).Contains("Conversation started");
        await Assert.That(root.GetProperty("tools").EnumerateArray().Any(tool => tool.GetProperty("function").GetProperty("name").GetString() == "terminal")).IsTrue();
        JsonElement[] messages = [.. root.GetProperty("messages").EnumerateArray()];
        await Assert.That(string.Join(' ', messages.Select(message => message.GetProperty("role").GetString()))).IsEqualTo("user assistant tool assistant");
        await Assert.That(messages[1].GetProperty("reasoning").GetString()).IsEqualTo("hm");
        await Assert.That(messages[1].GetProperty("tool_calls")[0].GetProperty("id").GetString()).IsEqualTo("c1");
        await Assert.That(messages[2].GetProperty("content").GetString()).EndsWith("more characters are in state.db ...]");
        string text = await File.ReadAllTextAsync(PathOf(stage));
        await Assert.That(text).Contains("Grüße").And.Contains("\n  \"messages\": [").And.DoesNotContain("AAAABBBBCCCCDDDDEEEE");
        if (!OperatingSystem.IsWindows()) await Assert.That(File.GetUnixFileMode(PathOf(stage))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Test]
    public async Task It_is_written_after_turns_that_fail_and_never_tells_less_than_it_told()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using var gateway = new GatewayHarness(stage);
        string session = await OpenAsync(gateway);
        await TurnAsync(gateway, session, "one", "message.complete");
        using (await ReadAsync(stage, 2))
        {
        }

        await TurnAsync(gateway, session, "fail", "error");
        using (await ReadAsync(stage, 3))
        {
        }

        // Two messages instead of three, and then four.
        await gateway.AskAsync("session.undo", $$"""{"session_id":"{{session}}"}""");
        await gateway.AskAsync("session.undo", $$"""{"session_id":"{{session}}"}""");
        await TurnAsync(gateway, session, "two", "message.complete");
        await TurnAsync(gateway, session, "three", "message.complete");
        using var log = await ReadAsync(stage, 4);
        await Assert.That(log.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()).IsEqualTo("two");
    }

    [Test]
    public async Task Requests_that_failed_are_written_down_without_secrets_and_only_the_newest_stay()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using var gateway = new GatewayHarness(stage);
        string session = await OpenAsync(gateway);
        for (int i = 0; i < 12; i++)
        {
            await TurnAsync(gateway, session, $"fail {i} with sk-ant-api03-AAAABBBBCCCCDDDDEEEE", "error");
            await Waiting.UntilAsync(() => Dumps(stage), dumps => dumps.Length > 0 && File.ReadAllText(dumps[^1]).Contains($"fail {i} with"), $"dump {i}");
        }

        string[] dumps = await Waiting.UntilAsync(() => Dumps(stage), found => found.Length == 10, "ten dumps");
        await Assert.That(Path.GetFileName(dumps[0])).Matches(@"^request_dump_\d{8}_\d{6}_[0-9a-f]{6}_\d{8}_\d{6}_\d{6}\.json$");
        string text = await File.ReadAllTextAsync(dumps[^1]);
        await Assert.That(text).DoesNotContain("AAAABBBBCCCCDDDDEEEE").And.DoesNotContain("Authorization");
        using var dump = JsonDocument.Parse(text);
        await Assert.That(dump.RootElement.GetProperty("error").GetProperty("status_code").GetInt32()).IsEqualTo(401);
        await Assert.That(dump.RootElement.GetProperty("request").GetProperty("body").GetProperty("messages").GetArrayLength()).IsGreaterThan(1);
    }

    [Test]
    public async Task A_file_that_cannot_be_written_costs_no_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "sessions"), "in the way");
        await using var gateway = new GatewayHarness(stage);
        string session = await OpenAsync(gateway);
        await TurnAsync(gateway, session, "one", "message.complete");
        await TurnAsync(gateway, session, "two", "message.complete");
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(stage.Home, "sessions"))).IsEqualTo("in the way");
    }

    private static async Task<string> OpenAsync(GatewayHarness gateway) =>
        (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;

    private static async Task TurnAsync(GatewayHarness gateway, string session, string text, string end)
    {
        int from = gateway.Conversation.Frames.Count;
        gateway.Send($$$"""{"id":"{{{text}}}","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"{{{text}}}"}}""");
        await gateway.Conversation.WaitForAsync(from, frame => frame.GetRawText().Contains($"\"type\":\"{end}\""), $"the end of {text}");
    }

    private static string[] Files(Stage stage) =>
        Directory.Exists(Path.Combine(stage.Home, "sessions")) ? [.. Directory.EnumerateFiles(Path.Combine(stage.Home, "sessions"), "session_*.json").Select(path => Path.GetFileName(path))] : [];

    private static string[] Dumps(Stage stage) =>
        Directory.Exists(Path.Combine(stage.Home, "sessions")) ? [.. Directory.GetFiles(Path.Combine(stage.Home, "sessions"), "request_dump_*.json").Order(StringComparer.Ordinal)] : [];

    private static string PathOf(Stage stage) => Path.Combine(stage.Home, "sessions", Files(stage).Single());

    private static Task<JsonDocument> ReadAsync(Stage stage, int messages) => Waiting.UntilAsync(
        () => JsonDocument.Parse(Files(stage).Length == 1 ? File.ReadAllText(PathOf(stage)) : "{}"),
        log => log.RootElement.TryGetProperty("message_count", out var count) && count.GetInt32() == messages,
        $"a log of {messages} messages",
        log => log.RootElement.GetRawText()[..Math.Min(300, log.RootElement.GetRawText().Length)]);
}
