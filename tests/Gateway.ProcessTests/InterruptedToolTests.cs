using System.Text.Json.Nodes;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>An interrupt during each kind of tool: the turn ends, nothing that the tool started is left, and the next turn runs.</summary>
public class InterruptedToolTests
{
    private const string Sleep = "touch begun; sleep 600";

    /// <summary>One kind of tool in the state in which it is interrupted.</summary>
    /// <param name="Name">What is tested.</param>
    /// <param name="Tool">The tool.</param>
    /// <param name="Arguments">Its arguments.</param>
    /// <param name="Begun">How the test knows that it has begun: <c>file</c>, <c>event:</c> and a type, <c>starts:</c> and how many tools have
    /// started, or <c>calls:</c> and how many model calls were made.</param>
    public sealed record Row(string Name, string Tool, string Arguments, string Begun = "file")
    {
        /// <summary>A program that does nothing for ten minutes stands in for this one.</summary>
        public string? Hanging { get; init; }

        /// <summary>A program that the row needs.</summary>
        public string? Needs { get; init; }

        /// <summary>Arguments of a command that runs before it, and in the background after it.</summary>
        public string? First { get; init; }

        public IReadOnlyList<string> Config { get; init; } = [];

        public override string ToString() => Name;
    }

    public static IEnumerable<Row> Rows() =>
    [
        new("a command", "terminal", $$"""{"command":"{{Sleep}}"}"""),
        new("a command in a terminal", "terminal", $$"""{"command":"{{Sleep}}","pty":true}""") { Needs = "script" },
        new("a pipeline", "terminal", $$"""{"command":"({{Sleep}}) | cat | cat"}"""),
        new("a command that does not listen", "terminal", """{"command":"trap '' TERM INT HUP; touch begun; while :; do sleep 1; done"}"""),
        new("a command with a child in a session of its own", "terminal", """{"command":"python3 apart.py"}""") { Needs = "python3" },
        new("a question about a command", "terminal", """{"command":"false && rm -r x"}""", "event:approval.request"),
        new("waiting for a process", "process", """{"action":"wait","session_id":"{{tool_result.session_id}}"}""", "starts:2") { First = $$"""{"command":"{{Sleep}}","background":true}""" },
        new("a script", "execute_code", """{"code":"import time\nopen('begun','w')\ntime.sleep(600)"}""") { Needs = "python3" },
        new("a script's command", "execute_code", $$"""{"code":"from hermes_tools import terminal\nterminal('{{Sleep}}')"}""") { Needs = "python3" },
        new("a search with ripgrep", "search_files", """{"pattern":"x","path":"."}""") { Hanging = "rg" },
        new("a syntax check", "patch", """{"mode":"replace","path":"given.py","old_string":"x = 1","new_string":"x = 2"}""") { Hanging = "python3" },
        new("a question to the user", "clarify", """{"question":"which?"}""", "event:clarify.request"),
        new("a subagent's command", "delegate_task", $$"""{"goal":"subtask","context":"{{Sleep}}"}"""),
        new("a search on the web", "web_search", """{"query":"x"}""", "calls:1") { Config = ["web: {backend: firecrawl}"] },
        new("a call of an MCP server", "mcp_small_hang", "{}", "event:tool.start") { Config = ["mcp_servers: {small: {command: bash, args: [SERVER, well]}}"] },
        new("a look into past conversations", "session_search", """{"query":"walrus"}""", "calls:2"),
    ];

    [Test]
    [MethodDataSource(nameof(Rows))]
    public async Task Nothing_is_left_of(Row row)
    {
        Skip.When(row.Needs is { } program && !OnPath(program), $"{row.Needs} is not installed");
        using var deaf = new DeafPort(listens: true);
        string server = Path.Combine(Stage.RepositoryRoot, "tests", "Gateway.Tests", "Mcp", "server.sh");
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse(Script(row)),
            row.Config.Select(line => line.Replace("SERVER", server)),
            [$"PATH=$home/bin:{Environment.GetEnvironmentVariable("PATH")}", $"FIRECRAWL_API_URL=http://127.0.0.1:{deaf.Port}", "HERMES_ALLOW_PRIVATE_URLS=1"]);
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "given.py"), "x = 1\n");
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "apart.py"), "import os, time\nif os.fork() == 0: os.setsid()\nopen('begun', 'w')\ntime.sleep(600)\n");
        if (row.Hanging is { } hanging) Stand(stage, hanging);
        await using var gateway = GatewayProcess.Start(stage);
        string session = await EndingTests.CreateSession(gateway);
        if (row.Tool == "session_search") await RememberAsync(gateway, session);
        if (row.Tool.StartsWith("mcp_", StringComparison.Ordinal)) await ConnectedAsync(gateway, session);
        var before = ProcessFacts.StartedBelow(stage, gateway.Id);

        int from = gateway.Conversation.Count;
        int calls = stage.Model!.ModelCalls.Count;
        gateway.Send(Steps.Request(10, "prompt.submit", $$"""{"session_id":"{{session}}","text":"go on"}"""));
        await BegunAsync(row, stage, gateway, from, calls, deaf);
        gateway.Send(Steps.Request(11, "session.interrupt", $$"""{"session_id":"{{session}}"}"""));
        int end = await gateway.Conversation.WaitForAsync(from, frame => EndingTests.IsEvent(frame, "message.complete"), "the end of the turn");
        string status = gateway.Conversation.Frames[end].GetProperty("params").GetProperty("payload").GetProperty("status").GetString()!;
        await Assert.That(status).IsEqualTo("interrupted");
        if (row.First is null)
        {
            await Facts.UntilAsync(
                () => string.Join('\n', ProcessFacts.StartedBelow(stage, gateway.Id).Except(before)), left => left.Length == 0, $"the end of everything that {row.Tool} started");
        }

        from = gateway.Conversation.Count;
        gateway.Send(Steps.Request(12, "prompt.submit", $$"""{"session_id":"{{session}}","text":"and now?"}"""));
        end = await gateway.Conversation.WaitForAsync(from, frame => EndingTests.IsEvent(frame, "message.complete"), "the next turn");
        await Assert.That(gateway.Conversation.Frames[end].GetProperty("params").GetProperty("payload").GetProperty("text").GetString()).IsEqualTo("fine");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Facts.UntilAsync(() => string.Join('\n', ProcessFacts.StartedBelow(stage, gateway.Id)), left => left.Length == 0, "the end of all children");
    }

    // The first prompt makes the call; what a subagent is asked does, too; what helps a tool along never comes; the rest is fine.
    private static string Script(Row row) => new JsonObject
    {
        ["replies"] = new JsonArray(
            Reply(new JsonObject { ["last_user_contains"] = "and now?" }, new JsonObject { ["text"] = "fine" }),
            Once(Reply(new JsonObject { ["last_user_contains"] = "a walrus", ["last_role"] = "user" }, new JsonObject { ["text"] = "A walrus." })),
            Reply(new JsonObject { ["last_user_contains"] = "go on", ["last_role"] = "user" }, row.First is null ? Call(row.Tool, row.Arguments) : Call("terminal", row.First)),
            Reply(new JsonObject { ["has_tool"] = row.First is null ? "none" : "process", ["call"] = 2 }, Call(row.Tool, row.Arguments)),
            Reply(new JsonObject { ["last_user_contains"] = "subtask", ["last_role"] = "user" }, Call("terminal", $$"""{"command":"{{Sleep}}"}""")),
            Reply(new JsonObject { ["last_role"] = "tool" }, new JsonObject { ["text"] = "done" })),
        ["fallback"] = new JsonObject { ["steps"] = new JsonArray(new JsonObject { ["hold"] = true }) },
    }.ToJsonString();

    private static JsonObject Reply(JsonObject when, JsonObject step) => new() { ["when"] = when, ["steps"] = new JsonArray(step) };

    // Whoever is asked to summarise that conversation later is to wait.
    private static JsonObject Once(JsonObject reply)
    {
        reply["times"] = 1;
        return reply;
    }

    private static JsonObject Call(string tool, string arguments) =>
        new() { ["tool_call"] = new JsonObject { ["id"] = "c1", ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) } };

    private static async Task BegunAsync(Row row, Stage stage, GatewayProcess gateway, int from, int calls, DeafPort deaf)
    {
        if (row.Begun == "file")
        {
            await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "begun")), there => there, $"{row.Tool} to begin");
        }
        else if (row.Begun.StartsWith("event:", StringComparison.Ordinal))
        {
            string type = row.Begun["event:".Length..];
            await gateway.Conversation.WaitForAsync(from, frame => EndingTests.IsEvent(frame, type), type);
        }
        else if (row.Begun.StartsWith("starts:", StringComparison.Ordinal))
        {
            await Facts.UntilAsync(
                () => gateway.Conversation.Frames.Count(frame => EndingTests.IsEvent(frame, "tool.start")), seen => seen >= int.Parse(row.Begun["starts:".Length..]), $"{row.Tool} to start");
        }
        else if (row.Begun.StartsWith("calls:", StringComparison.Ordinal))
        {
            await Facts.UntilAsync(() => stage.Model!.ModelCalls.Count - calls, made => made >= int.Parse(row.Begun["calls:".Length..]), $"{row.Tool} to ask");
            if (row.Tool == "web_search") await Facts.UntilAsync(() => deaf.HasVisitor, there => there, "the search to connect");
        }
    }

    private static async Task RememberAsync(GatewayProcess gateway, string session)
    {
        // Past conversations are those of other sessions.
        string other = (await gateway.AskAsync(4, "session.create")).GetProperty("result").GetProperty("session_id").GetString()!;
        int from = gateway.Conversation.Count;
        gateway.Send(Steps.Request(5, "prompt.submit", $$"""{"session_id":"{{other}}","text":"a walrus"}"""));
        await gateway.Conversation.WaitForAsync(from, frame => EndingTests.IsEvent(frame, "message.complete"), "the conversation to remember");
        await Assert.That(other).IsNotEqualTo(session);
    }

    private static async Task ConnectedAsync(GatewayProcess gateway, string session) =>
        await gateway.Conversation.WaitForAsync(
            0, frame => EndingTests.IsEvent(frame, "session.info") && frame.GetRawText().Contains("\"connected\":true") && frame.GetRawText().Contains(session), "the MCP server");

    private static void Stand(Stage stage, string program)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(stage.Home, "bin")).FullName, program);
        File.WriteAllText(path, $"#!/bin/sh\ntouch '{stage.Work}/begun'\nexec sleep 600\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
