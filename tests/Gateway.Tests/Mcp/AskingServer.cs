using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Mcp;
using Gateway.Tests.ToolsTests;
using Gateway.Tools;

namespace Gateway.Tests.McpTests;

/// <summary>A server that asks us something whenever its tool is called, and tells what it was answered.</summary>
internal sealed class AskingServer : IDisposable
{
    private readonly ToolStage _stage;

    private AskingServer(ToolStage stage, McpHub hub)
    {
        _stage = stage;
        Hub = hub;
    }

    public McpHub Hub { get; }

    /// <summary>What the client offered.</summary>
    public JsonNode Offered => JsonNode.Parse(File.ReadAllText(_stage.At("introduction")))!["params"]!["capabilities"]!;

    public string Log => File.ReadAllText(Path.Combine(_stage.Home, "logs", "mcp-stderr.log"));

    /// <param name="method">What it asks.</param>
    /// <param name="ask">With which params.</param>
    /// <param name="options">Further members of the server's section, as YAML.</param>
    /// <param name="model">The model for it.</param>
    public static async Task<AskingServer> StartAsync(string method, string ask, string options = "", IAuxiliaryModel? model = null)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Mcp", "asking.sh");
        var stage = new ToolStage($"mcp: {{first_turn_wait: 60}}\nmcp_servers:\n  srv: {{command: bash, args: ['{script}'], env: {{METHOD: '{method}', ASK: '{ask}'}}{options}}}\n");
        var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System) { Auxiliary = model };
        await hub.ReloadAsync(CancellationToken.None);
        await Assert.That(hub.States[0].Problem).IsNull();
        return new AskingServer(stage, hub);
    }

    /// <summary>Calls the tool; what the client answered the server.</summary>
    public async Task<JsonNode> AskAsync(IUserQuestions? user = null) => JsonNode.Parse((string)(await CallAsync(user, CancellationToken.None))["result"]!)!;

    /// <summary>The same for a call that does not come to its end; what the model reads.</summary>
    public async Task<string> InterruptedAsync(IUserQuestions user, CancellationToken interrupt) => (string)(await CallAsync(user, interrupt))["error"]!;

    private async Task<JsonNode> CallAsync(IUserQuestions? user, CancellationToken cancellation)
    {
        using var arguments = JsonDocument.Parse("{}");
        var result = await Hub.Tools.Single().RunAsync(new("call", "mcp_srv_ask", arguments.RootElement), _stage.Context with { Questions = user }, cancellation);
        return JsonNode.Parse(result.Content)!;
    }

    public void Dispose()
    {
        Hub.Dispose();
        _stage.Dispose();
    }
}
