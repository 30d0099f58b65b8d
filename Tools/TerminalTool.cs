using System.Text;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools.Approvals;
using Gateway.Tools.Sandbox;
using Gateway.Tools.Terminal;

namespace Gateway.Tools;

/// <summary>What the terminal tool is made of.</summary>
/// <param name="Children">Where commands are started.</param>
/// <param name="Gate">Decides which commands may run.</param>
/// <param name="Background">Commands that run while the conversation goes on.</param>
/// <param name="Scratch">Files that shells leave to each other.</param>
/// <param name="Time">The clock.</param>
internal sealed record TerminalRoom(ChildProcesses Children, ApprovalGate Gate, BackgroundProcesses Background, ScratchFolder Scratch, TimeProvider Time)
{
    /// <summary>Whether a process, by its id, is sudo and may have the password.</summary>
    public Func<int, bool> IsSudo { get; init; } = SudoChannel.IsSudo;

    /// <summary>Confines commands where the settings say so.</summary>
    public CommandSandbox? Sandbox { get; init; }
}

/// <summary>Runs shell commands (AGENT.md 10.1). Each is a shell of its own; exported variables, functions and the directory are
/// handed on within a conversation.</summary>
internal sealed class TerminalTool : ITool
{
    /// <summary>Most bytes of one argument of a program (MAX_ARG_STRLEN of Linux, without the NUL at the end).</summary>
    public const int LongestCommand = 131_071;
    private const int LongestPath = 4096;

    private readonly TerminalSettings _settings;
    private readonly TerminalRoom _room;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly LongLivedCommands _longLived = new();
    private readonly CommandStarts _starts;
    private readonly ForegroundCommands _foreground;
    private readonly BackgroundCommands _background;

    /// <summary>Creates the tool.</summary>
    /// <param name="settings">Limits.</param>
    /// <param name="environment">The gateway's environment; credentials are taken out here.</param>
    /// <param name="room">What it is made of.</param>
    public TerminalTool(TerminalSettings settings, IReadOnlyDictionary<string, string> environment, TerminalRoom room)
    {
        (_settings, _room) = (settings, room);
        _environment = CommandEnvironment.ForCommands(environment, settings.EnvironmentPassThrough, settings.Withheld);
        _starts = new CommandStarts(settings, _environment);
        var sudo = new SudoPrompt(settings.SudoPassword ?? environment.GetValueOrDefault("SUDO_PASSWORD"), room.Scratch, room.IsSudo);
        _foreground = new ForegroundCommands(settings, room, _starts, sudo);
        _background = new BackgroundCommands(room, _starts, sudo);
    }

    /// <inheritdoc/>
    public string Name => "terminal";

    /// <inheritdoc/>
    public string Toolset => "terminal";

    /// <inheritdoc/>
    public string Description => _settings.Sandbox.IsOn ? $"{Plain}\n{Confined}" : Plain;

    private string Confined =>
        $"""
        Commands run in a sandbox: they can write the session's directory, temporary files of their own{string.Concat(_settings.Sandbox.Writable.Select(folder => $", {folder}"))} and nothing else, do not see keys and logins, cannot use sudo{(_settings.Sandbox.HasNetwork ? "" : ", have no network")}, and leave nothing running. outside_sandbox=true runs one without these limits, after the user has agreed.
        """;

    private static string Plain =>
        """
        Runs a shell command on the user's machine and returns what it printed (standard output and error together) and its exit code.
        Use it for builds, tests, package managers, version control and system questions; to read, search or change files prefer the file tools.
        cd and exported variables carry over to the next command of this conversation. Commands have no input, so programs that ask questions need their options for that.
        Servers, watchers and whatever does not end by itself need background=true: you get a session_id and go on; look at it with the process tool, or set notify_on_complete to be told of its end.
        Very long output is cut in the middle. Commands that could do damage are shown to the user first.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema => Encoding.UTF8.GetBytes(
        _settings.Sandbox.IsOn ? Parameters.Replace("},\"required\"", $",{OutsideParameter}}},\"required\"", StringComparison.Ordinal) : Parameters);

    private const string OutsideParameter =
        "\"outside_sandbox\":{\"type\":\"boolean\",\"description\":\"Run it without the sandbox, which the user is asked about first. Only for what cannot work inside. Default false.\"}";

    private const string Parameters =
        """
        {"type":"object","properties":{"command":{"type":"string","description":"The shell command to run."},"background":{"type":"boolean","description":"Run it while you go on. Default false."},"timeout":{"type":"integer","minimum":1,"description":"Seconds until a foreground command is stopped; at most 600. Without it a default of a few minutes applies."},"workdir":{"type":"string","description":"Directory for this command alone: a plain path. Without it, where the last command ended."},"pty":{"type":"boolean","description":"Give it a terminal, for programs that refuse to work without one. Default false."},"notify_on_complete":{"type":"boolean","description":"For background: you are told when it ends. Default false."},"watch_patterns":{"type":"array","items":{"type":"string"},"description":"For background: you are told of lines that contain one of these texts. For rare lines such as 'listening on'; not together with notify_on_complete."}},"required":["command"]}
        """;

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
            var decision = await _room.Gate.CheckAsync(Judged(request.Command, directory, context), context.Approvals, context.Auxiliary, cancellationToken);
            if (decision.Refusal is { } refusal) return TerminalResults.Refused(refusal, "blocked");
            bool leaves = _settings.Sandbox.IsOn && request.OutsideSandbox;
            if (leaves && await SandboxExit.RefusalAsync(request.Command, context.Approvals, cancellationToken) is { } kept) return TerminalResults.Refused(kept, "blocked");
            var sandbox = _settings.Sandbox.IsOn && !leaves ? await EnterAsync(context, directory) : null;
            var shell = sandbox is null
                ? context.State.Shell ??= NewShell(_room.Scratch.NewName)
                : context.State.Box!.Shell ??= NewShell(context.State.Box.NewName);
            shell.Withheld = [.. _settings.Withheld.Except(_settings.EnvironmentPassThrough).Order(StringComparer.Ordinal)];
            await shell.PrepareAsync(directory, sandbox is null ? null : sandbox.Apply, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var plan = new CommandPlan(request, directory, shell, decision.Note) { Sandbox = sandbox };
            return request.Background ? await _background.StartAsync(plan, context) : await _foreground.RunAsync(plan, context, cancellationToken);
        }
        catch (ChildStartException failure)
        {
            return TerminalResults.Refused(failure.Message, "error");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The turn was interrupted before the command ran.
            return TerminalResults.Interrupted("", null);
        }
    }

    private JudgedCommand Judged(string command, string directory, ToolContext context) => new(command)
    {
        Directory = directory,
        Home = _environment.GetValueOrDefault("HOME"),
        Variables = context.State.Shell?.Variables() ?? _environment,
        UnexpectedDirectory = directory == context.WorkingDirectory ? null : directory,
    };

    private Task<ConfinedRun> EnterAsync(ToolContext context, string directory) => _room.Sandbox is { } sandbox
        ? sandbox.EnterAsync(_settings.Sandbox, context, directory)
        : throw new ChildStartException("the command", "terminal.sandbox is on, but nothing here can confine commands");

    private ShellState NewShell(Func<string, string> newName) => new(newName, _room.Children, _starts.Shell, _environment, _settings);

    private ToolResult? Objection(TerminalCall request)
    {
        // Nothing is judged or followed that could never run: both take longer the longer it is.
        if (Encoding.UTF8.GetByteCount(request.Command) > LongestCommand)
        {
            return TerminalResults.Refused(
                $"The command is longer than the {LongestCommand} bytes that the system takes. Write it to a file with write_file and run that.", "error");
        }

        if (request.WorkingDirectory?.Length > LongestPath) return TerminalResults.Refused($"workdir is longer than the {LongestPath} characters that the system takes.", "error");
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

    private string ResolveDirectory(string? requested, string session)
    {
        if (requested is null) return session;
        return Path.GetFullPath(HomePath.Expand(requested, _environment.GetValueOrDefault("HOME", "/")), session);
    }
}
