using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests.McpTests;

/// <summary>What clients of a whole gateway see of MCP servers.</summary>
[NotInParallel("children")]
public class McpSessionTests
{
    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Mcp", name);

    private static string Good(string more = "") => $"  my.srv: {{command: bash, args: ['{Script("server.sh")}', good]{more}}}";

    [Test]
    public async Task Sessions_are_told_when_a_server_comes_is_lost_comes_back_and_has_other_tools()
    {
        const string script = """
            {"replies":[{"when":{"last_user_contains":"end it","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_my_srv_die","arguments":{}}}]},
            {"when":{"last_user_contains":"let it grow","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_my_srv_grow","arguments":{}}}]}],
            "fallback":{"steps":[{"text":"done"}]}}
            """;
        await using var talk = await Talk.BeginAsync(script, Good(), "  gone: {command: no_such_program_here}");
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Server(info, "my.srv") is { Connected: true, Tools: 7, Error: null } && Server(info, "gone") is { Connected: false, Error: { } error }
            && error.Contains("no_such_program_here") && Tools(info).Contains("mcp_my_srv_echo"));
        await talk.PromptAsync(session, "end it");
        await talk.InfoAsync(session, info => Server(info, "my.srv") is { Connected: false, Tools: 0, Error: "the connection was lost" } && Tools(info).Length == 0);
        await talk.InfoAsync(session, info => Server(info, "my.srv") is { Connected: true, Tools: 7, Error: null });
        await talk.PromptAsync(session, "let it grow");
        await talk.InfoAsync(session, info => Tools(info).Contains("mcp_my_srv_late"));
    }

    [Test]
    public async Task A_reload_reaches_every_live_session()
    {
        await using var talk = await Talk.BeginAsync("""{"fallback":{"steps":[{"text":"done"}]}}""", Good());
        string first = await talk.OpenAsync();
        string second = await talk.OpenAsync();
        await talk.BothAsync(0, first, second, info => Server(info, "my.srv").Connected);
        await talk.ConfigureAsync(Good(", tools: {include: [echo]}"));
        int before = talk.Position;
        await Assert.That((string?)(await talk.CallAsync("reload.mcp", $$"""{"session_id":"{{first}}"}""")).GetProperty("status").GetString()).IsEqualTo("reloaded");
        await talk.BothAsync(before, first, second, info => string.Join(' ', Tools(info)) == "mcp_my_srv_echo");

        await talk.ConfigureAsync();
        await talk.CallAsync("reload.mcp", "{}");
        await talk.InfoAsync(second, info => Tools(info).Length == 0);
    }

    [Test]
    public async Task A_server_asks_the_sessions_own_model()
    {
        const string script = """
            {"replies":[{"when":{"last_user_contains":"ask it","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_srv_ask","arguments":{}}}]},
            {"when":{"last_user_contains":"two and two","model":"small"},"steps":[{"text":"it is four"}]},
            {"when":{"tool_result_contains":"it is four"},"steps":[{"text":"four, it says"}]}]}
            """;
        const string ask = """{"messages":[{"role":"user","content":{"type":"text","text":"hi"}},{"role":"assistant","content":{"type":"text","text":"hello"}},{"role":"user","content":{"type":"text","text":"two and two?"}}],"maxTokens":5}""";
        await using var talk = await Talk.BeginAsync(
            script, $"  srv: {{command: bash, args: ['{Script("asking.sh")}'], sampling: {{model: small}}, env: {{METHOD: sampling/createMessage, ASK: '{ask}'}}}}");
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Server(info, "srv").Connected && Sampling(info).GetProperty("requests").GetInt32() == 0);
        await talk.PromptAsync(session, "ask it");
        await talk.FrameAsync("message.complete", session, payload => payload.GetProperty("text").GetString() == "four, it says");
        await talk.CallAsync("reload.mcp", $$"""{"session_id":"{{session}}"}""");
        var asked = talk.Model.ModelCalls.Select(call => JsonDocument.Parse(call.Body).RootElement).Single(body => body.GetProperty("model").GetString() == "small");
        await Assert.That(asked.GetProperty("messages").GetArrayLength()).IsEqualTo(3);

        static JsonElement Sampling(JsonElement info) => info.GetProperty("mcp_servers")[0].GetProperty("sampling");
    }

    [Test]
    public async Task The_model_that_a_server_asks_calls_the_servers_own_tools()
    {
        const string script = """
            {"replies":[{"when":{"last_user_contains":"ask it","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_srv_ask","arguments":{}}}]},
            {"when":{"last_user_contains":"sunny?","has_tool":"weather"},"steps":[{"tool_call":{"name":"weather","arguments":{"town":"Ulm"}}}]},
            {"when":{"tool_result_contains":"tool_use"},"steps":[{"text":"it called"}]}]}
            """;
        const string ask = """{"messages":[{"role":"user","content":{"type":"text","text":"sunny?"}},{"role":"assistant","content":{"type":"tool_use","id":"c0","name":"weather","input":{"town":"Bonn"}}},{"role":"user","content":{"type":"tool_result","toolUseId":"c0","content":[{"type":"text","text":"rain"}]}}],"tools":[{"name":"weather","inputSchema":{"type":"object"}}],"maxTokens":5}""";
        await using var talk = await Talk.BeginAsync(script, $"  srv: {{command: bash, args: ['{Script("asking.sh")}'], env: {{METHOD: sampling/createMessage, ASK: '{ask}'}}}}");
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Server(info, "srv").Connected);
        await talk.PromptAsync(session, "ask it");
        await talk.FrameAsync("message.complete", session, payload => payload.GetProperty("text").GetString() == "it called");
        var asked = talk.Model.ModelCalls.Select(call => JsonDocument.Parse(call.Body).RootElement).Single(body => body.GetProperty("messages")[0].GetRawText().Contains("sunny?"));
        await Assert.That(string.Join(' ', asked.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()))).IsEqualTo("user assistant tool");
        await Assert.That(asked.GetProperty("messages")[2].GetProperty("content").GetString()).IsEqualTo("rain");
    }

    [Test]
    public async Task Single_tools_are_switched_in_the_file_and_on_the_live_connection()
    {
        await using var talk = await Talk.BeginAsync("""{"fallback":{"steps":[{"text":"done"}]}}""", "  # mine", Good());
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Server(info, "my.srv").Connected);
        string before = await talk.ConfigAsync();
        int started = talk.Starts();

        var result = await talk.CallAsync("tools.configure", $$"""{"session_id":"{{session}}","action":"disable","names":["my.srv:echo","todo","other:x","my.srv:hang","what"]}""");
        await Assert.That(result.GetProperty("changed").GetRawText()).IsEqualTo("""["my.srv:echo","todo","my.srv:hang"]""");
        await Assert.That(result.GetProperty("missing_servers").GetRawText()).IsEqualTo("""["other"]""");
        await Assert.That(result.GetProperty("unknown").GetRawText()).IsEqualTo("""["what"]""");
        await Assert.That(string.Join(' ', Tools(result.GetProperty("info")))).IsEqualTo("mcp_my_srv_die mcp_my_srv_env mcp_my_srv_fail mcp_my_srv_grow mcp_my_srv_not_wanted");
        await talk.InfoAsync(session, info => Tools(info).Length == 5);
        await Assert.That((await talk.ConfigAsync())[..before.Length]).IsEqualTo(before.Replace("my.srv: {", "my.srv: {tools: {exclude: [echo, hang]}, ")[..before.Length]);

        var listed = (await talk.CallAsync("tools.list", "{}")).GetProperty("toolsets").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "mcp-my.srv");
        await Assert.That(listed.GetProperty("description").GetString()).IsEqualTo("MCP server 'my.srv' tools");
        await Assert.That((listed.GetProperty("tool_count").GetInt32(), listed.GetProperty("enabled").GetBoolean(), listed.GetProperty("tools").GetArrayLength())).IsEqualTo((5, true, 5));
        var shown = (await talk.CallAsync("tools.show", "{}")).GetProperty("sections").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "mcp-my.srv");
        await Assert.That(shown.GetProperty("tools").GetArrayLength()).IsEqualTo(5);

        await talk.CallAsync("tools.configure", $$"""{"session_id":"{{session}}","action":"enable","names":["my.srv:echo","my.srv:hang"]}""");
        await talk.InfoAsync(session, info => Tools(info).Length == 7);
        await Assert.That(await talk.ConfigAsync()).Contains("tools: {exclude: []}");
        await Assert.That(talk.Starts()).IsEqualTo(started);
    }

    [Test]
    public async Task Where_only_some_tools_are_taken_that_list_is_changed()
    {
        await using var talk = await Talk.BeginAsync("""{"fallback":{"steps":[{"text":"done"}]}}""", Good(", tools: {include: [echo]}"));
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Tools(info).Length == 1);
        await talk.CallAsync("tools.configure", $$"""{"session_id":"{{session}}","action":"enable","names":["my.srv:fail"]}""");
        await talk.InfoAsync(session, info => Tools(info).Length == 2);
        await Assert.That(await talk.ConfigAsync()).Contains("tools: {include: [echo, fail]}");
        string refusal = await talk.RefusedAsync("tools.configure", """{"action":"disable","names":["my.srv:fail","my.srv:echo"]}""");
        await Assert.That(refusal).Contains("5035").And.Contains("enabled: false");
    }

    /// <summary>A turn that calls a tool which is at work while the servers are reloaded, and then another one.</summary>
    private const string AcrossReload = """
        {"replies":[{"when":{"last_user_contains":"go","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_my_srv_slow","arguments":{}}}]},
        {"when":{"tool_result_contains":["slow is done","was ended while it worked","not configured any more"],"call":2},"steps":[{"tool_call":{"name":"mcp_my_srv_env","arguments":{}}}]},
        {"when":{"tool_result_contains":"again||"},"steps":[{"text":"second answered"}]},
        {"when":{"tool_result_contains":"not configured any more"},"steps":[{"text":"second is gone"}]},
        {"when":{"tool_result_contains":"has no tool mcp_my_srv_env any more"},"steps":[{"text":"second was switched off"}]}]}
        """;

    private static string Slow(string more) => $"  my.srv: {{command: bash, args: ['{Script("server.sh")}', slow]{more}}}";

    [Test]
    [Arguments(", env: {GIVEN: again}", "slow is done", "second answered", 1)]
    [Arguments(", env: {GIVEN: again}, tools: {exclude: [env]}", "slow is done", "second was switched off", 1)]
    [Arguments(", env: {GIVEN: again, MORE: x}", "was ended while it worked on this", "second answered", 2)]
    [Arguments("", "was ended while it worked on this", "second is gone", 1)]
    public async Task A_turn_goes_on_with_the_servers_that_there_are_after_a_reload(string after, string first, string end, int starts)
    {
        await using var talk = await Talk.BeginAsync(AcrossReload, Slow(", env: {GIVEN: again}"));
        string session = await talk.OpenAsync();
        await talk.InfoAsync(session, info => Server(info, "my.srv").Connected);
        await talk.PromptAsync(session, "go");
        await Waiting.UntilAsync(() => File.Exists(talk.At("slow_began")), began => began, "the call to reach the server");
        await talk.ConfigureAsync(after.Length == 0 ? [] : [Slow(after)]);
        await talk.CallAsync("reload.mcp", $$"""{"session_id":"{{session}}"}""");
        await File.WriteAllTextAsync(talk.At("slow_end"), "");
        await talk.FrameAsync("message.complete", session, payload => payload.GetProperty("text").GetString() == end);
        await Assert.That(System.Text.Encoding.UTF8.GetString(talk.Model.ModelCalls[1].Body.Span)).Contains(first);
        await Assert.That(talk.Starts()).IsEqualTo(starts);
    }

    private static (bool Connected, int Tools, string? Error) Server(JsonElement info, string name) => info.GetProperty("mcp_servers").EnumerateArray()
        .Where(server => server.GetProperty("name").GetString() == name)
        .Select(server => (server.GetProperty("connected").GetBoolean(), server.GetProperty("tools").GetInt32(), server.TryGetProperty("error", out var error) ? error.GetString() : null))
        .SingleOrDefault();

    private static string[] Tools(JsonElement info) =>
        info.GetProperty("tools").TryGetProperty("mcp-my.srv", out var tools) ? [.. tools.EnumerateArray().Select(tool => tool.GetString()!)] : [];

    /// <summary>A client of a gateway with MCP servers, reading frame after frame.</summary>
    private sealed class Talk(Stage stage, GatewayHarness gateway) : IAsyncDisposable
    {
        private int _id;

        public int Position { get; set; }

        public ModelServer.ScriptedModelServer Model => stage.Model!;

        public static async Task<Talk> BeginAsync(string script, params string[] servers)
        {
            var stage = await Stage.SetAsync(ModelScript.Parse(script), [.. Section(servers)]);
            return new Talk(stage, new GatewayHarness(stage));
        }

        public async Task ConfigureAsync(params string[] servers)
        {
            string path = Path.Combine(stage.Home, "config.yaml");
            string model = (await File.ReadAllLinesAsync(path))[0];
            await File.WriteAllLinesAsync(path, [model, .. Section(servers)]);
        }

        public async Task<string> OpenAsync() => (await CallAsync("session.create", "{}")).GetProperty("session_id").GetString()!;

        public async Task PromptAsync(string session, string text) => await CallAsync("prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");

        public Task<string> ConfigAsync() => File.ReadAllTextAsync(Path.Combine(stage.Home, "config.yaml"));

        /// <summary>A file in the directory that the gateway and its servers work in.</summary>
        public string At(string name) => Path.Combine(stage.Work, name);

        /// <summary>How often servers were started.</summary>
        public int Starts() => File.ReadAllText(Path.Combine(stage.Home, "logs", "mcp-stderr.log")).Split("starting MCP server").Length - 1;

        public async Task<JsonElement> CallAsync(string method, string parameters) => (await AnswerAsync(method, parameters)).GetProperty("result");

        public async Task<string> RefusedAsync(string method, string parameters) => (await AnswerAsync(method, parameters)).GetProperty("error").GetRawText();

        private async Task<JsonElement> AnswerAsync(string method, string parameters)
        {
            string id = $"t{++_id}";
            gateway.Send($$"""{"id":"{{id}}","method":"{{method}}","params":{{parameters}}}""");
            int at = await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("id", out var answered) && answered.ValueKind == JsonValueKind.String && answered.GetString() == id, $"the answer to {method}");
            return gateway.Conversation.Frames[at];
        }

        public Task InfoAsync(string session, Func<JsonElement, bool> isSo) => FrameAsync("session.info", session, isSo);

        /// <summary>Waits for the infos of two sessions, which come in any order.</summary>
        public async Task BothAsync(int from, string first, string second, Func<JsonElement, bool> isSo)
        {
            Position = from;
            await InfoAsync(first, isSo);
            int last = Position;
            Position = from;
            await InfoAsync(second, isSo);
            Position = Math.Max(last, Position);
        }

        public async Task FrameAsync(string type, string session, Func<JsonElement, bool> isSo) => Position = 1 + await gateway.Conversation.WaitForAsync(
            Position,
            frame => frame.TryGetProperty("params", out var event_) && event_.GetProperty("type").GetString() == type && event_.GetProperty("session_id").GetString() == session && isSo(event_.GetProperty("payload")),
            $"{type} of {session}");

        public async ValueTask DisposeAsync()
        {
            await gateway.DisposeAsync();
            await stage.DisposeAsync();
        }

        private static IEnumerable<string> Section(string[] servers) => servers.Length == 0 ? [] : ["mcp: {first_turn_wait: 60}", "mcp_servers:", .. servers];
    }
}
