using System.Globalization;
using Gateway.Config;
using Gateway.Tools.Sandbox;

namespace Gateway.Tools.Terminal;

/// <summary>Limits of the terminal tool.</summary>
/// <remarks>Without effect, since commands run on this machine only: <c>terminal.persistent_shell</c> and <c>terminal.lifetime_seconds</c>, which are
/// about shells and containers elsewhere (here exports and the directory carry over always, and nothing has to be given up when idle), and all
/// of <c>ssh_*</c>, <c>docker_*</c>, <c>container_*</c>.</remarks>
internal sealed record TerminalSettings
{
    /// <summary>Seconds that a command may take when the call names none (<c>terminal.timeout</c>, TERMINAL_TIMEOUT).
    /// Default 180.</summary>
    public int TimeoutSeconds { get; init; } = 180;

    /// <summary>Most seconds that a call may ask for (TERMINAL_MAX_FOREGROUND_TIMEOUT). Default 600. The default timeout may
    /// be longer.</summary>
    public int MaxTimeoutSeconds { get; init; } = 600;

    /// <summary>Most characters of output in a result (<c>tool_output.max_bytes</c>). Default 50 000.</summary>
    public int MaxOutputChars { get; init; } = 50_000;

    /// <summary>Credentials to give to commands all the same (<c>terminal.env_passthrough</c>). Default none.</summary>
    public IReadOnlyCollection<string> EnvironmentPassThrough { get; init; } = [];

    /// <summary>Variables beside the known credentials that are kept from commands, unless they are passed through; default none.</summary>
    public IReadOnlySet<string> Withheld { get; init; } = new HashSet<string>();

    /// <summary>The password of sudo (<c>terminal.sudo_password</c>); "" is tried like any other. Default null: SUDO_PASSWORD counts.</summary>
    public string? SudoPassword { get; init; }

    /// <summary>Absolute paths of files that the first shell sources (<c>terminal.shell_init_files</c>). Default none: then the user's
    /// profile and, with <see cref="SourcesBashrc"/>, ~/.bashrc.</summary>
    public IReadOnlyList<string> ShellInitFiles { get; init; } = [];

    /// <summary>Whether the first shell sources ~/.bashrc as well (<c>terminal.auto_source_bashrc</c>). Default true.</summary>
    public bool SourcesBashrc { get; init; } = true;

    /// <summary>Whether commands are confined. Default: they are not.</summary>
    public SandboxSettings Sandbox { get; init; } = SandboxSettings.Off;

    /// <summary>Reads the section terminal of the configuration and the variables beside it.</summary>
    /// <param name="config">The configuration, expanded.</param>
    /// <param name="agent">What was read of it already.</param>
    /// <param name="environment">What comes from outside.</param>
    public static TerminalSettings Read(ConfigNode config, AgentSettings agent, GatewayEnvironment environment)
    {
        var section = config.Find("terminal");
        return new TerminalSettings
        {
            TimeoutSeconds = agent.TerminalTimeoutSeconds,
            MaxTimeoutSeconds = int.TryParse(environment.Get("TERMINAL_MAX_FOREGROUND_TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out int longest) && longest > 0 ? longest : 600,
            MaxOutputChars = agent.ToolOutputMaxChars,
            EnvironmentPassThrough = Texts(section.Find("env_passthrough")),
            SudoPassword = section.Find("sudo_password").AsString(),
            ShellInitFiles = [.. Texts(section.Find("shell_init_files")).Select(environment.ExpandHome).Where(Path.IsPathRooted)],
            Sandbox = SandboxSettings.Read(config, environment),
            SourcesBashrc = section.Find("auto_source_bashrc").AsBool(true),
        };
    }

    private static string[] Texts(ConfigNode list) => [.. list.Items.Select(item => item.AsText()).OfType<string>()];
}
