using System.Text.Json.Nodes;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>SIGKILL for the gateway while something of each kind runs: nothing that it started is left. And for the process that watches
/// over a command: the command ends and the turn goes on.</summary>
public class KilledGatewayTests
{
    /// <summary>Children, grandchildren in sessions of their own, an orphan with children, one that hears no hangup, one that is deaf.</summary>
    private const string Tree = """
        sleep 600 &
        setsid sleep 601 &
        (setsid sh -c 'setsid sleep 602 & sleep 603' &)
        nohup sleep 604 > /dev/null 2>&1 &
        setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 605; done' > /dev/null 2>&1 &
        sleep 0.2
        touch begun
        sleep 606
        """;

    // Each lives just long enough to start the next; comes to an end by itself some day.
    private const string Chain = """
        [ "$1" -gt 0 ] || exit
        [ "$1" = 99900 ] && touch begun
        setsid sh chain.sh $(($1 - 1)) > /dev/null 2>&1 &
        """;

    private const string RunTree = """{"command":"sh tree.sh"}""";

    /// <summary>What runs when the gateway is killed.</summary>
    /// <param name="Name">What is tested.</param>
    /// <param name="Tool">The tool.</param>
    /// <param name="Arguments">Its arguments.</param>
    public sealed record Row(string Name, string Tool, string Arguments)
    {
        /// <summary>A program that the row needs.</summary>
        public string? Needs { get; init; }

        /// <summary>Processes that run at least.</summary>
        public int Least { get; init; } = 8;

        public IReadOnlyList<string> Config { get; init; } = [];

        public override string ToString() => Name;
    }

    public static IEnumerable<Row> Rows() =>
    [
        new("a command", "terminal", RunTree),
        new("a command in a terminal", "terminal", """{"command":"sh tree.sh","pty":true}""") { Needs = "script" },
        new("a command in the background", "terminal", """{"command":"sh tree.sh","background":true}"""),
        new("a script", "execute_code", """{"code":"import subprocess\nsubprocess.run(['sh', 'tree.sh'])"}""") { Needs = "python3" },
        new("a script's command", "execute_code", """{"code":"from hermes_tools import terminal\nterminal('sh tree.sh')"}""") { Needs = "python3" },
        new("a subagent's command", "delegate_task", """{"goal":"subtask","context":"x"}"""),
        new("short-lived processes that start each other", "terminal", """{"command":"sh chain.sh 100000; sleep 607"}""") { Least = 1 },
        new("an MCP server", "mcp_small_hang", "{}")
        {
            Config = ["mcp_servers: {small: {command: sh, args: [-c, 'sh tree.sh & (setsid sleep 608 &); exec bash SERVER well']}}"],
        },
    ];

    [Test]
    [MethodDataSource(nameof(Rows))]
    public async Task Nothing_outlives_the_gateway_of(Row row)
    {
        Skip.When(row.Needs is { } program && !OnPath(program), $"{row.Needs} is not installed");
        string server = Path.Combine(Stage.RepositoryRoot, "tests", "Gateway.Tests", "Mcp", "server.sh");
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse(Script(row)), row.Config.Select(line => line.Replace("SERVER", server)), [$"PATH={Environment.GetEnvironmentVariable("PATH")}"]);
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "tree.sh"), Tree);
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "chain.sh"), Chain);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync(10);
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "begun")), there => there, $"{row.Name} to begin");
        await Facts.UntilAsync(() => ProcessFacts.StartedBelow(stage, gateway.Id).Count, count => count >= row.Least, "everything to run");
        int[] guardians = ProcessFacts.Children(gateway.Id);
        await Assert.That(guardians).IsNotEmpty();

        gateway.Signal(Steps.Kill);
        await Facts.UntilAsync(
            () => string.Join('\n', ProcessFacts.StartedBelow(stage, gateway.Id)), left => left.Length == 0, $"the end of everything that {row.Tool} started");
        await Facts.UntilAsync(() => guardians.Count(ProcessFacts.IsAlive), left => left == 0, "the end of those who saw to it");
    }

    [Test]
    public async Task A_command_whose_guardian_is_killed_ends_and_the_turn_goes_on()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script(new Row("", "terminal", RunTree))), [], []);
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "tree.sh"), Tree);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync(10);
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "begun")), there => there, "the command to begin");
        int guardian = ProcessFacts.Children(gateway.Id).Single(pid => File.ReadAllText($"/proc/{pid}/comm") == "gw-guardian\n");
        _ = GatewayProcess.Kill(guardian, Steps.Kill);
        int end = await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "message.complete"), "the end of the turn");
        await Assert.That(gateway.Conversation.Frames[end].GetProperty("params").GetProperty("payload").GetProperty("text").GetString()).IsEqualTo("it was killed");
        await Assert.That(ProcessFacts.State(guardian)).IsEqualTo('X');
        foreach (string left in ProcessFacts.StartedBelow(stage, gateway.Id)) _ = GatewayProcess.Kill(int.Parse(left[..left.IndexOf(' ')]), Steps.Kill);
    }

    // The first prompt makes the call; a subagent runs the tree; a tool's result is commented on.
    private static string Script(Row row) => new JsonObject
    {
        ["replies"] = new JsonArray(
            Reply(new JsonObject { ["last_user_contains"] = "go", ["last_role"] = "user" }, Call(row.Tool, row.Arguments)),
            Reply(new JsonObject { ["last_user_contains"] = "subtask", ["last_role"] = "user" }, Call("terminal", RunTree)),
            Reply(new JsonObject { ["tool_result_contains"] = "watches over it was" }, new JsonObject { ["text"] = "it was killed" }),
            Reply(new JsonObject { ["last_role"] = "tool" }, new JsonObject { ["text"] = "done" })),
        ["fallback"] = new JsonObject { ["steps"] = new JsonArray(new JsonObject { ["hold"] = true }) },
    }.ToJsonString();

    private static JsonObject Reply(JsonObject when, JsonObject step) => new() { ["when"] = when, ["steps"] = new JsonArray(step) };

    private static JsonObject Call(string tool, string arguments) =>
        new() { ["tool_call"] = new JsonObject { ["id"] = "c1", ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) } };

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
