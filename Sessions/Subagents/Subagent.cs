using System.Diagnostics;
using Gateway.Agent;
using Gateway.Tools;

namespace Gateway.Sessions.Subagents;

/// <summary>One subagent, from its announcement to its report.</summary>
/// <param name="room">What all share.</param>
/// <param name="one">Who it is.</param>
/// <param name="request">What it works on, and with.</param>
/// <param name="watch">Follows it.</param>
/// <param name="recorder">Its row.</param>
/// <param name="limit">How long it may take.</param>
internal sealed class Subagent(SubagentRoom room, RunningSubagent one, TurnRequest request, SubagentWatch watch, SideRecorder recorder, TimeSpan limit)
{
    private const string FailedHere = "The subagent failed inside the gateway; details are in logs/tui_gateway_crash.log.";

    /// <summary>Files that it or its own subagents changed, absolute.</summary>
    public IReadOnlyList<string> FilesChanged =>
        request.ToolContext.Subagents is SubagentRunner own ? [.. State.Reads.Changed.Union(own.FilesChanged)] : State.Reads.Changed;

    private ToolState State => request.ToolContext.State;

    /// <summary>Tells the client that it will run.</summary>
    public void Announce() => watch.Requested();

    /// <summary>Runs it to its end. Never throws.</summary>
    /// <param name="parentKey">Stored key of the agent that sent it.</param>
    /// <param name="parent">Interruption of that agent.</param>
    public async Task<SubagentReport> RunAsync(string parentKey, CancellationToken parent)
    {
        long started = Stopwatch.GetTimestamp();
        SubagentReport report;
        room.Registry.Add(one);
        try
        {
            report = await WorkAsync(parentKey, parent);
        }
        catch (Exception exception)
        {
            // A bug costs this one's report, never those of the others.
            room.Log.TurnFailure(one.Who.Id, exception);
            report = new SubagentReport(one.Who.Index, "error", "error", null) { Error = FailedHere };
        }
        finally
        {
            room.Registry.Remove(one.Who.Id);
        }

        report = report with
        {
            Duration = Stopwatch.GetElapsedTime(started),
            Model = one.Who.Model,
            Steps = watch.Steps,
            Calls = watch.Usage.Calls,
            InputTokens = watch.Usage.Prompt,
            OutputTokens = watch.Usage.Output,
        };

        // Clients know completed, failed and interrupted (quirk Q41).
        watch.Ended(report.Status is "timeout" or "error" ? "failed" : report.Status, report.Summary ?? report.Error, report.Duration);
        return report;
    }

    private async Task<SubagentReport> WorkAsync(string parentKey, CancellationToken parent)
    {
        using var late = new CancellationTokenSource(limit, room.Kit.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(parent, one.StopToken, late.Token);
        try
        {
            recorder.OpenChild(parentKey);
            watch.Started();
            return Report(await room.Engine.RunAsync(request, watch, stop.Token), parent);
        }
        finally
        {
            recorder.End("subagent_complete");
        }
    }

    private SubagentReport Report(TurnResult result, CancellationToken parent)
    {
        var (status, reason, error) = result.Status switch
        {
            TurnStatus.Complete when result.OutOfBudget => ("completed", "max_iterations", null),
            TurnStatus.Complete => ("completed", "completed", null),
            TurnStatus.Interrupted when parent.IsCancellationRequested => ("interrupted", "interrupted", "Parent agent interrupted — child did not finish in time"),
            TurnStatus.Interrupted when one.StopToken.IsCancellationRequested => ("interrupted", "interrupted", "The user stopped this subagent"),
            TurnStatus.Interrupted => ("timeout", "timeout", $"Subagent timed out after {limit.TotalSeconds:0}s"),
            _ => ("failed", "error", result.Error ?? "the subagent failed"),
        };
        return new SubagentReport(one.Who.Index, status, reason, status == "completed" ? result.Text : null) { Error = error };
    }
}
