using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Starts commands that run while the conversation goes on.</summary>
internal sealed class BackgroundCommands(TerminalRoom room, CommandStarts starts, SudoPrompt sudo)
{
    /// <summary>Starts a command. Whoever owns the conversation's processes is told of its end or of lines it prints, as asked for.</summary>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    public async Task<ToolResult> StartAsync(CommandPlan plan, ToolContext context)
    {
        var owner = context.State.Processes;
        var call = owner.IsHeard ? plan.Call : plan.Call with { NotifyOnComplete = false, WatchPatterns = [] };
        var (prepared, channel, _) = sudo.Prepare(plan.Call.Command, context);
        var (command, ptyNote) = starts.Terminal(prepared, plan.Call.Pty);
        var process = new BackgroundProcess("proc_" + Guid.NewGuid().ToString("N")[..12], owner, plan.Call.Command, plan.Directory, room.Time.GetUtcNow());
        if (plan.Approval is null) process.Typed.Begin(plan.Call.Command);
        bool endIsTold = call.NotifyOnComplete;
        var secrets = context.RedactsSecrets ? context.KnownSecrets() : null;
        var watch = call.WatchPatterns.Count == 0 || call.NotifyOnComplete
            ? null
            : new OutputWatch(
                call.WatchPatterns, room.Time, room.Background.Notices, line => owner.Tell(ProcessNotices.Line(process, line, secrets)), () => endIsTold = true);
        try
        {
            var more = context.State.Skills.Variables;
            await room.Background.StartAsync(process, plan.Confined(starts.Start(plan.Shell.Arguments(command, null, more.Keys), plan.Directory, more)), watch, ended =>
            {
                _ = channel?.DisposeAsync().AsTask();
                if (endIsTold && !ended.EndIsKnown) owner.Tell(ProcessNotices.Ended(ended, secrets));
            });
        }
        catch (ChildStartException)
        {
            if (channel is not null) await channel.DisposeAsync();
            throw;
        }

        return TerminalResults.Started(process, call, plan.Approval, ptyNote);
    }
}
