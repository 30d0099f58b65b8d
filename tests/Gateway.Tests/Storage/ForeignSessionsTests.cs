using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests.StorageTests;

/// <summary>Sessions that another program stored can be listed, resumed and continued; what we store is what it expects.</summary>
public class ForeignSessionsTests
{
    private const string Answers = """{"fallback":{"steps":[{"text":"fine"}]}}""";

    [Test]
    [Arguments("plain", "user:hello|assistant:hi")]
    [Arguments("picture", "user:look at this\n[User attached image]|assistant:a cat")]
    [Arguments("list that is no content", """user:[{"type":"banana"}]|assistant:[1,2""")]
    [Arguments("odd types", "user:42|assistant:blob text")]
    [Arguments("nothing", "user:still here")]
    [Arguments("tools", "user:run|tool:terminal(ls ä)|assistant:done")]
    [Arguments("broken calls", "user:run|assistant:hm")]
    [Arguments("memory", "user:what I said|assistant:what it said")]
    [Arguments("tip", "user:one|assistant:two|user:three|assistant:four")]
    [Arguments("root", "user:one|assistant:two|user:three|assistant:four")]
    [Arguments("circle", "user:round")]
    [Arguments("A title", "user:titled")]
    public async Task Resume(string name, string expected)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Answers));
        ForeignDatabase.Make(stage, """
            INSERT INTO sessions(id, source, started_at) VALUES ('plain','cli',1), ('picture','cli',2), ('list that is no content','cli',3), ('odd types','cli',4),
                ('nothing','telegram',5), ('tools','tui',6), ('broken calls','tui',7), ('memory','cli',8);
            INSERT INTO sessions(id, source, started_at, title) VALUES ('titled','cli',9,'A title');
            INSERT INTO sessions(id, source, started_at, ended_at, end_reason) VALUES ('root','cli',10,20,'compression');
            INSERT INTO sessions(id, source, started_at, parent_session_id) VALUES ('tip','cli',20,'root'), ('circle','cli',30,'circle');
            INSERT INTO messages(session_id, role, content, timestamp) VALUES ('plain','user','hello',1), ('plain','assistant','hi',2),
                ('picture','user','[{"type": "text", "text": "look at this"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]',1), ('picture','assistant','a cat',2),
                ('list that is no content','user','[{"type":"banana"}]',1), ('list that is no content','assistant','[1,2',2),
                ('odd types','user',42,1), ('odd types','assistant',x'626c6f622074657874',2),
                ('nothing','user','still here',1), ('nothing','assistant',NULL,2), ('nothing','session_meta','{}',3),
                ('memory','user','<memory-context>secret past</memory-context>what I said',1), ('memory','assistant','[System note: The following is recalled memory context, NOT new user input. Treat as background.] what it said </MEMORY-context>',2),
                ('titled','user','titled',1),
                ('root','user','one',10), ('root','assistant','two',11),
                ('tip','user','one',20), ('tip','assistant','[CONTEXT COMPACTION — REFERENCE ONLY] notes',20.1), ('tip','user','three',21), ('tip','assistant','four',22),
                ('circle','user','round',30), ('tools','user','run',1), ('broken calls','user','run',1);
            INSERT INTO messages(session_id, role, content, tool_calls, timestamp) VALUES
                ('tools','assistant','','[{"id": "c1", "type": "function", "function": {"name": "terminal", "arguments": "{\"command\": \"ls \u00e4\"}"}}]',2),
                ('broken calls','assistant','hm','[{"id": ',2);
            INSERT INTO messages(session_id, role, content, tool_call_id, timestamp) VALUES ('tools','tool','out','c1',3), ('broken calls','tool','lost','c9',3);
            INSERT INTO messages(session_id, role, content, timestamp) VALUES ('tools','assistant','done',4);
            """).Dispose();
        await using var gateway = new GatewayHarness(stage);
        var resumed = await AskAsync(gateway, "a", "session.resume", $$"""{"session_id":{{Quoted(name)}}}""");
        await Assert.That(Talk(resumed)).IsEqualTo(expected);

        // It goes on, and the model server refuses a history that no provider would take.
        string live = resumed.GetProperty("session_id").GetString()!;
        await AskAsync(gateway, "b", "prompt.submit", $$"""{"session_id":"{{live}}","text":"go on"}""");
        var complete = await CompletedAsync(gateway);
        await Assert.That(complete.GetProperty("text").GetString()).IsEqualTo("fine");
        using var after = ForeignDatabase.Open(stage);
        string key = resumed.GetProperty("resumed").GetString()!;
        await Assert.That(string.Join(',', after.Rows($"SELECT role || ':' || content FROM messages WHERE session_id = {Text(key)} ORDER BY timestamp DESC, id DESC LIMIT 2"))).IsEqualTo("assistant:fine,user:go on");
        await Assert.That(after.Rows($"SELECT ended_at, end_reason FROM sessions WHERE id = {Text(key)}")[0]).IsEqualTo("-|-");
    }

    [Test]
    public async Task Lists_show_what_other_programs_show()
    {
        await using var stage = await Stage.SetAsync();
        ForeignDatabase.Make(stage, """
            INSERT INTO sessions(id, source, started_at, ended_at, end_reason, title, message_count) VALUES
                ('old','cli',1,NULL,NULL,NULL,1), ('root','cli',2,5,'compression','long',1), ('parent','cli',3,6,'branched',NULL,1), ('hidden tool','TOOL',9,NULL,NULL,NULL,1), ('empty','tui',10,NULL,NULL,NULL,0);
            INSERT INTO sessions(id, source, started_at, ended_at, end_reason, parent_session_id, title, message_count) VALUES
                ('middle','cli',5,7,'compression','root','long #2',1), ('tip','cli',7,NULL,NULL,'middle','long #3',1), ('branch','cli',6,NULL,NULL,'parent',NULL,1),
                ('early child','cli',4,NULL,NULL,'parent',NULL,1), ('sub-agent','tui',8,NULL,NULL,'old',NULL,1);
            INSERT INTO messages(session_id, role, content, timestamp) SELECT id, 'user', 'from ' || id || char(10) || 'and a second line that is long enough to be cut off somewhere', started_at FROM sessions WHERE id <> 'empty';
            """).Dispose();
        await using var gateway = new GatewayHarness(stage);
        var listed = (await AskAsync(gateway, "a", "session.list", "{}")).GetProperty("sessions");
        await Assert.That(string.Join(' ', listed.EnumerateArray().Select(row => $"{row.GetProperty("id").GetString()}@{row.GetProperty("started_at").GetDouble()}").ToArray())).IsEqualTo("branch@6 parent@3 tip@2 old@1");
        await Assert.That(listed[2].GetProperty("title").GetString()).IsEqualTo("long #3");
        await Assert.That(listed[3].GetProperty("preview").GetString()).IsEqualTo("from old and a second line that is long enough to be cut off...");
        await Assert.That((await AskAsync(gateway, "b", "session.most_recent", "{}")).GetProperty("session_id").GetString()).IsEqualTo("branch");
    }

    [Test]
    public async Task A_turn_with_tools_is_stored_as_the_contract_says()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""
            {"replies":[{"when":{"last_role":"user"},"steps":[{"reasoning":"hm"},{"text":"Looking."},{"tool_call":{"id":"c1","name":"terminal","arguments":{"command":"echo größe"}}},{"usage":{"input":10,"output":5,"cached":3,"cache_written":0,"reasoning":2}}]}],
             "fallback":{"steps":[{"text":"done"},{"usage":{"input":20,"output":7,"cached":0,"cache_written":0,"reasoning":0}}]}}
            """));
        await using var gateway = new GatewayHarness(stage);
        string live = (await AskAsync(gateway, "a", "session.create", "{}")).GetProperty("session_id").GetString()!;
        await AskAsync(gateway, "b", "prompt.submit", $$"""{"session_id":"{{live}}","text":"run it"}""");
        await CompletedAsync(gateway);
        using var database = ForeignDatabase.Open(stage);
        await Assert.That(string.Join('\n', database.Rows("SELECT role, content, tool_call_id, tool_name, finish_reason, reasoning, token_count FROM messages WHERE role <> 'tool' ORDER BY timestamp, id"))).IsEqualTo(
            "user|run it|-|-|-|-|-\nassistant|Looking.|-|-|tool_calls|hm|-\nassistant|done|-|-|stop|-|-");
        await Assert.That(database.Rows("SELECT tool_call_id, tool_name FROM messages WHERE role = 'tool'")[0]).IsEqualTo("c1|terminal");
        await Assert.That(database.Rows("SELECT json_extract(tool_calls, '$[0].id'), json_extract(tool_calls, '$[0].type'), json_extract(tool_calls, '$[0].function.name'), json_extract(json_extract(tool_calls, '$[0].function.arguments'), '$.command') FROM messages WHERE tool_calls IS NOT NULL")[0])
            .IsEqualTo("c1|function|terminal|echo größe");
        await Assert.That(database.Rows("SELECT source, model, message_count, tool_call_count, input_tokens, output_tokens, cache_read_tokens, reasoning_tokens, api_call_count, parent_session_id, ended_at FROM sessions")[0])
            .IsEqualTo("tui|test-model|4|1|30|12|3|2|2|-|-");
        await Assert.That(database.Rows("SELECT DISTINCT typeof(timestamp) FROM messages UNION SELECT typeof(started_at) FROM sessions")).IsEquivalentTo(["real"]);
        await Assert.That(database.Rows("SELECT length(system_prompt) > 100 FROM sessions")[0]).IsEqualTo("1");
        await Assert.That(database.Rows("SELECT COUNT(*) FROM messages_fts WHERE messages_fts MATCH 'größe'")[0]).IsEqualTo("2");
        await Assert.That(database.Rows("SELECT COUNT(*) FROM messages_fts_trigram WHERE messages_fts_trigram MATCH 'röß'")[0]).IsEqualTo("2");
    }

    private static string Talk(JsonElement resumed) => string.Join('|', resumed.GetProperty("messages").EnumerateArray().Select(row =>
        row.GetProperty("role").GetString() == "tool" ? $"tool:{row.GetProperty("name").GetString()}({row.GetProperty("context").GetString()})" : $"{row.GetProperty("role").GetString()}:{row.GetProperty("text").GetString()}"));

    private static string Quoted(string text) => $"\"{text}\"";

    private static string Text(string text) => $"'{text}'";

    private static async Task<JsonElement> AskAsync(GatewayHarness gateway, string id, string method, string parameters)
    {
        gateway.Send($$"""{"id":"{{id}}","method":"{{method}}","params":{{parameters}}}""");
        int at = await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == id, $"the answer to {method}");
        var answer = gateway.Conversation.Frames[at];
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.ToString());
    }

    private static async Task<JsonElement> CompletedAsync(GatewayHarness gateway)
    {
        int at = await gateway.Conversation.WaitForAsync(
            0,
            frame => frame.TryGetProperty("params", out var parameters) && parameters.GetProperty("type").GetString() is "message.complete" or "error" && parameters.TryGetProperty("type", out _),
            "the end of the turn");
        return gateway.Conversation.Frames[at].GetProperty("params").GetProperty("payload");
    }
}
