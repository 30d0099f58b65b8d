using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tools.Cron;

/// <summary>Makes of what was asked for the members that jobs.json has (AGENT.md section 14).</summary>
/// <param name="environment">Where scripts are.</param>
/// <param name="config">Names the main provider.</param>
/// <param name="zone">The zone of times that name none.</param>
internal sealed class JobEditor(GatewayEnvironment environment, ConfigNode config, TimeZoneInfo zone)
{
    private const int LongestDefaultName = 50;
    private const int IdDigits = 12;

    /// <summary>Makes a job; adding it is the caller's.</summary>
    /// <exception cref="CronException">It cannot be as it was asked for.</exception>
    public JsonMembers Create(JobRequest request, IReadOnlyList<JsonMembers> jobs, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(request.Schedule)) throw new CronException("schedule is required for create");
        if (string.IsNullOrEmpty(request.Prompt) && request.Skills is not { Count: > 0 }) throw new CronException("create requires either prompt or at least one skill");
        var job = new JsonMembers();
        job.Set("id", NewId(jobs));
        job.Set("name", "");
        job.Set("prompt", "");
        job.Set("skills", Array.Empty<string>());
        foreach (string name in (string[])["skill", "model", "provider", "base_url", "script", "context_from", "schedule", "schedule_display", "repeat"]) job.Set(name, (string?)null);
        Enable(job, null);
        job.Set("created_at", ZonedTime.Iso(now));
        foreach (string name in (string[])["next_run_at", "last_run_at", "last_status", "last_error", "last_delivery_error"]) job.Set(name, (string?)null);
        job.Set("deliver", "local");
        foreach (string name in (string[])["origin", "enabled_toolsets", "workdir"]) job.Set(name, (string?)null);
        Apply(job, request, jobs, now);
        if (string.IsNullOrEmpty(request.Name)) job.Set("name", DefaultName(job));
        return job;
    }

    /// <summary>Changes a job.</summary>
    /// <exception cref="CronException">It cannot be as it was asked for.</exception>
    public void Update(JsonMembers job, JobRequest request, IReadOnlyList<JsonMembers> jobs, DateTimeOffset now)
    {
        if (request.IsEmpty) throw new CronException("No updates provided.");
        if (request.Schedule is "") throw new CronException("schedule cannot be empty. Pause or remove the job instead.");
        Apply(job, request, jobs, now);
        if (string.IsNullOrEmpty(job.Text("prompt")) && JobView.Skills(job).Count == 0) throw new CronException("A job needs either prompt or at least one skill.");
    }

    /// <summary>Keeps a job from running.</summary>
    public static void Pause(JsonMembers job, DateTimeOffset now)
    {
        if (IsPaused(job)) return;
        job.Set("enabled", false);
        job.Set("state", "paused");
        job.Set("paused_at", ZonedTime.Iso(now));
        job.Set("paused_reason", (string?)null);
    }

    /// <summary>Lets a job run again.</summary>
    /// <exception cref="CronException">Its time has passed, or only the scheduler understands when it is.</exception>
    public void Resume(JsonMembers job, DateTimeOffset now)
    {
        if (JobView.IsEnabled(job) && JobView.State(job) == "scheduled" && job.Text("next_run_at") is not null) return;
        var schedule = CronSchedule.Read(job["schedule"], zone)
            ?? throw new CronException($"The schedule '{JobView.Schedule(job)}' of job '{JobView.Name(job)}' cannot be read here. Give it a new one with action='update'.");
        Enable(job, schedule.Next(now, zone) ?? throw new CronException($"The time of job '{JobView.Name(job)}' ({JobView.Schedule(job)}) has passed. Give it a new schedule with action='update'."));
    }

    /// <summary>Makes a job one that the scheduler looks at.</summary>
    /// <param name="job">The job.</param>
    /// <param name="next">Its next run; null leaves that as it is.</param>
    public static void Enable(JsonMembers job, DateTimeOffset? next)
    {
        job.Set("enabled", true);
        job.Set("state", "scheduled");
        job.Set("paused_at", (string?)null);
        job.Set("paused_reason", (string?)null);
        if (next is { } moment) job.Set("next_run_at", ZonedTime.Iso(moment));
    }

    private static bool IsPaused(JsonMembers job) => !JobView.IsEnabled(job) && JobView.State(job) == "paused";

    private void Apply(JsonMembers job, JobRequest request, IReadOnlyList<JsonMembers> jobs, DateTimeOffset now)
    {
        if (request.Prompt is { } prompt)
        {
            if (InjectionScan.OfSchedule(prompt) is [var threat, ..])
                throw new CronException($"Blocked: prompt matches threat pattern '{threat}'. Nobody watches a scheduled job, so its prompt must not hold ways around rules or to secrets.");
            job.Set("prompt", prompt);
        }

        if (request.Skills is { } skills)
        {
            job.Set("skills", skills);
            job.Set("skill", skills is [var first, ..] ? first : null);
        }

        if (request.Name is { Length: > 0 } name) job.Set("name", name);
        if (request.Deliver is { } deliver) job.Set("deliver", deliver.Length > 0 ? deliver : "local");
        if (request.Model is not null || request.Provider is not null) SetModel(job, request);
        if (request.Script is { } script) job.Set("script", script.Length > 0 ? JobPaths.Script(script, environment) : null);
        if (request.Workdir is { } folder) job.Set("workdir", folder.Length > 0 ? JobPaths.Workdir(folder, environment) : null);
        if (request.Toolsets is { } toolsets) job.Set("enabled_toolsets", toolsets.Count > 0 ? toolsets : null);
        if (request.ContextFrom is { } sources)
        {
            if (sources.FirstOrDefault(source => jobs.All(other => other.Text("id") != source)) is { } missing)
                throw new CronException($"context_from job '{missing}' not found. Use cronjob(action='list') to inspect jobs.");
            job.Set("context_from", sources.Count > 0 ? sources : null);
        }

        if (request.Schedule is { } schedule) SetSchedule(job, ScheduleText.Parse(schedule, now, zone), now);
        if (request.Repeat is { } times) SetRepeat(job, times > 0 ? times : null);
    }

    private void SetModel(JsonMembers job, JobRequest request)
    {
        string? model = request.Model is { Length: > 0 } named ? named : null;
        job.Set("model", model);

        // Pinned, so that the job does not follow when another provider, without this model, becomes the main one.
        job.Set("provider", request.Provider ?? (model is null ? null : ModelSettings.Of(config.Expand(environment)).Provider));
    }

    private void SetSchedule(JsonMembers job, CronSchedule schedule, DateTimeOffset now)
    {
        bool wasOnce = job["schedule"] is { ValueKind: JsonValueKind.Object } before && ToolJson.Text(before, "kind") == "once", isNew = job["schedule"].ValueKind != JsonValueKind.Object;
        job.Set("schedule", json =>
        {
            json.WriteStartObject();
            schedule.Write(json);
            json.WriteString("display", schedule.Display);
            json.WriteEndObject();
        });
        job.Set("schedule_display", schedule.Display);

        // What was to run once must not be deleted after its first run when it now comes again and again.
        if (isNew || wasOnce != schedule.IsOnce) SetRepeat(job, schedule.IsOnce ? 1 : null);
        if (IsPaused(job)) job.Set("next_run_at", (string?)null);
        else Enable(job, schedule.Next(now, zone));
    }

    private static void SetRepeat(JsonMembers job, int? times)
    {
        var before = job["repeat"];
        int completed = before.ValueKind == JsonValueKind.Object ? ToolJson.Number(before, "completed") ?? 0 : 0;
        job.Set("repeat", json =>
        {
            json.WriteStartObject();
            if (times is int count) json.WriteNumber("times", count);
            else json.WriteNull("times");
            json.WriteNumber("completed", completed);
            json.WriteEndObject();
        });
    }

    private static string NewId(IReadOnlyList<JsonMembers> jobs)
    {
        string id;
        do id = Guid.NewGuid().ToString("N")[..IdDigits];
        while (jobs.Any(job => job.Text("id") == id));
        return id;
    }

    private static string DefaultName(JsonMembers job)
    {
        string prompt = string.Join(' ', (job.Text("prompt") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (prompt.Length > LongestDefaultName) prompt = prompt[..(char.IsHighSurrogate(prompt[LongestDefaultName - 1]) ? LongestDefaultName - 1 : LongestDefaultName)].TrimEnd();
        if (prompt.Length > 0) return prompt;
        return JobView.Skills(job) is [var skill, ..] ? skill : "cron job";
    }
}
