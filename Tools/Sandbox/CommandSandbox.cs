using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools.Terminal;

namespace Gateway.Tools.Sandbox;

/// <summary>Confines commands of the agent, with what this machine has for it: bubblewrap, else Landlock. Which one works is found out once,
/// at the first command. Safe from any thread.</summary>
/// <param name="environment">What comes from outside.</param>
/// <param name="children">Tries bubblewrap.</param>
/// <param name="scratch">Where folders of conversations are made.</param>
internal sealed class CommandSandbox(GatewayEnvironment environment, ChildProcesses children, ScratchFolder scratch)
{
    private static TimeSpan ProbeTime => TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private Task<(ISandboxMechanism? Mechanism, string Problem)>? _bubblewrap;
    private Task<(ISandboxMechanism? Mechanism, string Problem)>? _offline;

    /// <summary>Version of Landlock that the kernel has; 0 for none.</summary>
    public Func<int> LandlockVersion { get; init; } = () => Confinement.Version;

    /// <summary>Absolute path of bubblewrap; null when it is not installed.</summary>
    public Func<string?> FindBubblewrap { get; init; } = () => ExecutablePath.Find("bwrap", environment.GetRaw("PATH"));

    /// <summary>Makes ready to confine commands of a conversation.</summary>
    /// <param name="settings">How far; on.</param>
    /// <param name="context">The conversation.</param>
    /// <param name="directory">Where the command runs.</param>
    /// <param name="own">Folders of ours that it needs.</param>
    /// <exception cref="ChildStartException">It cannot be confined, so it must not run.</exception>
    public async Task<ConfinedRun> EnterAsync(SandboxSettings settings, ToolContext context, string directory, params string[] own)
    {
        if (settings.Problem is { } problem) throw new ChildStartException("the command", problem);
        var mechanism = await MechanismAsync(settings.HasNetwork);
        var box = context.State.Box ??= new ConversationBox(scratch);
        var plan = SandboxPlan.Make(settings, new HiddenPlaces(environment), context.WorkingDirectory, box.Temporary(), [box.Folder(), .. own]);
        if (!plan.Shows(directory)) throw new ChildStartException("the command", $"{directory} is hidden in the sandbox. Run it in another folder");
        return new ConfinedRun(mechanism, plan, HiddenPlaces.Real(context.WorkingDirectory));
    }

    private async Task<ISandboxMechanism> MechanismAsync(bool hasNetwork)
    {
        Task<(ISandboxMechanism? Mechanism, string Problem)> probe;
        lock (_gate) probe = hasNetwork ? _bubblewrap ??= ProbeAsync(true) : _offline ??= ProbeAsync(false);
        var (found, problem) = await probe;
        return found ?? throw new ChildStartException("the command", problem);
    }

    private async Task<(ISandboxMechanism? Mechanism, string Problem)> ProbeAsync(bool hasNetwork)
    {
        string without = "is not installed";
        if (FindBubblewrap() is { } program)
        {
            if (await ComplaintAsync(program, hasNetwork) is not { } complaint) return (new Bubblewrap(program), "");
            without = $"does not work here ({complaint})";
        }

        int version = LandlockVersion();
        if (version >= Confinement.LeastVersion) return (new LandlockRules(), "");
        string kernel = version == 0 ? "is not in this kernel" : $"has version {version} here, and {Confinement.LeastVersion} is needed (Linux 6.2)";
        return (null, $"terminal.sandbox is on, but nothing can confine commands on this machine: bubblewrap {without}, and Landlock {kernel}. Install bubblewrap, or set terminal.sandbox: off in config.yaml");
    }

    private async Task<string?> ComplaintAsync(string program, bool hasNetwork)
    {
        var plan = new SandboxPlan { Writable = [], Temporary = "/", Own = [], Emptied = [new("/run", [])], Secrets = [], HasNetwork = hasNetwork };
        var start = new Bubblewrap(program).Confine(
            new ChildStart { Path = "/bin/sh", Arguments = ["-c", ":"], Environment = new Dictionary<string, string>(), WorkingDirectory = "/", MergeStandardError = true, Timeout = ProbeTime }, plan);
        try
        {
            var result = await children.RunAsync(start, CancellationToken.None);
            if (result.ExitCode == 0) return null;
            string said = result.Output.Head.Trim();
            return said.Length == 0 ? $"exit {result.ExitCode}" : said.Split('\n')[0];
        }
        catch (ChildStartException failure)
        {
            return failure.Reason;
        }
    }
}
