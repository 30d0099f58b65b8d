using System.Text.Json;
using Gateway.Storage;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests.Storage;

/// <summary>session.save: the file, its name, its mode, and what happens when it cannot be written.</summary>
public class SessionExportTests
{
    private const string Script = """
        {"replies":[{"when":{"last_role":"tool"},"steps":[{"text":"It says: é 😀 \"quoted\""}]}],
         "fallback":{"steps":[{"reasoning":"Let me think."},{"text":"I will look."},{"tool_call":{"id":"call_1","name":"terminal","arguments":{"command":"echo hi"}}}]}}
        """;

    [Test]
    public async Task The_file_holds_the_raw_messages()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        await using var gateway = new GatewayHarness(stage);
        string session = await TalkAsync(gateway);
        string file = await SaveAsync(gateway, session);
        await Assert.That(Path.GetDirectoryName(file)).IsEqualTo(stage.Work);
        await Assert.That(Path.GetFileName(file)).Matches(@"^hermes_conversation_20\d{6}_\d{6}\.json$");
        await Assert.That(File.GetUnixFileMode(file)).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string text = await File.ReadAllTextAsync(file);
        await Assert.That(text).StartsWith("{\n  \"model\": \"test-model\",\n  \"messages\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"schau, bitte — 😀\"\n    },\n");
        await Assert.That(text).Contains("\"content\": \"It says: é 😀 \\\"quoted\\\"\"");
        var messages = JsonDocument.Parse(text).RootElement.GetProperty("messages");
        await Assert.That(messages.EnumerateArray().Select(message => message.GetProperty("role").GetString()!)).IsEquivalentTo(["user", "assistant", "tool", "assistant"]);
        var call = messages[1].GetProperty("tool_calls")[0];
        await Assert.That(messages[1].GetProperty("content").GetString()).IsEqualTo("I will look.");
        await Assert.That(messages[1].GetProperty("reasoning").GetString()).IsEqualTo("Let me think.");
        await Assert.That(messages[1].GetProperty("finish_reason").GetString()).IsEqualTo("tool_calls");
        await Assert.That(call.GetProperty("id").GetString()).IsEqualTo("call_1");
        await Assert.That(call.GetProperty("type").GetString()).IsEqualTo("function");
        await Assert.That(call.GetProperty("function").GetProperty("name").GetString()).IsEqualTo("terminal");
        await Assert.That(JsonDocument.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).RootElement.GetProperty("command").GetString()).IsEqualTo("echo hi");
        await Assert.That(messages[2].GetProperty("tool_call_id").GetString()).IsEqualTo("call_1");
        await Assert.That(messages[2].GetProperty("tool_name").GetString()).IsEqualTo("terminal");
        await Assert.That(messages[2].GetProperty("content").GetString()).Contains("hi");
        await Assert.That(messages[3].TryGetProperty("tool_calls", out _)).IsFalse();
    }

    [Test]
    public async Task Files_of_the_same_second_all_stay_and_an_empty_conversation_is_one()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string[] sessions = [await CreateAsync(gateway), await CreateAsync(gateway)];
        string[] files = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => SaveAsync(gateway, sessions[number % 2])));
        await Assert.That(files.Distinct().Count()).IsEqualTo(20);
        await Assert.That(Directory.GetFileSystemEntries(stage.Work)).IsEquivalentTo(files);
        foreach (string file in files)
            await Assert.That(JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement.GetProperty("messages").GetArrayLength()).IsEqualTo(0);
    }

    [Test]
    public async Task A_stored_key_names_the_session_too_and_odd_rows_do_not_break_the_file()
    {
        await using var stage = await Stage.SetAsync();
        using (var state = new StateFile(Path.Combine(stage.Home, "state.db")))
        {
            var records = new SessionRecords(state, TimeProvider.System);
            records.Append("20240101_000000_abcdef", "m", new StoredMessage("user", null));
            records.Append("20240101_000000_abcdef", "m", new StoredMessage("assistant", "a\u2028b") { ReasoningDetailsJson = """[{"signature":"\ud800é","n":1.50}]""" });
            records.Append("20240101_000000_abcdef", "m", new StoredMessage("assistant", "c") { ReasoningDetailsJson = "[broken" });
        }

        await using var gateway = new GatewayHarness(stage);
        var messages = JsonDocument.Parse(await File.ReadAllTextAsync(await SaveAsync(gateway, "20240101_000000_abcdef"))).RootElement.GetProperty("messages");
        await Assert.That(messages[0].GetProperty("content").ValueKind).IsEqualTo(JsonValueKind.Null);
        await Assert.That(messages[1].GetProperty("content").GetString()).IsEqualTo("a\u2028b");
        await Assert.That(messages[1].GetProperty("reasoning_details")[0].GetProperty("signature").GetString()).IsEqualTo("\ufffdé");
        await Assert.That(messages[1].GetProperty("reasoning_details")[0].GetProperty("n").GetRawText()).IsEqualTo("1.50");
        await Assert.That(messages[2].GetProperty("reasoning_details").GetString()).IsEqualTo("[broken");
    }

    [Test]
    public async Task A_directory_that_is_gone_is_named()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string session = await CreateAsync(gateway);
        Directory.Delete(stage.Work);
        await Assert.That((await gateway.AskAsync("session.save", Session(session))).Refusal()).IsEqualTo($"5011 the conversation was not saved in {stage.Work}: there is no such directory");
    }

    private static async Task<string> TalkAsync(GatewayHarness gateway)
    {
        string session = await CreateAsync(gateway);
        await gateway.AskAsync("prompt.submit", $$"""{"session_id":"{{session}}","text":"schau, bitte — 😀"}""");
        await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("params", out var parameters) && parameters.GetProperty("type").GetString() == "message.complete", "the end of the turn");
        return session;
    }

    private static async Task<string> CreateAsync(GatewayHarness gateway) =>
        (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;

    private static async Task<string> SaveAsync(GatewayHarness gateway, string session) =>
        (await gateway.AskAsync("session.save", Session(session))).Result().GetProperty("file").GetString()!;

    private static string Session(string id) => $$"""{"session_id":"{{id}}"}""";
}
