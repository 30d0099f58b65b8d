using Gateway.Config;

namespace Gateway.Tools.Sandbox;

/// <summary>Whether commands of the agent are confined, and how far.</summary>
internal sealed record SandboxSettings
{
    /// <summary>Commands run as the user does.</summary>
    public static SandboxSettings Off { get; } = new();

    /// <summary>Whether commands are confined (<c>terminal.sandbox</c>: <c>workspace</c>, or <c>off</c>). Default false.</summary>
    public bool IsOn { get; init; }

    /// <summary>Whether confined commands have the network (<c>terminal.sandbox_network</c>: <c>on</c>, <c>off</c>). Default true.</summary>
    public bool HasNetwork { get; init; } = true;

    /// <summary>Absolute paths of folders that may be written beside the session's own (<c>terminal.sandbox_writable</c>). Default none.</summary>
    public IReadOnlyList<string> Writable { get; init; } = [];

    /// <summary>What is wrong with the settings; then nothing runs, since nobody knows what was meant. Null when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Reads the section terminal.</summary>
    /// <param name="config">The configuration, expanded.</param>
    /// <param name="environment">What comes from outside.</param>
    public static SandboxSettings Read(ConfigNode config, GatewayEnvironment environment)
    {
        var section = config.Find("terminal");
        string mode = Word(section.Find("sandbox"), "off"), network = Word(section.Find("sandbox_network"), "on");
        if (IsNo(mode)) return Off;
        string[] paths = [.. section.Find("sandbox_writable").Items.Select(item => environment.ExpandHome(item.AsText() ?? ""))];
        return new SandboxSettings
        {
            IsOn = true,
            HasNetwork = !IsNo(network),
            Writable = [.. paths.Where(Path.IsPathRooted).Select(Path.GetFullPath)],
            Problem = mode != "workspace" && !IsYes(mode) ? $"terminal.sandbox in config.yaml is '{mode}'. Set it to workspace or off"
                : !IsNo(network) && !IsYes(network) ? $"terminal.sandbox_network in config.yaml is '{network}'. Set it to on or off"
                : paths.FirstOrDefault(path => !Path.IsPathRooted(path)) is { } wrong ? $"terminal.sandbox_writable in config.yaml has '{wrong}'. Set it to a list of absolute paths"
                : !section.Find("sandbox_writable").IsNull && paths.Length == 0 && section.Find("sandbox_writable").AsText() is not null ? "terminal.sandbox_writable in config.yaml is no list. Set it to a list of absolute paths"
                : null,
        };
    }

    // YAML takes on and off for truth values.
    private static string Word(ConfigNode node, string fallback) => node.Kind switch
    {
        ConfigKind.Null => fallback,
        ConfigKind.Boolean => node.AsBool(false) ? "on" : "off",
        _ => node.AsText()?.Trim().ToLowerInvariant() ?? "a list or map",
    };

    private static bool IsNo(string word) => word is "off" or "false" or "no" or "0" or "";

    private static bool IsYes(string word) => word is "on" or "true" or "yes" or "1";
}
