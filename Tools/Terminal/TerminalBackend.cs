using Gateway.Config;

namespace Gateway.Tools.Terminal;

/// <summary>Where commands are to run (terminal.backend, CONFIG.md 3). This gateway runs them on its own machine and nowhere else.</summary>
internal static class TerminalBackend
{
    /// <summary>Why nothing may be run here; null when commands belong on this machine. Who wants them in a container must not find them
    /// outside of it, so a word we do not know counts as another place.</summary>
    public static string? Problem(ConfigNode config, GatewayEnvironment environment)
    {
        var section = config.Find("terminal");
        string? wanted = section.Find("backend").AsText() ?? section.Find("env_type").AsText() ?? environment.Get("TERMINAL_ENV")?.Trim();
        return wanted is null or "" || wanted.Equals("local", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"terminal.backend is '{wanted}', but this gateway can run commands and reach files only on the machine it runs on, so it does neither. "
                + "Set terminal.backend (or TERMINAL_ENV) to local if that is what you want.";
    }
}

/// <summary>Stands for a tool that would work on this machine, while another place is configured: it is listed, and says why it does nothing.</summary>
internal sealed class ElsewhereTool : ITool
{
    private readonly ITool _tool;
    private readonly string _problem;

    private ElsewhereTool(ITool tool, string problem) => (_tool, _problem) = (tool, problem);

    /// <inheritdoc/>
    public string Name => _tool.Name;

    /// <inheritdoc/>
    public string Toolset => _tool.Toolset;

    /// <inheritdoc/>
    public string Description => _tool.Description;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema => _tool.ParametersSchema;

    /// <summary>The tool, or what stands for it when it works on this machine.</summary>
    public static ITool InPlaceOf(ITool tool, string problem) =>
        tool.Name is "terminal" or "process" or "execute_code" or "read_file" or "write_file" or "patch" or "search_files" ? new ElsewhereTool(tool, problem) : tool;

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Name == "terminal" ? TerminalResults.Refused(_problem, "disabled") : ToolJson.Error(_problem));
}
