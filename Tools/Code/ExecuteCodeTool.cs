using System.Globalization;
using System.Net.Sockets;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;
using Gateway.Tools.Sandbox;
using Gateway.Tools.Terminal;

namespace Gateway.Tools.Code;

/// <summary>Runs a Python script that can call tools (AGENT.md section 11).</summary>
internal sealed class ExecuteCodeTool(GatewayEnvironment environment, ConfigNode config, ChildProcesses children, ScratchFolder scratch, TimeProvider time) : ITool
{
    private const int MostOutput = 50_000;
    private const int MostErrors = 10_000;
    private const int LongestSocketName = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Variables that are kept from scripts beside those that are called like a credential; default none.</summary>
    public IReadOnlySet<string> Withheld { get; init; } = new HashSet<string>();

    /// <summary>Confines scripts where the settings say so.</summary>
    public CommandSandbox? Sandbox { get; init; }

    private bool IsStrict => config.Find("code_execution", "mode").AsText() == "strict";

    /// <summary>Whether there is a Python to run scripts with.</summary>
    public bool IsAvailable => CodeEnvironment.Python(environment.Variables, !IsStrict) is not null;

    /// <inheritdoc/>
    public string Name => "execute_code";

    /// <inheritdoc/>
    public string Toolset => "code_execution";

    /// <inheritdoc/>
    public string Description =>
        """
        Runs a Python script that can call tools as functions; only what it prints comes back. Use it when several tool calls hang together: loops over many files, results that have to be filtered or counted before they are worth reading, one step that decides about the next. For one or two calls use the tools themselves.
        from hermes_tools import terminal, read_file, write_file, patch, search_files, web_search, web_extract, json_parse, shell_quote, retry
        Each takes the arguments of the tool of that name and returns its result as a dict. At most 50 calls and 5 minutes unless configured otherwise; print what you need, 50 000 characters at most.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"code":{"type":"string","description":"The script, Python 3."}},"required":["code"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string code = ToolJson.Text(call.Arguments, "code") ?? "";
        if (string.IsNullOrWhiteSpace(code)) return ToolJson.Error("No code provided.");
        if (CodeEnvironment.Python(environment.Variables, !IsStrict) is not { } python) return ToolJson.Error("execute_code needs Python 3, which is not on the PATH. Install it, or use the other tools.");
        try
        {
            string folder = scratch.NewName("code");
            string socket = Path.Combine(folder, "rpc");
            if (socket.Length > LongestSocketName) return ToolJson.Error($"The folder for temporary files has too long a name for a socket: {folder}. Set TMPDIR to a shorter one.");
            Directory.CreateDirectory(folder, OwnerOnly);
            await File.WriteAllTextAsync(Path.Combine(folder, CodeModule.FileName), CodeModule.Source, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "script.py"), code, cancellationToken);
            return await RunAsync(python, folder, socket, context, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ToolJson.Error($"The script cannot be written: {PrivateFiles.Reason(exception)}");
        }
        catch (Exception exception) when (exception is ChildStartException or SocketException)
        {
            return ToolJson.Error($"The script cannot be started: {(exception is ChildStartException start ? start.Message : "its socket cannot be made")}");
        }
    }

    private async Task<ToolResult> RunAsync(string python, string folder, string socket, ToolContext context, CancellationToken cancellationToken)
    {
        int seconds = config.Find("code_execution", "timeout").AsInt() is > 0 and var given ? given : 300;
        int most = config.Find("code_execution", "max_tool_calls").AsInt() is > 0 and var calls ? calls : 50;
        string[] passThrough = [.. config.Find("terminal", "env_passthrough").Items.Select(item => item.AsText()).OfType<string>()];
        var variables = CodeEnvironment.For(environment.Variables, passThrough);
        foreach (string name in Withheld.Except(passThrough)) variables.Remove(name);
        foreach (var (name, value) in context.State.Skills.Variables) variables[name] = value;
        variables["HERMES_RPC_SOCKET"] = socket;
        variables["PYTHONDONTWRITEBYTECODE"] = "1";
        variables["PYTHONUNBUFFERED"] = "1";
        variables["PYTHONIOENCODING"] = "utf-8";
        variables["PYTHONPATH"] = variables.TryGetValue("PYTHONPATH", out string? path) && path.Length > 0 ? $"{folder}:{path}" : folder;
        var start = new ChildStart
        {
            Path = python,
            Arguments = [Path.Combine(folder, "script.py")],
            Environment = variables,
            WorkingDirectory = IsStrict || !Directory.Exists(context.State.CurrentDirectory) ? folder : context.State.CurrentDirectory,
            Timeout = TimeSpan.FromSeconds(seconds),
            OutputLimit = new OutputLimit(MostOutput * 2 / 5, MostOutput * 3 / 5),
            ErrorLimit = new OutputLimit(MostErrors / 2, MostErrors / 2),
        };

        var settings = SandboxSettings.Read(config, environment);
        var confined = !settings.IsOn ? null
            : Sandbox is null ? throw new ChildStartException(python, "terminal.sandbox is on, but nothing here can confine scripts")
            : await Sandbox.EnterAsync(settings, context, start.WorkingDirectory, folder);
        if (confined is not null) start = confined.Apply(start);
        using var server = new CodeCalls(context.Tools, context with { State = context.State.ForScript() }, most);
        server.Listen(socket);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var served = server.ServeAsync(ended.Token);
        long began = time.GetTimestamp();
        ChildResult result;
        try
        {
            result = await children.RunAsync(start, cancellationToken);
        }
        finally
        {
            // What the script still had running ends with it.
            ended.Cancel();
        }

        await served;
        TryDelete(folder);
        return Report(result, seconds, server.Made, time.GetElapsedTime(began), confined);
    }

    // What cannot be removed now goes with the scratch folder.
    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The result counts, not the leftovers.
        }
    }

    private static ToolResult Report(ChildResult result, int seconds, int calls, TimeSpan took, ConfinedRun? confined)
    {
        string status = result.TimedOut ? "timeout" : result.Interrupted ? "interrupted" : result.ExitCode == 0 ? "success" : "error";
        string output = Text(result.Output), errors = Text(result.ErrorOutput).Trim();
        string? problem = status switch
        {
            "timeout" => $"Script timed out after {seconds}s and was killed.",
            "interrupted" => "interrupted",
            "error" when errors.Length > 0 => errors[(errors.LastIndexOf('\n') + 1)..],
            "error" => $"Script ended with exit code {result.ExitCode}.",
            _ => null,
        };
        if (status == "timeout") output = $"{output}\n⏰ {problem}".Trim();
        if (status == "interrupted") output = $"{output}\n[execution interrupted — user sent a new message]".Trim();
        if (status == "error" && errors.Length > 0) output += $"\n--- stderr ---\n{errors}";
        if (status == "error" && confined?.Hint(output, result.ExitCode) is { } hint) output += $"\n{hint}";
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteString("status", status);
                json.WriteString("output", output);
                json.WriteNumber("tool_calls_made", calls);
                json.WriteNumber("duration_seconds", Math.Round(took.TotalSeconds, 2));
                if (problem is not null) json.WriteString("error", problem);
            }),
            problem,
            problem is not null ? null : string.Create(CultureInfo.InvariantCulture, $"{calls} tool call{(calls == 1 ? "" : "s")}"));
    }

    private static string Text(CapturedText text) => AnsiText.Strip(text.ToText((omitted, total) => $"\n\n... [OUTPUT TRUNCATED - {omitted} chars omitted out of {total} total] ...\n\n"));
}
