using Gateway.Config;
using Gateway.Processes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>A server that runs as a child of ours and dies with us. It gets a small environment and never our own descriptors.</summary>
internal sealed class McpProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly InputPipe _input = new();
    private readonly McpOutput _output;
    private readonly McpTraffic _traffic;
    private readonly Task _run;

    private McpProcess(ChildProcesses children, ChildStart start, McpTraffic traffic)
    {
        _traffic = traffic;
        _output = new McpOutput(traffic);
        Started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _run = FollowAsync(children.RunAsync(start with { Input = _input, OnOutput = _output.Take, OnStarted = _ => Started.TrySetResult() }, _stop.Token));
    }

    private TaskCompletionSource Started { get; }

    /// <summary>The transport over its pipes.</summary>
    public IClientTransport Transport => new McpGuardedTransport(new McpChildTransport(new StreamClientTransport(new McpInput(_input), _output.Reader, null)), _traffic);

    /// <summary>Completes when it has ended.</summary>
    public Task Ended => _run;

    /// <summary>Starts a server.</summary>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    /// <param name="server">The server.</param>
    /// <param name="environment">What comes from outside.</param>
    /// <param name="children">Where it is started.</param>
    /// <param name="errors">What it prints to standard error.</param>
    /// <param name="traffic">Counts what it prints to standard output.</param>
    public static async Task<McpProcess> StartAsync(McpServerConfig server, GatewayEnvironment environment, ChildProcesses children, McpErrorLog errors, McpTraffic traffic)
    {
        var variables = Variables(server, environment);
        string program = Program(server.Command!, variables, environment) ?? throw new ChildStartException(server.Command!, "not found on PATH");
        errors.Begin(server.Name);
        var process = new McpProcess(children, new ChildStart
        {
            Path = program,
            Arguments = server.Arguments,
            Environment = variables,
            WorkingDirectory = server.WorkingDirectory is { } directory ? Path.GetFullPath(environment.ExpandHome(directory), environment.WorkingDirectory) : environment.WorkingDirectory,
            OutputLimit = new OutputLimit(0, 0),
            ErrorLimit = new OutputLimit(0, 0),
            OnErrorOutput = text => errors.Write(server.Name, text),
            LeavesNothing = true,
        }, traffic);
        await Task.WhenAny(process.Started.Task, process._run);
        if (process._run.IsFaulted) await process._run;
        return process;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _input.Close();
        _output.Abandon();
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task FollowAsync(Task<ChildResult> run)
    {
        try
        {
            await run;
        }
        finally
        {
            _output.End();
            _input.Close();
        }
    }

    private static Dictionary<string, string> Variables(McpServerConfig server, GatewayEnvironment environment)
    {
        var variables = environment.Variables
            .Where(pair => pair.Key is "PATH" or "HOME" or "USER" or "LANG" or "LC_ALL" or "TERM" or "SHELL" or "TMPDIR" || pair.Key.StartsWith("XDG_", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in server.Environment) variables[name] = value;
        return variables;
    }

    private static string? Program(string command, Dictionary<string, string> variables, GatewayEnvironment environment)
    {
        command = environment.ExpandHome(command);
        if (command.Contains('/')) return Path.GetFullPath(command, environment.WorkingDirectory);
        return ExecutablePath.Find(command, variables.GetValueOrDefault("PATH"))
            ?? ExecutablePath.Find(command, $"{Path.Combine(environment.HermesHome, "node", "bin")}:{Path.Combine(environment.UserHome, ".local", "bin")}");
    }
}
