using System.Text;
using Gateway.Processes;
using Gateway.Tools.Approvals;
using Gateway.Tools.Terminal;

namespace Gateway.Tools;

/// <summary>What the terminal tool is made of.</summary>
/// <param name="Children">Where commands are started.</param>
/// <param name="Gate">Decides which commands may run.</param>
/// <param name="Background">Commands that run while the conversation goes on.</param>
/// <param name="Scratch">Files that shells leave to each other.</param>
/// <param name="Time">The clock.</param>
internal sealed record TerminalRoom(ChildProcesses Children, ApprovalGate Gate, BackgroundProcesses Background, ScratchFolder Scratch, TimeProvider Time);

/// <summary>Runs shell commands (AGENT.md 10.1). Each is a shell of its own; exported variables, functions and the directory are
/// handed on within a conversation.</summary>
internal sealed class TerminalTool : ITool
{
    private const int TimedOutCode = 124;
    private const int InterruptedCode = 130;
    private const int NoticeOutput = 2000;

    private readonly TerminalSettings _settings;
    private readonly TerminalRoom _room;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly LongLivedCommands _longLived = new();
    private readonly SudoPrompt _sudo;
    private readonly Lazy<string> _shell;

    /// <summary>Creates the tool.</summary>
    /// <param name="settings">Limits.</param>
    /// <param name="environment">The gateway's environment; credentials are taken out here.</param>
    /// <param name="room">What it is made of.</param>
    public TerminalTool(TerminalSettings settings, IReadOnlyDictionary<string, string> environment, TerminalRoom room)
    {
        (_settings, _room) = (settings, room);
        _environment = CommandEnvironment.ForCommands(environment, settings.EnvironmentPassThrough);
        _sudo = new SudoPrompt(room.Children, environment.GetValueOrDefault("SUDO_PASSWORD"), _environment);
        _shell = new Lazy<string>(() => ExecutablePath.Find("bash", _environment.GetValueOrDefault("PATH")) ?? "/bin/sh");
    }

    /// <inheritdoc/>
    public string Name => "terminal";

    /// <inheritdoc/>
    public string Toolset => "terminal";

    /// <inheritdoc/>
    public string Description =>
        """
        Runs a shell command on the user's machine and returns what it printed (standard output and error together) and its exit code.
        Use it for builds, tests, package managers, version control and system questions; to read, search or change files prefer the file tools.
        cd and exported variables carry over to the next command of this conversation. Commands have no input, so programs that ask questions need their options for that.
        Servers, watchers and whatever does not end by itself need background=true: you get a session_id and go on; look at it with the process tool, or set notify_on_complete to be told of its end.
        Very long output is cut in the middle. Commands that could do damage are shown to the user first.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"command":{"type":"string","description":"The shell command to run."},"background":{"type":"boolean","description":"Run it while you go on. Default false."},"timeout":{"type":"integer","minimum":1,"description":"Seconds until a foreground command is stopped; at most 600. Without it a default of a few minutes applies."},"workdir":{"type":"string","description":"Directory for this command alone: a plain path. Without it, where the last command ended."},"pty":{"type":"boolean","description":"Give it a terminal, for programs that refuse to work without one. Default false."},"notify_on_complete":{"type":"boolean","description":"For background: you are told when it ends. Default false."},"watch_patterns":{"type":"array","items":{"type":"string"},"description":"For background: you are told of lines that contain one of these texts. For rare lines such as 'listening on'; not together with notify_on_complete."}},"required":["command"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        var (request, problem) = TerminalCall.Read(call.Arguments);
        if (request is null) return problem!;
        if (Objection(request) is { } objection) return objection;

        var directory = ResolveDirectory(request.WorkingDirectory, context.State.CurrentDirectory);
        if (!Directory.Exists(directory))
        {
            // The last command may have removed where it stood.
            if (request.WorkingDirectory is not null || !Directory.Exists(context.WorkingDirectory)) return TerminalResults.Refused($"Working directory does not exist: {directory}", "error");
            directory = context.State.CurrentDirectory = context.WorkingDirectory;
        }

        try
        {
            var decision = await _room.Gate.CheckAsync(request.Command, context.Approvals, context.Auxiliary, cancellationToken);
            if (decision.Refusal is { } refusal) return TerminalResults.Refused(refusal, "blocked");
            var shell = context.State.Shell ??= new ShellState(_room.Scratch, _room.Children, _shell.Value, _environment);
            await shell.PrepareAsync(directory, cancellationToken);
            var (command, ptyNote) = request.Pty ? WithTerminal(request.Command) : (request.Command, null);
            return request.Background
                ? await StartAsync(request, command, directory, shell, context, decision.Note, ptyNote)
                : await RunAsync(request, command, directory, shell, context, decision.Note, cancellationToken);
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

    private async Task<ToolResult> RunAsync(
        TerminalCall request, string command, string directory, ShellState shell, ToolContext context, string? note, CancellationToken cancellationToken)
    {
        var (prepared, password) = await _sudo.PrepareAsync(command, directory, context, cancellationToken);
        string? left = shell.NewLeft();
        int seconds = request.TimeoutSeconds ?? _settings.TimeoutSeconds;
        var start = Start(shell.Arguments(prepared, left), directory) with
        {
            Timeout = TimeSpan.FromSeconds(seconds),
            StandardInput = password is null ? ReadOnlyMemory<byte>.Empty : Encoding.UTF8.GetBytes(password + "\n"),
        };
        var result = await _room.Children.RunAsync(start, cancellationToken);
        if (shell.TakeUp(left) is { } ended && request.WorkingDirectory is null) context.State.CurrentDirectory = ended;
        string output = AnsiText.Strip(result.Output.ToText((omitted, total) => $"\n\n... [OUTPUT TRUNCATED - {omitted} chars omitted out of {total} total] ...\n\n"));
        if (password is not null)
        {
            SudoPrompt.Review(output, context);
            if (password.Length > 0) output = output.Replace(password, "***", StringComparison.Ordinal);
        }

        return Report(request.Command, seconds, result, output, note);
    }

    private async Task<ToolResult> StartAsync(
        TerminalCall request, string command, string directory, ShellState shell, ToolContext context, string? note, string? ptyNote)
    {
        var process = new BackgroundProcess("proc_" + Guid.NewGuid().ToString("N")[..12], context.State, request.Command, directory, _room.Time.GetUtcNow());
        var notify = context.State.Notify;
        bool endIsTold = request.NotifyOnComplete;
        var watch = request.WatchPatterns.Count == 0 || request.NotifyOnComplete || notify is null
            ? null
            : new OutputWatch(
                request.WatchPatterns,
                _room.Time,
                line => notify($"[Background process {process.Id} printed a line you watch for: {line}]"),
                () => endIsTold = true);
        string? failure = await _room.Background.StartAsync(process, Start(shell.Arguments(command, null), directory), watch, ended =>
        {
            if (endIsTold) notify?.Invoke(EndNotice(ended));
        });
        return failure is null ? TerminalResults.Started(process, request, note, ptyNote) : TerminalResults.Refused(failure, "error");
    }

    private static string EndNotice(BackgroundProcess process)
    {
        string output = Config.SecretMask.Redact(process.Output).Trim();
        if (output.Length > NoticeOutput) output = "…" + output[^NoticeOutput..].TrimStart('\uDC00', '\uDFFF');
        return $"[Background process {process.Id} ended with exit code {process.ExitCode}. Command: {process.Command}]\n{output}".Trim();
    }

    private ToolResult? Objection(TerminalCall request)
    {
        if (!request.Background && request.TimeoutSeconds > _settings.MaxTimeoutSeconds)
        {
            return TerminalResults.Invalid(
                $"Foreground timeout {request.TimeoutSeconds}s exceeds the maximum of {_settings.MaxTimeoutSeconds}s. Use background=true with notify_on_complete=true for long-running commands.");
        }

        if (!request.Background && _longLived.Matches(request.Command))
        {
            return TerminalResults.Refused(
                "This command would keep running or leave the foreground. Start it with background=true (without & or nohup) and look at it with the process tool.",
                "error");
        }

        return request.WorkingDirectory is { } directory && TerminalCall.DisallowedCharacter(directory) is { } character
            ? TerminalResults.Refused(
                $"Blocked: workdir contains disallowed character '{character}'. Use a simple filesystem path without shell metacharacters.", "blocked")
            : null;
    }

    // script(1) opens the terminal; it runs the command in the shell that SHELL names.
    private (string Command, string? Note) WithTerminal(string command)
    {
        if (ExecutablePath.Find("script", _environment.GetValueOrDefault("PATH")) is not { } script) return (command, "There is no script(1) on this machine, so the command ran without a terminal.");
        string quoted = "'" + command.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        return ($"SHELL={_shell.Value} {script} -qec {quoted} /dev/null", null);
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

    private ChildStart Start(IReadOnlyList<string> arguments, string directory)
    {
        var head = _settings.MaxOutputChars * 2 / 5;
        return new ChildStart
        {
            Path = _shell.Value,
            Arguments = arguments,
            Environment = _environment,
            WorkingDirectory = directory,
            MergeStandardError = true,
            OutputLimit = new OutputLimit(head, _settings.MaxOutputChars - head),
        };
    }

    private static ToolResult Report(string command, int seconds, ChildResult result, string output, string? approval)
    {
        // The shell's own word about the signal that ended it.
        if ((result.TimedOut || result.Interrupted) && output.TrimEnd().EndsWith("Terminated", StringComparison.Ordinal)) output = output.TrimEnd()[..^"Terminated".Length];
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
