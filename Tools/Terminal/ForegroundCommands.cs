using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Runs commands that the model waits for.</summary>
internal sealed class ForegroundCommands(TerminalSettings settings, TerminalRoom room, CommandStarts starts, SudoPrompt sudo)
{
    private const int TimedOutCode = 124;

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    /// <exception cref="OperationCanceledException">The turn was interrupted before it ran.</exception>
    public async Task<ToolResult> RunAsync(CommandPlan plan, ToolContext context, CancellationToken cancellationToken)
    {
        var (prepared, channel, sudoProblem) = sudo.Prepare(plan.Call.Command, context);
        await using (channel)
        {
            string? left = plan.Shell.NewLeft();
            int seconds = plan.Call.TimeoutSeconds ?? settings.TimeoutSeconds;
            var more = context.State.Skills.Variables;
            var start = plan.Confined(starts.Start(plan.Shell.Arguments(starts.Terminal(prepared, plan.Call.Pty).Command, left, more.Keys), plan.Directory, more)) with
            {
                Timeout = TimeSpan.FromSeconds(seconds),
                NotCounted = channel is null ? null : () => channel.Waited,
            };
            var result = await StartRetry.RunAsync(() => room.Children.RunAsync(start, cancellationToken), room.Time, cancellationToken);
            if (plan.Shell.TakeUp(left) is { } ended && plan.Call.WorkingDirectory is null) context.State.CurrentDirectory = ended;
            string output = AnsiText.Strip(result.Output.ToText((omitted, total) => $"\n\n... [OUTPUT TRUNCATED - {omitted} chars omitted out of {total} total] ...\n\n"));
            if (channel?.Given is { Length: > 0 } password) output = output.Replace(password, "***", StringComparison.Ordinal);
            if (sudoProblem is not null && result.ExitCode != 0) output += $"\n[{sudoProblem}]";
            if (!result.TimedOut && !result.Interrupted && plan.Sandbox?.Hint(output, result.ExitCode) is { } hint) output = $"{output.TrimEnd()}\n{hint}";
            if (result.IsLost) output += "\n[The command was killed, since the process that watches over it was. Run it again]";
            if (result.Survivors.Count > 0)
            {
                var running = await SudoPrompt.EndAsync(result.Survivors, start, channel, room.Children);
                if (running.Count > 0) output += $"\n[Still running, as another user, and could not be ended: process {string.Join(", ", running)}]";
            }

            return Report(plan, seconds, result, output);
        }
    }

    private static ToolResult Report(CommandPlan plan, int seconds, ChildResult result, string output)
    {
        // The shell's own word about the signal that ended it.
        if ((result.TimedOut || result.Interrupted) && output.TrimEnd().EndsWith("Terminated", StringComparison.Ordinal)) output = output.TrimEnd()[..^"Terminated".Length];
        if (result.TimedOut)
        {
            return TerminalResults.Finished(
                $"{output}\n[Command timed out after {seconds}s]".Trim(), TimedOutCode, plan.Approval, null, $"timed out after {seconds}s");
        }

        if (result.Interrupted) return TerminalResults.Interrupted(output, plan.Approval);
        var meaning = ExitCodeMeaning.Of(plan.Call.Command, result.ExitCode);
        var error = result.ExitCode == 0 || meaning is { IsError: false } ? null : $"exit {result.ExitCode}";
        return TerminalResults.Finished(output.Trim(), result.ExitCode, plan.Approval, meaning?.Text, error);
    }
}
