using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Mcp;
using Gateway.Tests.ToolsTests;

namespace Gateway.Tests.McpTests;

[NotInParallel("children")]
public class McpHubTests
{
    private static string Script => Path.Combine(AppContext.BaseDirectory, "Mcp", "server.sh");

    private static async Task<(ToolStage Stage, McpHub Hub)> OpenAsync(string mode, string more = "", bool settled = true)
    {
        var stage = new ToolStage(
            $"mcp: {{first_turn_wait: 60}}\nmcp_servers:\n  my.srv: {{command: bash, args: ['{Script}', '{mode}'], env: {{GIVEN: 'a${{SECRET_OF_GATEWAY}}'}}{more}}}\n",
            new() { ["SECRET_OF_GATEWAY"] = "hidden" });
        var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System);
        await hub.ReloadAsync(CancellationToken.None);
        if (settled) await Assert.That(hub.States[0].Problem).IsNull();
        return (stage, hub);
    }

    private static async Task<JsonNode> CallAsync(McpHub hub, ToolStage stage, string tool, string arguments = "{}", CancellationToken cancellation = default)
    {
        using var document = JsonDocument.Parse(arguments);
        var found = hub.Tools.Single(one => one.Name == tool);
        return JsonNode.Parse((await found.RunAsync(new("call", tool, document.RootElement.Clone()), stage.Context, cancellation)).Content)!;
    }

    [Test]
    public async Task Tools_are_found_named_cleaned_and_called()
    {
        var (stage, hub) = await OpenAsync("good", ", tools: {exclude: [not-wanted]}");
        using (stage)
        using (hub)
        {
            await Assert.That(string.Join(' ', hub.Tools.Select(tool => tool.Name))).IsEqualTo("mcp_my_srv_echo mcp_my_srv_fail mcp_my_srv_hang mcp_my_srv_die mcp_my_srv_grow mcp_my_srv_env");
            await Assert.That(hub.Tools[0].Toolset).IsEqualTo("mcp-my.srv");
            await Assert.That(hub.Tools[0].Description).IsEqualTo("Says it again.");
            await Assert.That(hub.Tools[1].Description).IsEqualTo("MCP tool fail from my.srv");
            await Assert.That(System.Text.Encoding.UTF8.GetString(hub.Tools[0].ParametersSchema.Span)).IsEqualTo("""{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""");
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_echo", """{"text":"hello"}"""))["result"]!).IsEqualTo("hello\n[image: image/png, 6 bytes]");
            var failed = (string)(await CallAsync(hub, stage, "mcp_my_srv_fail"))["error"]!;
            await Assert.That(failed).StartsWith("no way, key ").And.DoesNotContain("bbbbcccc");
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_env"))["result"]!).StartsWith("ahidden||");
            string log = File.ReadAllText(Path.Combine(stage.Home, "logs", "mcp-stderr.log"));
            await Assert.That(log).Contains("starting MCP server 'my.srv'").And.DoesNotContain("bbbbcccc");
        }
    }

    [Test]
    public async Task Late_tools_join_and_an_interrupted_call_lets_go()
    {
        var (stage, hub) = await OpenAsync("good");
        using (stage)
        using (hub)
        {
            await CallAsync(hub, stage, "mcp_my_srv_grow");
            var waited = Stopwatch.StartNew();
            while (hub.Tools.All(tool => tool.Name != "mcp_my_srv_late") && waited.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20);
            await Assert.That(hub.Tools.Select(tool => tool.Name)).Contains("mcp_my_srv_late");
            using var interrupt = new CancellationTokenSource();
            var call = CallAsync(hub, stage, "mcp_my_srv_hang", cancellation: interrupt.Token);
            await interrupt.CancelAsync();
            await Assert.That((string)(await call)["error"]!).IsEqualTo("MCP call interrupted: user sent a new message");
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_echo", """{"text":"still there"}"""))["result"]!).StartsWith("still there");
        }
    }

    [Test]
    [Arguments("pings", "requests")]
    [Arguments("chatter", "it sent more than 1,000 messages a second")]
    public async Task A_flood_costs_the_server_its_connection_and_is_not_tried_again_at_once(string mode, string reason)
    {
        var (stage, hub) = await OpenAsync(mode, settled: false);
        using (stage)
        using (hub)
        {
            var waited = Stopwatch.StartNew();
            while (hub.States[0].Problem is null && waited.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20);
            await Assert.That(hub.States[0].Problem!).StartsWith("the connection was ended because it sent").And.Contains(reason).And.EndsWith("it is left alone for 30 s");
            await Assert.That(hub.States[0].Connected).IsFalse();
            await Assert.That(hub.Tools).IsEmpty();
            await Assert.That(File.ReadAllText(Path.Combine(stage.Home, "logs", "mcp-stderr.log"))).Contains("[tui-gateway] MCP server 'my.srv': the connection was ended because it sent");
            await Assert.That(File.ReadAllLines(Path.Combine(stage.Work, "starts")).Length).IsEqualTo(1);
        }
    }

    [Test]
    public async Task A_server_that_hangs_costs_its_calls_and_is_left_alone_for_a_while()
    {
        var (stage, hub) = await OpenAsync("good", ", timeout: 0.2");
        using (stage)
        using (hub)
        {
            for (int i = 0; i < 3; i++)
                await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_hang"))["error"]!).IsEqualTo("MCP server 'my.srv' did not answer within 0 s.");
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_hang"))["error"]!).Contains("left alone for a minute");
        }
    }

    [Test]
    public async Task A_server_that_dies_is_started_again()
    {
        var (stage, hub) = await OpenAsync("good");
        using (stage)
        using (hub)
        {
            await Assert.That((string?)(await CallAsync(hub, stage, "mcp_my_srv_die"))["error"]).IsNotNull();
            var waited = Stopwatch.StartNew();
            while (!hub.States[0].Connected && waited.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20);
            while (hub.Tools.Count == 0 && waited.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20);
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_echo", """{"text":"back"}"""))["result"]!).StartsWith("back");
        }
    }

    [Test]
    [Arguments("garbage")]
    [Arguments("liar")]
    public async Task Nonsense_between_the_lines_is_passed_over(string mode)
    {
        var (stage, hub) = await OpenAsync(mode);
        using (stage)
        using (hub) await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_echo", """{"text":"fine"}"""))["result"]!).StartsWith("fine");
    }

    [Test]
    [Arguments("dead", "it ended or closed the connection")]
    [Arguments("mute", "no answer within 1 s")]
    [Arguments("flood", "the connection was ended because it sent a line, event or document of more than 16 MiB; it is left alone for 30 s")]
    public async Task A_server_that_cannot_be_used_is_named(string mode, string problem)
    {
        var (stage, hub) = await OpenAsync(mode, ", connect_timeout: 1", settled: false);
        using (stage)
        using (hub)
        {
            await Assert.That(hub.States[0].Connected).IsFalse();
            await Assert.That(hub.States[0].Problem!).Contains(problem);
            await Assert.That(hub.Tools).IsEmpty();
        }
    }

    [Test]
    [Arguments("{}", "it has neither command nor url")]
    [Arguments("{url: 'ftp://x'}", "its url is not an http address")]
    [Arguments("{command: no_such_program_here}", "cannot start no_such_program_here: not found on PATH")]
    [Arguments("{url: 'http://127.0.0.1:1/mcp'}", "it cannot be reached")]
    public async Task What_is_wrong_with_an_entry_is_said(string entry, string problem)
    {
        using var stage = new ToolStage($"mcp: {{first_turn_wait: 60}}\nmcp_servers: {{a: {entry}, off: {{command: x, enabled: 'no'}}}}");
        using var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System);
        await hub.ReloadAsync(CancellationToken.None);
        await Assert.That(hub.States.Count).IsEqualTo(1);
        await Assert.That(hub.States[0].Problem!).Contains(problem);
    }

    [Test]
    [Arguments("", "", true)]
    [Arguments(", timeout: 120", "", true)]
    [Arguments("", ", tools: {include: [echo]}", true)]
    [Arguments("", ", timeout: 121", false)]
    [Arguments("", ", sampling: {allowed_models: [a]}", false)]
    [Arguments("", ", cwd: /", false)]
    [Arguments("", ", env: {GIVEN: b}", false)]
    [Arguments("", ", enabled: off", false)]
    public async Task A_reload_keeps_a_server_that_is_well_and_wanted_as_it_is(string before, string after, bool keeps)
    {
        var (stage, hub) = await OpenAsync("good", before);
        using (stage)
        using (hub)
        {
            string path = Path.Combine(stage.Home, "config.yaml");
            var tool = hub.Tools.Single(one => one.Name == "mcp_my_srv_echo");
            string entry = File.ReadAllText(path);
            entry = after.StartsWith(", env") ? entry.Replace(", env: {GIVEN: 'a${SECRET_OF_GATEWAY}'}", after) : entry.Replace(before + "}\n", after + "}\n");
            File.WriteAllText(path, entry + "command_allowlist: [a]\n");
            await hub.ReloadAsync(CancellationToken.None);
            int starts = File.ReadAllText(Path.Combine(stage.Home, "logs", "mcp-stderr.log")).Split("starting MCP server").Length - 1;
            await Assert.That(starts).IsEqualTo(keeps || after.Contains("off") ? 1 : 2);
            using var arguments = JsonDocument.Parse("""{"text":"old tool"}""");
            var result = await tool.RunAsync(new("call", tool.Name, arguments.RootElement), stage.Context, CancellationToken.None);
            await Assert.That(result.Content).Contains(after.Contains("off") ? "not configured any more" : "old tool");
            await Assert.That(hub.Tools.Count).IsEqualTo(after.Contains("off") ? 0 : after.Contains("include") ? 1 : 7);
        }
    }

    [Test]
    public async Task A_reload_tries_a_server_again_that_is_not_well()
    {
        var (stage, hub) = await OpenAsync("good", ", timeout: 0.2");
        using (stage)
        using (hub)
        {
            await CallAsync(hub, stage, "mcp_my_srv_hang");
            await hub.ReloadAsync(CancellationToken.None);
            await Assert.That(File.ReadAllText(Path.Combine(stage.Home, "logs", "mcp-stderr.log")).Split("starting MCP server").Length - 1).IsEqualTo(2);
            await Assert.That((string)(await CallAsync(hub, stage, "mcp_my_srv_echo", """{"text":"fresh"}"""))["result"]!).StartsWith("fresh");
        }
    }

    [Test]
    public async Task A_reload_ends_the_old_server_and_starts_what_is_configured_now()
    {
        var (stage, hub) = await OpenAsync("good");
        using (stage)
        using (hub)
        {
            File.WriteAllText(Path.Combine(stage.Home, "config.yaml"), "model: x\n");
            await hub.ReloadAsync(CancellationToken.None);
            await Assert.That(hub.States).IsEmpty();
            var waited = Stopwatch.StartNew();
            while (stage.Children.Count > 0 && waited.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20);
            await Assert.That(stage.Children.Count).IsEqualTo(0);
        }
    }
}
