using System.Globalization;
using System.Text.Json;

namespace Gateway.Tools.Cron;

/// <summary>Jobs as models and clients see them (WIRE 21.4).</summary>
internal static class JobView
{
    private const int LongestPreview = 100;

    /// <summary>Whether the scheduler looks at a job; so long as nothing says otherwise.</summary>
    public static bool IsEnabled(JsonMembers job) => job["enabled"].ValueKind != JsonValueKind.False;

    /// <summary>scheduled, paused, completed or error.</summary>
    public static string State(JsonMembers job) => job.Text("state") ?? (IsEnabled(job) ? "scheduled" : "paused");

    /// <summary>Its name; its id where it has none.</summary>
    public static string Name(JsonMembers job) => job.Text("name") ?? job.Text("id") ?? "";

    /// <summary>When it runs, in words.</summary>
    public static string Schedule(JsonMembers job) =>
        job.Text("schedule_display") ?? (job["schedule"] is { ValueKind: JsonValueKind.Object } schedule ? ToolJson.Text(schedule, "display") : job.Text("schedule")) ?? "?";

    /// <summary>How often it runs, in words.</summary>
    public static string Repeat(JsonMembers job)
    {
        var repeat = job["repeat"];
        int? Number(string name) => repeat.ValueKind == JsonValueKind.Object ? ToolJson.Number(repeat, name) : null;
        int completed = Number("completed") ?? 0;
        return Number("times") switch
        {
            null => "forever",
            1 => completed == 0 ? "once" : "1/1",
            int times when completed == 0 => string.Create(CultureInfo.InvariantCulture, $"{times} times"),
            int times => string.Create(CultureInfo.InvariantCulture, $"{completed}/{times}"),
        };
    }

    /// <summary>Its skills, also of a job that only has the older member for one.</summary>
    public static IReadOnlyList<string> Skills(JsonMembers job) => job.Texts("skills") is { Count: > 0 } skills ? skills : job.Texts("skill");

    /// <summary>Writes a job as an object.</summary>
    public static void Write(Utf8JsonWriter json, JsonMembers job)
    {
        json.WriteStartObject();
        json.WriteString("job_id", job.Text("id"));
        json.WriteString("name", Name(job));
        WriteSkills(json, job);
        json.WriteString("prompt_preview", Preview(job.Text("prompt") ?? ""));
        foreach (string name in (string[])["model", "provider", "base_url"]) json.WriteString(name, job.Text(name));
        json.WriteString("schedule", Schedule(job));
        json.WriteString("repeat", Repeat(job));
        json.WriteString("deliver", job.Text("deliver") ?? "local");
        foreach (string name in (string[])["next_run_at", "last_run_at", "last_status", "last_delivery_error"]) json.WriteString(name, job.Text(name));
        json.WriteBoolean("enabled", IsEnabled(job));
        json.WriteString("state", State(job));
        foreach (string name in (string[])["paused_at", "paused_reason"]) json.WriteString(name, job.Text(name));
        if (job.Text("script") is { Length: > 0 } script) json.WriteString("script", script);
        if (job.Texts("enabled_toolsets") is { Count: > 0 } toolsets) ToolJson.Strings(json, "enabled_toolsets", toolsets);
        if (job.Text("workdir") is { Length: > 0 } folder) json.WriteString("workdir", folder);
        json.WriteEndObject();
    }

    /// <summary>Writes the members <c>skill</c> and <c>skills</c>.</summary>
    public static void WriteSkills(Utf8JsonWriter json, JsonMembers job)
    {
        var skills = Skills(job);
        json.WriteString("skill", skills is [var first, ..] ? first : null);
        ToolJson.Strings(json, "skills", skills);
    }

    private static string Preview(string prompt) =>
        prompt.Length <= LongestPreview ? prompt : prompt[..(char.IsHighSurrogate(prompt[LongestPreview - 1]) ? LongestPreview - 1 : LongestPreview)] + "...";
}
