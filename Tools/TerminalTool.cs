using Gateway.Processes;
using Gateway.Tools.Approvals;
using Gateway.Tools.Terminal;

namespace Gateway.Tools;

/// <summary>Runs one shell command in the foreground (AGENT.md 10.1).</summary>
/// <remarks>Every call is a fresh <c>bash -c</c>: directory changes and exports do not outlive it.</remarks>
internal sealed class TerminalTool : ITool
{
    private const int TimedOutCode = 124;
    private const int InterruptedCode = 130;

    private readonly TerminalSettings _settings;
    private readonly ChildProcesses _children;
    private readonly ApprovalGate _gate;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly LongLivedCommands _longLived = new();
    private readonly Lazy<string> _shell;

    /// <summary>Creates the tool.</summary>
    /// <param name="settings">Limits.</param>
    /// <param name="environment">The gateway's environment; credentials are taken out here.</param>
    /// <param name="children">Where commands are started.</param>
    /// <param name="gate">Decides which commands may run.</param>
    public TerminalTool(TerminalSettings settings, IReadOnlyDictionary<string, string> environment, ChildProcesses children, ApprovalGate gate)
    {
        (_settings, _children, _gate) = (settings, children, gate);
        _environment = CommandEnvironment.ForCommands(environment, settings.EnvironmentPassThrough);
        _shell = new Lazy<string>(() => ExecutablePath.Find("bash", _environment.GetValueOrDefault("PATH")) ?? "/bin/sh");
    }

    /// <inheritdoc/>
    public string Name => "terminal";

    /// <inheritdoc/>
    public string Toolset => "terminal";

    /// <inheritdoc/>
    public string Description =>
        """
        Runs one shell command on the user's machine and returns what it printed (standard output and error together) and its exit code.
        Use it for builds, tests, package managers, version control and system questions; to read, search or change files prefer the file tools.
        Each call starts a new bash without input: cd and exported variables do not carry over, so join dependent steps with && or pass workdir.
        The command has to end by itself. Interactive programs, servers and anything put into the background with & are refused.
        Very long output is cut in the middle. Commands that could do damage are shown to the user first.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"command":{"type":"string","description":"The shell command to run."},"timeout":{"type":"integer","minimum":1,"description":"Seconds until the command is stopped; at most 600. Without it a default of a few minutes applies."},"workdir":{"type":"string","description":"Directory to run in: a plain path. Without it the session's working directory is used."}},"required":["command"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        var (request, problem) = TerminalCall.Read(call.Arguments);
        if (request is null) return problem!;
        if (Objection(request) is { } objection) return objection;

        var directory = ResolveDirectory(request.WorkingDirectory, context.WorkingDirectory);
        if (!Directory.Exists(directory)) return TerminalResults.Refused($"Working directory does not exist: {directory}", "error");

        try
        {
            var decision = await _gate.CheckAsync(request.Command, context.Approvals, cancellationToken);
            if (decision.Refusal is { } refusal) return TerminalResults.Refused(refusal, "blocked");

            var seconds = request.TimeoutSeconds ?? _settings.TimeoutSeconds;
            var result = await _children.RunAsync(Start(request.Command, directory, seconds), cancellationToken);
            return Report(request.Command, seconds, result, decision.Note);
        }
        catch (ChildStartException failure)
        {
            return TerminalResults.Refused(failure.Message, "error");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The turn was interrupted while the user was being asked.
            return TerminalResults.Finished("[Command interrupted]", InterruptedCode, null, null, "interrupted");
        }
    }

    private ToolResult? Objection(TerminalCall request)
    {
        if (request.TimeoutSeconds > _settings.MaxTimeoutSeconds)
        {
            return TerminalResults.Invalid(
                $"Foreground timeout {request.TimeoutSeconds}s exceeds the maximum of {_settings.MaxTimeoutSeconds}s. Use background=true with notify_on_complete=true for long-running commands.");
        }

        if (_longLived.Matches(request.Command))
        {
            return TerminalResults.Refused(
                "This command would keep running or leave the foreground. It needs background=true, which is not available yet: run a variant that ends by itself, or ask the user to start it.",
                "error");
        }

        return request.WorkingDirectory is { } directory && TerminalCall.DisallowedCharacter(directory) is { } character
            ? TerminalResults.Refused(
                $"Blocked: workdir contains disallowed character '{character}'. Use a simple filesystem path without shell metacharacters.", "blocked")
            : null;
    }

    private string ResolveDirectory(string? requested, string session)
    {
        if (requested is null) return session;
        if (requested == "~" || requested.StartsWith("~/", StringComparison.Ordinal))
        {
            requested = _environment.GetValueOrDefault("HOME", "/") + requested[1..];
        }

        return Path.GetFullPath(requested, session);
    }

    private ChildStart Start(string command, string directory, int seconds)
    {
        var head = _settings.MaxOutputChars * 2 / 5;
        return new ChildStart
        {
            Path = _shell.Value,
            Arguments = ["-c", command],
            Environment = _environment,
            WorkingDirectory = directory,
            MergeStandardError = true,
            OutputLimit = new OutputLimit(head, _settings.MaxOutputChars - head),
            Timeout = TimeSpan.FromSeconds(seconds),
        };
    }

    private static ToolResult Report(string command, int seconds, ChildResult result, string? approval)
    {
        var output = AnsiText.Strip(result.Output.ToText((omitted, total) =>
            $"\n\n... [OUTPUT TRUNCATED - {omitted} chars omitted out of {total} total] ...\n\n"));
        if (result.TimedOut)
        {
            return TerminalResults.Finished(
                $"{output}\n[Command timed out after {seconds}s]".Trim(), TimedOutCode, approval, null, $"timed out after {seconds}s");
        }

        if (result.Interrupted)
        {
            return TerminalResults.Finished($"{output}\n[Command interrupted]".Trim(), InterruptedCode, approval, null, "interrupted");
        }

        var meaning = ExitCodeMeaning.Of(command, result.ExitCode);
        var error = result.ExitCode == 0 || meaning is { IsError: false } ? null : $"exit {result.ExitCode}";
        return TerminalResults.Finished(output.Trim(), result.ExitCode, approval, meaning?.Text, error);
    }
}
