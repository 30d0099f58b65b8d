using Gateway.Tests.ProcessesTests;
using Gateway.Tests.Shared;
using Gateway.Tests.StorageTests;
using ModelServer;
using ModelServer.Script;

namespace Gateway.Tests.SubagentTests;

/// <summary>Agents that work beside a conversation, in the whole gateway.</summary>
[NotInParallel("children")]
public class SideAgentTests
{
    private const string Digging = """
        {"replies":[
          {"when":{"last_user_contains":"under these headings"},"steps":[{"text":"## Active Task\nGo on digging."},{"usage":{"input":1,"output":1}}]},
          {"when":{"last_user_contains":"CONTEXT COMPACTION","last_role":"tool"},"steps":[{"text":"dug through"}]},
          {"when":{"last_user_contains":"dig deep","last_role":"user"},"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"head -c 49000 /dev/zero | tr '\\0' a"}}}]},
          {"when":{"last_user_contains":"dig deep"},"times":4,"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"head -c 4900{{call}} /dev/zero | tr '\\0' b"}}}]},
          {"when":{"last_user_contains":"dig deep"},"steps":[{"status":400,"body":"{\"error\":{\"message\":\"maximum context length is 50000 tokens\"}}"}]},
          {"when":{"last_user_contains":"send one","last_role":"user"},"steps":[{"tool_call":{"name":"delegate_task","arguments":{"goal":"dig deep"}}}]},
          {"when":{"tool_result_contains":"dug through"},"steps":[{"text":"all dug"}]}
        ],"fallback":{"steps":[{"text":"call {{call}} was not understood: {{last_user_text}}"}]}}
        """;

    [Test]
    [Arguments("prompt.submit", "send one", "\"text\":\"all dug\"", 2)]
    [Arguments("prompt.background", "dig deep", "\"text\":\"dug through\"", 1)]
    public async Task A_conversation_that_grows_too_large_is_shortened_and_its_row_keeps_all(string method, string text, string answer, int rows)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Digging));
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        gateway.Send($$$"""{"id":"p","method":"{{{method}}}","params":{"session_id":"{{{session}}}","text":"{{{text}}}"}}""");
        int end = await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText() is var raw && raw.Contains("complete\"") && (raw.Contains("\"message.complete\"") || raw.Contains("\"background.complete\"")), "the end");
        await Assert.That(gateway.Conversation.Frames[end].GetRawText()).Contains(answer);

        using var database = ForeignDatabase.Open(stage);
        await Assert.That(database.Rows("SELECT COUNT(*) FROM sessions WHERE message_count > 0")[0]).IsEqualTo($"{rows}");
        string key = database.Rows("SELECT session_id FROM messages WHERE content = 'dig deep'").Single();
        var stored = database.Rows($"SELECT role || ' ' || substr(COALESCE(content, ''), 1, 20) FROM messages WHERE session_id = '{key}' ORDER BY id");
        await Assert.That(stored.Count).IsEqualTo(12);
        await Assert.That(stored[^1]).IsEqualTo("assistant dug through");
        await Assert.That(stored.Count(line => line.StartsWith("tool {\"output\""))).IsEqualTo(5);
        await Assert.That(database.Rows($"SELECT api_call_count FROM sessions WHERE id = '{key}'")[0]).IsEqualTo("7");
    }

    [Test]
    public async Task What_subagents_cost_is_on_the_account_of_the_session()
    {
        await using var model = await ScriptedModelServer.StartAsync(ModelScript.Parse(
            """
            {"replies":[
              {"when":{"last_user_contains":"send one","last_role":"user"},"steps":[{"tool_call":{"name":"delegate_task","arguments":{"goal":"look"}}},{"usage":{"input":1000000,"output":0}}]},
              {"when":{"last_user_contains":"look"},"steps":[{"text":"seen"},{"usage":{"input":2000000,"output":0}}]}
            ],"fallback":{"steps":[{"text":"done"},{"usage":{"input":1000000,"output":0}}]}}
            """));
        await using var stage = await Stage.SetAsync(null, [$"model: {{default: deepseek-chat, provider: deepseek, base_url: \"{model.Url}/v1\", api_key: test-key-1234567890}}"]);
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        gateway.Send($$$"""{"id":"p","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"send one"}}""");
        int end = await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");
        var usage = gateway.Conversation.Frames[end].GetProperty("params").GetProperty("payload").GetProperty("usage");
        await Assert.That(usage.GetProperty("cost_usd").GetDouble()).IsEqualTo(0.56);
        await Assert.That(usage.GetProperty("cost_status").GetString()).IsEqualTo("estimated");
        await Assert.That(usage.GetProperty("calls").GetInt32()).IsEqualTo(2);

        using var database = ForeignDatabase.Open(stage);
        await Assert.That(database.Rows("SELECT ROUND(estimated_cost_usd, 6) FROM sessions ORDER BY parent_session_id IS NOT NULL")).IsEquivalentTo(["0.28", "0.28"]);
    }

    [Test]
    public async Task An_interrupt_ends_subagents_and_theirs_with_all_that_runs()
    {
        string mark = "8" + Random.Shared.Next(1_000_000, 9_999_999);
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""
                {"replies":[
                  {"when":{"last_user_contains":"send one","last_role":"user"},"steps":[{"tool_call":{"name":"delegate_task","arguments":{"goal":"send on","role":"orchestrator"}}}]},
                  {"when":{"last_user_contains":"send on","last_role":"user"},"steps":[{"tool_call":{"name":"delegate_task","arguments":{"goal":"wait"}}}]},
                  {"when":{"last_user_contains":"wait","last_role":"user"},"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"sleep MARK","background":true}}}]},
                  {"when":{"last_user_contains":"wait"},"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"sleep MARK; true"}}}]}
                ]}
                """.Replace("MARK", mark)),
            ["delegation: {max_spawn_depth: 2}"]);
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        gateway.Send($$$"""{"id":"p","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"send one"}}""");
        await Assert.That(await Facts.BecomesTrueAsync(() => Sleeping(mark) == 2)).IsTrue();
        _ = (await gateway.AskAsync("session.interrupt", $$"""{"session_id":"{{session}}"}""")).Result();
        await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");

        // Nothing is left to wait for: the turn ended after its subagents, and they after what they waited for. What runs in the background
        // belongs to the conversation.
        await Assert.That(Sleeping(mark)).IsEqualTo(1);
        await Assert.That((await gateway.AskAsync("process.stop")).Result().GetProperty("killed").GetInt32()).IsEqualTo(1);
        await Assert.That(await Facts.BecomesTrueAsync(() => Sleeping(mark) == 0)).IsTrue();
        await Assert.That((await gateway.AskAsync("delegation.status")).Result().GetProperty("active").GetArrayLength()).IsEqualTo(0);
        var ends = gateway.Conversation.Frames.Where(frame => frame.GetRawText().Contains("\"subagent.complete\"")).Select(frame => frame.GetProperty("params").GetProperty("payload")).ToArray();
        await Assert.That(ends.Select(end => $"{end.GetProperty("goal")} {end.GetProperty("status")}")).IsEquivalentTo(["wait interrupted", "send on interrupted"]);
    }

    private static int Sleeping(string mark) => Directory.EnumerateDirectories("/proc").Count(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")) == $"sleep\0{mark}\0";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
