using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Mcp;
using Gateway.Tests.Shared;
using Gateway.Tests.ToolsTests;
using Gateway.Tools;
using TUnit.Core.Interfaces;

namespace Gateway.Tests.McpTests;

/// <summary>Servers of tests/mcp-servers, which others wrote.</summary>
public sealed class ForeignServers : IAsyncInitializer
{
    private string? _missing;

    public async Task InitializeAsync()
    {
        _missing = await NodeProgram.InstallAsync("mcp-servers", "@modelcontextprotocol/server-everything");
        if (_missing is null && (await NodeProgram.RunAsync("node", "/", "--version")).ExitCode == NodeProgram.NotInstalled) _missing = "node is not installed";
    }

    /// <summary>Path of a server's program; the test is skipped where it cannot be run.</summary>
    public string Program(string name)
    {
        if (_missing is not null) Skip.Test(_missing);
        return Path.Combine(NodeProgram.Folder("mcp-servers"), "node_modules", "@modelcontextprotocol", name, "dist", "index.js");
    }
}

/// <summary>The client against servers that others wrote, over pipes and over HTTP.</summary>
[NotInParallel("children")]
[ClassDataSource<ForeignServers>(Shared = SharedType.PerTestSession)]
public class ForeignServerTests(ForeignServers servers)
{
    private readonly string _mark = Guid.NewGuid().ToString("N");

    [Test]
    public async Task Everything_a_server_can_do_over_pipes()
    {
        var model = new RecordedModel();
        using var stage = Stage($"command: node, args: ['{servers.Program("server-everything")}', stdio, {_mark}], elicitation: {{enabled: true}}");
        using (var hub = await ConnectAsync(stage, model))
        {
            await TheUsualAsync(hub, stage);

            // The server offers these two once it knows that we can answer.
            await Waiting.UntilAsync(() => hub.Tools.Select(tool => tool.Name), names => names.Contains("mcp_srv_trigger_elicitation_request"), "the tools for what we offer");
            await Assert.That(await CallAsync(hub, stage, "trigger_sampling_request", """{"prompt":"two and two?"}""")).Contains("four. END of it");
            await Assert.That(model.Asked.Single().Messages!.Single().Text).Contains("two and two?");
            await Assert.That(model.Asked.Single().MaxTokens).IsEqualTo(100);

            var user = new AnsweringUser(["Ada", "yes", .. Enumerable.Repeat("skip", 11)]);
            await Assert.That(await CallAsync(hub, stage, "trigger_elicitation_request", "{}", user)).Contains("- Name: Ada").And.Contains("- Agreed to terms: true");
            await Assert.That(user.Asked[10]).IsEqualTo("""
                MCP server 'srv' asks: Please provide inputs for the following fields:
                Titled Single Select Enum: Choose your favorite hero (skip leaves it out) [Superman|Green Lantern|Wonder Woman|skip]
                """);
        }

        await NothingLeftAsync();
        await Waiting.UntilAsync(() => stage.Children.Count, count => count == 0, "the end of our child");
    }

    [Test]
    public async Task Everything_over_http_and_back_after_a_loss()
    {
        int port = FreePort();
        using var stage = Stage($"url: 'http://127.0.0.1:{port}/mcp'");
        using (var first = await StartAsync(port))
        using (var hub = await ConnectAsync(stage, new RecordedModel()))
        {
            await TheUsualAsync(hub, stage);
            await first.EndAsync();
            await Assert.That((string?)JsonNode.Parse(await ResultAsync(hub, stage, "echo", """{"message":"gone"}"""))!["error"]).IsNotNull();
            await Waiting.UntilAsync(() => hub.States[0], state => !state.Connected && state.Problem == "it cannot be reached", "the loss");
            using var second = await StartAsync(port);
            await Waiting.UntilAsync(() => hub.States[0].Connected, connected => connected, "the server to be found again");
            await Assert.That(await CallAsync(hub, stage, "echo", """{"message":"back"}""")).IsEqualTo("Echo: back");
        }

        await NothingLeftAsync();
    }

    [Test]
    public async Task Files_of_one_folder_and_no_others()
    {
        string program = servers.Program("server-filesystem");
        using var stage = new ToolStage("", WherePrograms);
        stage.Put("notes/a.txt", "what stands here\n");
        File.WriteAllText(Path.Combine(stage.Home, "config.yaml"), $"mcp: {{first_turn_wait: 60}}\nmcp_servers: {{srv: {{command: node, args: ['{program}', '{stage.Work}', '{stage.At(_mark)}'], tools: {{exclude: [move_file]}}}}}}\n");
        Directory.CreateDirectory(stage.At(_mark));
        using (var hub = await ConnectAsync(stage, null))
        {
            await Assert.That(hub.Tools.Select(tool => tool.Name)).Contains("mcp_srv_read_text_file").And.DoesNotContain("mcp_srv_move_file");
            await Assert.That(await CallAsync(hub, stage, "read_text_file", $$"""{"path":"{{stage.At("notes/a.txt")}}"}""")).IsEqualTo("what stands here\n");
            await CallAsync(hub, stage, "write_file", $$"""{"path":"{{stage.At("b.txt")}}","content":"written"}""");
            await Assert.That(stage.Get("b.txt")).IsEqualTo("written");
            string outside = await ResultAsync(hub, stage, "read_text_file", $$"""{"path":"{{Path.Combine(stage.Home, "config.yaml")}}"}""");
            await Assert.That((string)JsonNode.Parse(outside)!["error"]!).Contains("outside allowed directories");
        }

        await NothingLeftAsync();
    }

    // What any transport has to carry.
    private static async Task TheUsualAsync(McpHub hub, ToolStage stage)
    {
        await Assert.That(hub.States[0].Problem).IsNull();
        await Assert.That(await CallAsync(hub, stage, "echo", """{"message":"hello"}""")).IsEqualTo("Echo: hello");
        await Assert.That(await CallAsync(hub, stage, "get_sum", """{"a":2,"b":40}""")).Contains("42");
        await Assert.That(JsonNode.Parse(await ResultAsync(hub, stage, "get_structured_content", """{"location":"Chicago"}"""))!["structuredContent"]!["temperature"]).IsNotNull();
        await Assert.That(await CallAsync(hub, stage, "get_tiny_image", "{}")).Contains("[image: image/png, ");
        await Assert.That((string?)JsonNode.Parse(await ResultAsync(hub, stage, "get_sum", """{"a":"no number"}"""))!["error"]).IsNotNull();
        await Assert.That(await CallAsync(hub, stage, "list_resources", "{}")).Contains("demo://resource/static/document/features.md — features.md");
        await Assert.That(await CallAsync(hub, stage, "read_resource", """{"uri":"demo://resource/static/document/features.md"}""")).Contains("#");
        await Assert.That(await CallAsync(hub, stage, "list_prompts", "{}")).Contains("args-prompt — ");
        await Assert.That(await CallAsync(hub, stage, "get_prompt", """{"name":"args-prompt","arguments":{"city":"Oslo"}}""")).Contains("Oslo");
    }

    private static Dictionary<string, string> WherePrograms => new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "" };

    private static ToolStage Stage(string server) => new($"mcp: {{first_turn_wait: 60}}\nmcp_servers: {{srv: {{{server}}}}}\n", WherePrograms);

    private static async Task<McpHub> ConnectAsync(ToolStage stage, IAuxiliaryModel? model)
    {
        var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System) { Auxiliary = model };
        await hub.ReloadAsync(CancellationToken.None);
        return hub;
    }

    private static async Task<string> CallAsync(McpHub hub, ToolStage stage, string tool, string arguments, IUserQuestions? user = null)
    {
        var result = JsonNode.Parse(await ResultAsync(hub, stage, tool, arguments, user))!;
        return (string?)result["result"] ?? throw new InvalidOperationException(result.ToJsonString());
    }

    private static async Task<string> ResultAsync(McpHub hub, ToolStage stage, string tool, string arguments, IUserQuestions? user = null)
    {
        using var document = JsonDocument.Parse(arguments);
        var found = hub.Tools.Single(one => one.Name == "mcp_srv_" + tool);
        return (await found.RunAsync(new("call", found.Name, document.RootElement), stage.Context with { Questions = user }, CancellationToken.None)).Content;
    }

    private async Task<Running> StartAsync(int port)
    {
        var start = new ProcessStartInfo("node", [servers.Program("server-everything"), "streamableHttp", _mark]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("listening", StringComparison.Ordinal) == true) listening.TrySetResult();
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var running = new Running(process);
        try
        {
            await listening.Task.WaitAsync(Conversation.Patience);
            return running;
        }
        catch (TimeoutException)
        {
            running.Dispose();
            throw;
        }
    }

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    // The mark stands on the command line of every process of the test.
    private async Task NothingLeftAsync() => await Waiting.UntilAsync(
        () => Directory.GetDirectories("/proc").Where(IsMarked).ToArray(), left => left.Length == 0, "the end of all processes of the server", left => string.Join(' ', left));

    private bool IsMarked(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(_mark, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A server that ends with its test, whatever becomes of it.</summary>
    private sealed class Running(Process process) : IDisposable
    {
        public async Task EndAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        public void Dispose()
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }
    }
}
