using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;
using Gateway.Tools.Approvals;
using Gateway.Tools.Files;
using Gateway.Tools.Terminal;

namespace Gateway.Tools;

/// <summary>What tools are made of. Everything here serves all sessions.</summary>
/// <param name="Environment">What comes from outside.</param>
/// <param name="Config">config.yaml.</param>
/// <param name="Skills">Installed skills.</param>
/// <param name="Children">The process's children.</param>
/// <param name="Gate">The judge of commands.</param>
/// <param name="State">state.db.</param>
/// <param name="Time">The clock.</param>
internal sealed record ToolKit(
    GatewayEnvironment Environment,
    ConfigFile Config,
    SkillIndex Skills,
    ChildProcesses Children,
    ApprovalGate Gate,
    StateFile State,
    TimeProvider Time)
{
    /// <summary>Tools that others bring along, as they are now: those of MCP servers.</summary>
    public Func<IReadOnlyList<ITool>> Foreign { get; init; } = () => [];

    /// <summary>The secrets of this process.</summary>
    public OwnSecrets Secrets { get; } = new(Environment, Config);

    /// <summary>The way to services on the web.</summary>
    public Web.WebHttp Web { get; init; } = new();

    /// <summary>Commands in the background.</summary>
    public BackgroundProcesses Background { get; } = new(Children, Time, new ProcessListFile(Path.Combine(Environment.HermesHome, "processes.json")) { Mask = new OwnSecrets(Environment, Config).Redact });

    /// <summary>Files that only tools need.</summary>
    public ScratchFolder Scratch { get; } = new(Environment.GetRaw("XDG_RUNTIME_DIR"));

    /// <summary>Confines commands where the user wants that.</summary>
    public Sandbox.CommandSandbox Sandbox
    {
        get => field ??= new(Environment, Children, Scratch);
        init;
    }

    /// <summary>Whether a process, by its id, is sudo and may have the password.</summary>
    public Func<int, bool> IsSudo { get; init; } = SudoChannel.IsSudo;

    /// <summary>Keeps agents from changing one file at a time.</summary>
    public FileLocks Files { get; } = new();

    /// <summary>The configuration as it is now, its variables put in.</summary>
    public ConfigNode Settings => Config.Read().Root.Expand(Environment);
}
