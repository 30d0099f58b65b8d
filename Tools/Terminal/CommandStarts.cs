using Gateway.Processes;
using Gateway.Tools.Sandbox;

namespace Gateway.Tools.Terminal;

/// <summary>A command that may run.</summary>
/// <param name="Call">What was asked for.</param>
/// <param name="Directory">Absolute directory it runs in.</param>
/// <param name="Shell">The shell of the conversation.</param>
/// <param name="Approval">For the result: that the user was asked; null when nobody was.</param>
internal sealed record CommandPlan(TerminalCall Call, string Directory, ShellState Shell, string? Approval)
{
    /// <summary>What confines it; null for nothing.</summary>
    public ConfinedRun? Sandbox { get; init; }

    /// <summary>A start of it as it is to be.</summary>
    public ChildStart Confined(ChildStart start) => Sandbox?.Apply(start) ?? start;
}

/// <summary>How commands are started.</summary>
/// <param name="settings">Limits.</param>
/// <param name="environment">What commands see.</param>
internal sealed class CommandStarts(TerminalSettings settings, IReadOnlyDictionary<string, string> environment)
{
    private readonly Lazy<string> _shell = new(() => ExecutablePath.Find("bash", environment.GetValueOrDefault("PATH")) ?? "/bin/sh");

    /// <summary>Absolute path of the shell: bash where there is one.</summary>
    public string Shell => _shell.Value;

    /// <summary>The start of the shell with these arguments.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="directory">Absolute directory it runs in.</param>
    /// <param name="more">Variables that this conversation's commands see beside the usual ones.</param>
    public ChildStart Start(IReadOnlyList<string> arguments, string directory, IReadOnlyDictionary<string, string> more)
    {
        var head = settings.MaxOutputChars * 2 / 5;
        return new ChildStart
        {
            Path = Shell,
            Arguments = arguments,
            Environment = more.Count == 0 ? environment : environment.Where(pair => !more.ContainsKey(pair.Key)).Concat(more).ToDictionary(StringComparer.Ordinal),
            WorkingDirectory = directory,
            MergeStandardError = true,
            OutputLimit = new OutputLimit(head, settings.MaxOutputChars - head),
        };
    }

    /// <summary>A command that gets a terminal if it wants one: script(1) opens it, and runs the command in the shell that SHELL names.</summary>
    /// <returns>The command, and for the result why it got none; null when it did or wanted none.</returns>
    public (string Command, string? Note) Terminal(string command, bool wanted)
    {
        if (!wanted) return (command, null);
        if (ExecutablePath.Find("script", environment.GetValueOrDefault("PATH")) is not { } script) return (command, "There is no script(1) on this machine, so the command ran without a terminal.");
        return ($"SHELL={ShellText.Quote(Shell)} {script} -qec {ShellText.Quote(command)} /dev/null", null);
    }
}
