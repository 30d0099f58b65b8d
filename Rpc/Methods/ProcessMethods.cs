using Gateway.Protocol.Messages;
using Gateway.Tools.Terminal;

namespace Gateway.Rpc.Methods;

/// <summary>Commands that run in the background (methods.json, process.stop and agents.list).</summary>
internal sealed class ProcessMethods
{
    private const int ShownCommand = 80;
    private readonly BackgroundProcesses _processes;
    private readonly TimeProvider _time;

    /// <summary>Creates the group.</summary>
    public ProcessMethods(BackgroundProcesses processes, TimeProvider time)
    {
        _processes = processes;
        _time = time;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("process.stop", Lane.Inline, json => json.NoParams, json => json.ProcessStopResult, Stop),
        Route.Of("agents.list", Lane.Inline, json => json.NoParams, json => json.AgentsListResult, List),
    ];

    private ProcessStopResult Stop(NoParams request) => new(_processes.KillAll());

    private AgentsListResult List(NoParams request) => new(
    [
        .. _processes.Of(null).Select(process => new BackgroundProcessEntry(
            process.Id,
            process.Command.Length <= ShownCommand ? process.Command : process.Command[..(char.IsHighSurrogate(process.Command[ShownCommand - 1]) ? ShownCommand - 1 : ShownCommand)],
            process.ExitCode is null ? "running" : "exited",
            (long)((process.EndedAt ?? _time.GetUtcNow()) - process.StartedAt).TotalSeconds)),
    ]);
}
