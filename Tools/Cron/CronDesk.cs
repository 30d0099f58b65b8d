using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tools.Cron;

/// <summary>What came of it.</summary>
/// <param name="Summary">One line for people.</param>
/// <param name="Write">Writes the members of the answer.</param>
internal sealed record CronAnswer(string Summary, Action<Utf8JsonWriter> Write);

/// <summary>Lists and changes scheduled jobs (AGENT.md section 14). Running them is the scheduler's, which lives in another program.</summary>
internal sealed class CronDesk
{
    private const int LongestShown = 200;
    private readonly JobsFile _file;
    private readonly JobEditor _editor;
    private readonly TimeProvider _time;
    private readonly TimeZoneInfo _zone;
    private readonly string? _problem;

    /// <summary>Opens the desk; nothing is read but the time zone.</summary>
    /// <param name="environment">Where the jobs are.</param>
    /// <param name="config">The configuration as it is now.</param>
    /// <param name="time">The clock.</param>
    public CronDesk(GatewayEnvironment environment, ConfigNode config, TimeProvider time)
    {
        _time = time;
        _file = new JobsFile(environment.HermesHome);
        _zone = TimeZoneSetting.Read(environment, config, time.LocalTimeZone, out _problem);
        _editor = new JobEditor(environment, config, _zone);
    }

    private DateTimeOffset Now => TimeZoneInfo.ConvertTime(_time.GetUtcNow(), _zone);

    /// <summary>The jobs.</summary>
    /// <param name="withDisabled">Also those that are paused or done.</param>
    /// <exception cref="CronException">The file of jobs cannot be read or understood.</exception>
    public CronAnswer List(bool withDisabled)
    {
        var all = _file.Read();
        JsonMembers[] jobs = [.. all.Where(job => withDisabled || JobView.IsEnabled(job))];
        return new(jobs.Length == 1 ? "1 job" : $"{jobs.Length} jobs", json =>
        {
            json.WriteBoolean("success", true);
            json.WriteNumber("count", jobs.Length);
            json.WriteStartArray("jobs");
            foreach (var job in jobs) JobView.Write(json, job);
            json.WriteEndArray();
            if (all.Count > jobs.Length) json.WriteString("note", $"{all.Count - jobs.Length} more are paused or done; include_disabled=true shows them.");
        });
    }

    /// <summary>Makes a job.</summary>
    /// <exception cref="CronException">It cannot be made as it was asked for.</exception>
    public Task<CronAnswer> CreateAsync(JobRequest request, CancellationToken cancellationToken) => _file.ChangeAsync(
        Now,
        jobs =>
        {
            var job = _editor.Create(request, jobs, Now);
            jobs.Add(job);
            string message = $"Cron job '{JobView.Name(job)}' created.";
            return new CronAnswer(message, json =>
            {
                json.WriteBoolean("success", true);
                json.WriteString("job_id", job.Text("id"));
                json.WriteString("name", JobView.Name(job));
                JobView.WriteSkills(json, job);
                json.WriteString("schedule", JobView.Schedule(job));
                json.WriteString("repeat", JobView.Repeat(job));
                json.WriteString("deliver", job.Text("deliver"));
                json.WriteString("next_run_at", job.Text("next_run_at"));
                json.WritePropertyName("job");
                JobView.Write(json, job);
                json.WriteString("message", message);
                WriteProblem(json);
            });
        },
        cancellationToken);

    /// <summary>Changes a job.</summary>
    /// <exception cref="CronException">There is no such job, or it cannot be as it was asked for; it stays as it is.</exception>
    public Task<CronAnswer> UpdateAsync(string id, JobRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(id, "updated", (job, jobs) => _editor.Update(job, request, jobs, Now), cancellationToken);

    /// <summary>Keeps a job from running until it is resumed.</summary>
    /// <exception cref="CronException">There is no such job.</exception>
    public Task<CronAnswer> PauseAsync(string id, CancellationToken cancellationToken) => ChangeAsync(id, "paused", (job, _) => JobEditor.Pause(job, Now), cancellationToken);

    /// <summary>Lets a paused job run again, from its next time on.</summary>
    /// <exception cref="CronException">There is no such job, or its time has passed.</exception>
    public Task<CronAnswer> ResumeAsync(string id, CancellationToken cancellationToken) => ChangeAsync(id, "resumed", (job, _) => _editor.Resume(job, Now), cancellationToken);

    /// <summary>Has the scheduler run a job at its next look, paused or not; afterwards it keeps its schedule.</summary>
    /// <exception cref="CronException">There is no such job.</exception>
    public Task<CronAnswer> RunAsync(string id, CancellationToken cancellationToken) => ChangeAsync(id, "will run now", (job, _) => JobEditor.Enable(job, Now), cancellationToken);

    /// <summary>Takes a job away. What it put out stays.</summary>
    /// <exception cref="CronException">There is no such job.</exception>
    public Task<CronAnswer> RemoveAsync(string id, CancellationToken cancellationToken) => _file.ChangeAsync(
        Now,
        jobs =>
        {
            var job = Find(jobs, id);
            jobs.Remove(job);
            string message = $"Cron job '{JobView.Name(job)}' removed.";
            return new CronAnswer(message, json =>
            {
                json.WriteBoolean("success", true);
                json.WriteString("message", message);
                json.WriteStartObject("removed_job");
                json.WriteString("id", job.Text("id"));
                json.WriteString("name", JobView.Name(job));
                json.WriteString("schedule", JobView.Schedule(job));
                json.WriteEndObject();
            });
        },
        cancellationToken);

    private Task<CronAnswer> ChangeAsync(string id, string done, Action<JsonMembers, IReadOnlyList<JsonMembers>> change, CancellationToken cancellationToken) => _file.ChangeAsync(
        Now,
        jobs =>
        {
            var job = Find(jobs, id);
            change(job, jobs);
            return new CronAnswer($"Cron job '{JobView.Name(job)}' {done}.", json =>
            {
                json.WriteBoolean("success", true);
                json.WritePropertyName("job");
                JobView.Write(json, job);
                WriteProblem(json);
            });
        },
        cancellationToken);

    // A name will do where it is the only one: clients and models pass names for ids.
    private static JsonMembers Find(List<JsonMembers> jobs, string id)
    {
        if (jobs.Find(job => job.Text("id") == id) is { } exact) return exact;
        JsonMembers[] named = [.. jobs.Where(job => string.Equals(job.Text("name"), id, StringComparison.OrdinalIgnoreCase))];
        string shown = id.Length <= LongestShown ? id : id[..(char.IsHighSurrogate(id[LongestShown - 1]) ? LongestShown - 1 : LongestShown)] + "…";
        return named switch
        {
            [var one] => one,
            [] => throw new CronException($"Job with ID '{shown}' not found. Use cronjob(action='list') to inspect jobs."),
            _ => throw new CronException($"{named.Length} jobs are named '{shown}'. Give the ID of one: {string.Join(", ", named.Select(job => job.Text("id")))}."),
        };
    }

    private void WriteProblem(Utf8JsonWriter json)
    {
        if (_problem is not null) json.WriteString("warning", _problem);
    }
}
