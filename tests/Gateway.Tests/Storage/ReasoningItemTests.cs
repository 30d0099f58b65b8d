using System.Text.Json;
using Gateway.Agent;
using Gateway.Sessions;
using Gateway.Storage;
using Gateway.Tests.Shared;
using ModelServer.Requests;
using ModelServer.Script;

namespace Gateway.Tests.StorageTests;

/// <summary>Encrypted reasoning of Responses endpoints on disk.</summary>
public class ReasoningItemTests
{
    private const string Items = """[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"enc","_issuer_kind":"other:https://h/v1"}]""";
    private const string Blocks = """[{"type":"thinking","thinking":"x","signature":"s"}]""";

    [Test]
    [Arguments(Items, null, Items)]
    [Arguments(Blocks, Blocks, null)]
    [Arguments("[broken", "[broken", null)]
    [Arguments(null, null, null)]
    public async Task Each_kind_of_reasoning_has_its_column(string? kept, string? details, string? items)
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        var records = new SessionRecords(file, TimeProvider.System);
        var message = new ConversationMessage(Role.Assistant, "a") { ReasoningDetailsJson = kept, ToolCalls = [new StoredToolCall("call_1", "t", "{}") { ResponseItemId = "fc_1" }] };
        long row = records.Append("key", "m", new StoredMessage("assistant", "half") { CodexReasoningItemsJson = "old", ReasoningDetailsJson = "old" });
        records.Replace("key", row, MessageRecords.ToRow(message));
        records.Append("key", "m", MessageRecords.ToRow(message));
        using (var database = ForeignDatabase.Open(stage))
        {
            foreach (string stored in database.Rows("SELECT COALESCE(reasoning_details, ''), COALESCE(codex_reasoning_items, ''), json_extract(tool_calls, '$[0].response_item_id') FROM messages"))
                await Assert.That(stored).IsEqualTo($"{details}|{items}|fc_1");
        }

        foreach (var read in MessageRecords.FromRows(records.Messages("key")).Where(read => read.Role == Role.Assistant))
        {
            await Assert.That(read.ReasoningDetailsJson).IsEqualTo(kept);
            await Assert.That(read.ToolCalls.Single()).IsEqualTo(message.ToolCalls.Single());
        }
    }

    [Test]
    [Arguments("why", "[{\"type\":\"message\"}]")]
    [Arguments("", null)]
    [Arguments(null, null)]
    public async Task Reasoning_content_and_message_items_have_their_columns(string? thought, string? items)
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        var records = new SessionRecords(file, TimeProvider.System);
        var message = new ConversationMessage(Role.Assistant, "a") { ReasoningContent = thought, MessageItemsJson = items };
        long row = records.Append("key", "m", new StoredMessage("assistant", "half") { ReasoningContent = "old", CodexMessageItemsJson = "old" });
        records.Replace("key", row, MessageRecords.ToRow(message));
        records.Append("key", "m", MessageRecords.ToRow(message));
        records.Append("key", "m", new StoredMessage("user", "b") { ReasoningContent = "of nobody", CodexMessageItemsJson = "of nobody" });
        using (var database = ForeignDatabase.Open(stage))
        {
            foreach (string stored in database.Rows("SELECT COALESCE(reasoning_content, 'none'), COALESCE(codex_message_items, 'none') FROM messages WHERE role = 'assistant'"))
                await Assert.That(stored).IsEqualTo($"{thought ?? "none"}|{items ?? "none"}");
        }

        var read = MessageRecords.FromRows(records.Messages("key"));
        await Assert.That(read.Select(each => each.ReasoningContent)).IsEquivalentTo([thought, thought, null]);
        await Assert.That(read.Select(each => each.MessageItemsJson)).IsEquivalentTo([items, items, null]);
        await Assert.That(records.Shown("key").Count).IsEqualTo(3);
    }

    [Test]
    public async Task Rows_of_other_programs_may_join_both_ids_of_a_call()
    {
        const string calls = """[{"id":"call_1|fc_1","call_id":"call_1","type":"function","function":{"name":"t","arguments":"{}"}}]""";
        var history = MessageRecords.FromRows(
            [new StoredMessage("user", "go"), new StoredMessage("assistant", "") { ToolCallsJson = calls }, new StoredMessage("tool", "done") { ToolCallId = "call_1|fc_1" }]);
        await Assert.That(history.Count).IsEqualTo(3);
        await Assert.That(history[1].ToolCalls.Single()).IsEqualTo(new StoredToolCall("call_1", "t", "{}") { ResponseItemId = "fc_1" });
        await Assert.That(history[2].ToolCallId).IsEqualTo("call_1");
        await Assert.That(history[2].Content).IsEqualTo("done");
    }

    [Test]
    public async Task A_resumed_conversation_sends_the_reasoning_back()
    {
        const string script = """
            {"replies":[
              {"when":{"last_user_contains":"first","last_role":"user","has_tool":"terminal"},"times":1,
               "steps":[{"reasoning":"Hm — é.","signature":"sealed"},{"text":"Looking."},{"tool_call":{"id":"call_1","name":"terminal","arguments":{"command":"echo hi"}}}]},
              {"when":{"last_role":"tool"},"times":1,"steps":[{"text":"Done."}]},
              {"when":{"last_user_contains":"second","has_tool":"terminal"},"steps":[{"text":"Still here."}]}],
             "fallback":{"steps":[{"text":"A title"}]}}
            """;
        await using var stage = await Stage.SetAsync(ModelScript.Parse(script));
        await File.WriteAllTextAsync(
            Path.Combine(stage.Home, "config.yaml"), $"model: {{default: gpt-test, provider: custom, base_url: \"{stage.Model!.Url}/v1\", api_key: test-key-1234567890, api_mode: codex_responses}}\n");
        string key;
        await using (var gateway = new GatewayHarness(stage))
        {
            var created = (await gateway.AskAsync("session.create")).Result();
            await TurnAsync(gateway, created.GetProperty("session_id").GetString()!, "first");
            using var database = ForeignDatabase.Open(stage);
            key = database.Rows("SELECT DISTINCT session_id FROM messages").Single();
            await Assert.That(database.Rows("SELECT json_extract(codex_reasoning_items, '$[0].encrypted_content') FROM messages WHERE codex_reasoning_items LIKE '%sealed%'")).IsEquivalentTo(["sealed"]);
        }

        await using (var gateway = new GatewayHarness(stage))
        {
            var resumed = (await gateway.AskAsync("session.resume", $$"""{"session_id":"{{key}}"}""")).Result();
            await TurnAsync(gateway, resumed.GetProperty("session_id").GetString()!, "second");
        }

        RecordedRequest[] turns = [.. stage.Model.ModelCalls.Where(call => call.BodyText.Contains("\"tools\"", StringComparison.Ordinal))];
        await Assert.That(turns.Select(call => call.Path).Distinct()).IsEquivalentTo(["/v1/responses"]);
        await Assert.That(turns.Select(call => call.Json().GetProperty("prompt_cache_key").GetString()!).Distinct()).IsEquivalentTo([key]);
        string before = turns[^2].Json().GetProperty("input").GetRawText(), after = turns[^1].Json().GetProperty("input").GetRawText();
        await Assert.That(before).Contains("""{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm — é."}],"encrypted_content":"sealed"},{"role":"assistant","content":"Looking."},{"type":"function_call","call_id":"call_1",""");
        await Assert.That(after).StartsWith(before[..^1]);
        await Assert.That(after).EndsWith("""{"role":"user","content":"second"}]""");
    }

    private static async Task TurnAsync(GatewayHarness gateway, string session, string text)
    {
        int from = gateway.Conversation.Count;
        await gateway.AskAsync("prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");
        await gateway.Conversation.WaitForAsync(
            from, frame => frame.TryGetProperty("params", out JsonElement parameters) && parameters.GetProperty("type").GetString() == "message.complete", "the end of the turn");
    }
}
