using System.Text.Json;

namespace Gateway.Tools.Cron;

/// <summary>When a job runs (AGENT.md section 14).</summary>
/// <param name="Display">How it is shown.</param>
internal abstract record CronSchedule(string Display)
{
    /// <summary>How late the scheduler still takes a job that runs once.</summary>
    private static TimeSpan Lateness => TimeSpan.FromSeconds(120);

    /// <summary>Whether it runs but once.</summary>
    public virtual bool IsOnce => false;

    /// <summary>The next run; null when there is none.</summary>
    /// <param name="now">The present.</param>
    /// <param name="zone">The zone that cron expressions speak of.</param>
    public abstract DateTimeOffset? Next(DateTimeOffset now, TimeZoneInfo zone);

    /// <summary>Writes the members of the object that jobs.json has for it, all but <c>display</c>.</summary>
    public abstract void Write(Utf8JsonWriter json);

    /// <summary>Reads what jobs.json has; null when it is none, or one that only the scheduler understands.</summary>
    /// <param name="stored">The member <c>schedule</c> of a job.</param>
    /// <param name="zone">The zone of times that name none.</param>
    public static CronSchedule? Read(JsonElement stored, TimeZoneInfo zone)
    {
        if (stored.ValueKind != JsonValueKind.Object) return null;
        string display = ToolJson.Text(stored, "display") ?? "";
        try
        {
            return ToolJson.Text(stored, "kind") switch
            {
                "once" when ToolJson.Text(stored, "run_at") is { } time && ScheduleText.Time(time, zone) is { } at => new Once(at, display),
                "interval" when ToolJson.Number(stored, "minutes") is { } minutes and > 0 and <= ScheduleText.MaxMinutes => new Interval(minutes, display),
                "cron" when ToolJson.Text(stored, "expr") is { } text => new Repeated(text, CronExpression.Parse(text), display),
                _ => null,
            };
        }
        catch (CronException)
        {
            return null;
        }
    }

    /// <summary>At one moment.</summary>
    internal sealed record Once(DateTimeOffset At, string Display) : CronSchedule(Display)
    {
        /// <inheritdoc/>
        public override bool IsOnce => true;

        /// <inheritdoc/>
        public override DateTimeOffset? Next(DateTimeOffset now, TimeZoneInfo zone) => At >= now - Lateness ? At : null;

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter json)
        {
            json.WriteString("kind", "once");
            json.WriteString("run_at", ZonedTime.Iso(At));
        }
    }

    /// <summary>Every so many minutes.</summary>
    internal sealed record Interval(int Minutes, string Display) : CronSchedule(Display)
    {
        /// <inheritdoc/>
        public override DateTimeOffset? Next(DateTimeOffset now, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(now.AddMinutes(Minutes), zone);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter json)
        {
            json.WriteString("kind", "interval");
            json.WriteNumber("minutes", Minutes);
        }
    }

    /// <summary>Whenever a cron expression matches.</summary>
    internal sealed record Repeated(string Text, CronExpression Expression, string Display) : CronSchedule(Display)
    {
        /// <inheritdoc/>
        public override DateTimeOffset? Next(DateTimeOffset now, TimeZoneInfo zone) => Expression.Next(now, zone);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter json)
        {
            json.WriteString("kind", "cron");
            json.WriteString("expr", Text);
        }
    }
}
