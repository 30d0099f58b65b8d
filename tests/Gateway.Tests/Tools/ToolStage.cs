using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;
using Gateway.Tools;
using Gateway.Tools.Approvals;

namespace Gateway.Tests.ToolsTests;

/// <summary>A folder of its own with the product's tools in it.</summary>
internal sealed class ToolStage : IDisposable
{
    private readonly DirectoryInfo _root;
    private readonly StateFile _state;

    public ToolStage(string config = "", Dictionary<string, string>? environment = null, IApprovals? approvals = null, string? root = null)
    {
        _root = root is null ? Directory.CreateTempSubdirectory("gateway-tools-") : Directory.CreateDirectory(root);
        Home = Directory.CreateDirectory(Path.Combine(_root.FullName, "home")).FullName;
        Work = Directory.CreateDirectory(Path.Combine(_root.FullName, "work")).FullName;
        File.WriteAllText(Path.Combine(Home, "config.yaml"), config);
        var variables = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["HOME"] = _root.FullName, ["HERMES_HOME"] = Home };
        foreach (var (name, value) in environment ?? []) variables[name] = value;
        var gateway = new GatewayEnvironment(variables, Work, _root.FullName);
        _state = new StateFile(Path.Combine(Home, "state.db"));
        Children = new ChildProcesses();
        Kit = new ToolKit(
            gateway, new ConfigFile(Path.Combine(Home, "config.yaml")), new SkillIndex(gateway, TimeProvider.System), Children, new ApprovalGate(new DangerousCommands()), _state, TimeProvider.System);
        Context = new ToolContext("key", Work, approvals ?? new ScriptedApprovals());
    }

    public string Home { get; }

    public string Work { get; }

    public ToolKit Kit { get; set; }

    public ChildProcesses Children { get; }

    public ToolContext Context { get; set; }

    public string At(string name) => Path.Combine(Work, name);

    public string Put(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public string Get(string name) => File.ReadAllText(At(name));

    public async Task<JsonNode> CallAsync(string tool, object arguments, CancellationToken cancellation = default) =>
        JsonNode.Parse((await ResultAsync(tool, arguments, cancellation)).Content)!;

    /// <summary>Arguments are JSON text, or a <see cref="JsonNode"/>.</summary>
    public async Task<ToolResult> ResultAsync(string tool, object arguments, CancellationToken cancellation = default)
    {
        using var document = JsonDocument.Parse(arguments is JsonNode node ? node.ToJsonString() : (string)arguments);
        var found = ToolCatalog.BuiltIn(Kit).Single(one => one.Name == tool);
        return await found.RunAsync(new ToolCall("call", tool, document.RootElement.Clone()), Context, cancellation);
    }

    public void Dispose()
    {
        Children.KillAll();
        Kit.Background.Close();
        _state.Dispose();
        _root.Delete(recursive: true);
    }
}
