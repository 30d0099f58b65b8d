using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tools.Cron;

/// <summary>Keeps scheduled jobs: prompts that run by themselves (AGENT.md section 14).</summary>
internal sealed class CronTool(GatewayEnvironment environment, ConfigNode config, TimeProvider time) : ITool
{
    /// <inheritdoc/>
    public string Name => "cronjob";

    /// <inheritdoc/>
    public string Toolset => "cronjob";

    /// <inheritdoc/>
    public string Description =>
        """
        Keeps scheduled jobs: prompts that run by themselves, once or again and again, each time in a new conversation that knows nothing of this one and has nobody to ask. So a prompt must say all there is to know: what to do, where, and what to report. Skills are loaded before it.
        schedule: '30m' (once, from now), 'every 2h', a cron expression such as '0 9 * * mon-fri', or a time such as '2026-02-03T14:00' (the user's own time zone). repeat limits the runs.
        list shows the jobs and their ids, which update, pause, resume, remove and run need; run has a job run at the scheduler's next look, and resumes it if it was paused. Make a job only when the user wants it, and remove none unasked.
        Jobs are run by the messaging gateway (hermes gateway), not by this program; nothing happens while that is not running.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"action":{"type":"string","enum":["create","list","update","pause","resume","remove","run"],"description":"What to do."},"job_id":{"type":"string","description":"Which job, for all but create and list."},"prompt":{"type":"string","description":"What the job is told at every run; complete in itself."},"schedule":{"type":"string","description":"When it runs; see above."},"name":{"type":"string","description":"Name for people."},"repeat":{"type":"integer","description":"How many runs; 0 for ever. Default: for ever, and once for a single time."},"deliver":{"type":"string","description":"Where the outcome goes: 'local' (a file, the default), 'origin', or a platform such as 'telegram' or 'telegram:CHAT'."},"skills":{"type":"array","items":{"type":"string"},"description":"Skills to load first, in this order; an empty list takes them away."},"model":{"type":"object","properties":{"provider":{"type":"string","description":"Default: the main provider as it is now."},"model":{"type":"string","description":"Name of the model; '' for the main one."}},"description":"Another model for this job."},"script":{"type":"string","description":"Script below scripts/ in the Hermes home whose output goes before the prompt; '' takes it away."},"context_from":{"type":"array","items":{"type":"string"},"description":"Ids of jobs whose last output goes before the prompt."},"enabled_toolsets":{"type":"array","items":{"type":"string"},"description":"The only toolsets the job gets; fewer cost less."},"workdir":{"type":"string","description":"Absolute directory to work in; '' takes it away."},"include_disabled":{"type":"boolean","description":"For list: also paused and finished jobs. Default false."}},"required":["action"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string action = ToolJson.Text(call.Arguments, "action")?.Trim().ToLowerInvariant() ?? "", id = ToolJson.Text(call.Arguments, "job_id")?.Trim() ?? "";
        try
        {
            var answer = await Task.Run(() => AnswerAsync(action, id, call.Arguments, cancellationToken), cancellationToken);
            return new(ToolJson.Object(answer.Write, indented: true), Summary: answer.Summary);
        }
        catch (CronException exception)
        {
            return ToolJson.Failure(exception.Message);
        }
    }

    private Task<CronAnswer> AnswerAsync(string action, string id, JsonElement arguments, CancellationToken cancellationToken)
    {
        var desk = new CronDesk(environment, config, time);
        switch (action)
        {
            case "list":
                return Task.FromResult(desk.List(ToolJson.Flag(arguments, "include_disabled")));
            case "create":
                return desk.CreateAsync(JobRequest.Of(arguments), cancellationToken);
            case "update" or "pause" or "resume" or "remove" or "run" when id.Length == 0:
                throw new CronException($"job_id is required for action '{action}'");
            case "update":
                return desk.UpdateAsync(id, JobRequest.Of(arguments), cancellationToken);
            case "pause":
                return desk.PauseAsync(id, cancellationToken);
            case "resume":
                return desk.ResumeAsync(id, cancellationToken);
            case "remove":
                return desk.RemoveAsync(id, cancellationToken);
            case "run":
                return desk.RunAsync(id, cancellationToken);
            default:
                throw new CronException($"Unknown cron action '{action}'");
        }
    }
}
