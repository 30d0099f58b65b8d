using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Tools.Delegation;

/// <summary>What the model gets to read about subagents.</summary>
internal static class DelegateResults
{
    private const int NamedFiles = 8;

    /// <summary>A delegation that did not take place.</summary>
    public static ToolResult Error(string message) => new(
        Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("error", message);
            writer.WriteEndObject();
        }),
        message);

    /// <summary>The reports of all subagents.</summary>
    public static ToolResult Reports(IReadOnlyList<SubagentReport> reports, TimeSpan total)
    {
        string json = Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("results");
            foreach (var report in reports) Write(writer, report);
            writer.WriteEndArray();
            writer.WriteNumber("total_duration_seconds", Math.Round(total.TotalSeconds, 2));
            writer.WriteEndObject();
        });
        int done = reports.Count(report => report.Status == "completed");
        string? error = done == reports.Count ? null : reports.Count == 1 ? reports[0].Error ?? reports[0].Status : $"{reports.Count - done} of {reports.Count} subagents did not finish";
        return new ToolResult(json, error, $"{done} of {reports.Count} {(reports.Count == 1 ? "subagent" : "subagents")} finished");
    }

    private static void Write(Utf8JsonWriter writer, SubagentReport report)
    {
        writer.WriteStartObject();
        writer.WriteNumber("task_index", report.Index);
        writer.WriteString("status", report.Status);
        writer.WriteString("summary", Summary(report));
        writer.WriteNumber("api_calls", report.Calls);
        writer.WriteNumber("duration_seconds", Math.Round(report.Duration.TotalSeconds, 2));
        writer.WriteString("model", report.Model);
        writer.WriteString("exit_reason", report.ExitReason);
        writer.WriteStartObject("tokens");
        writer.WriteNumber("input", report.InputTokens);
        writer.WriteNumber("output", report.OutputTokens);
        writer.WriteEndObject();
        writer.WriteStartArray("tool_trace");
        foreach (var step in report.Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("tool", step.Tool);
            writer.WriteNumber("args_bytes", step.ArgumentBytes);
            writer.WriteNumber("result_bytes", step.ResultBytes);
            writer.WriteString("status", step.Failed ? "error" : "ok");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (report.Error is not null) writer.WriteString("error", report.Error);
        writer.WriteEndObject();
    }

    private static string? Summary(SubagentReport report)
    {
        if (report.Stale.Count == 0) return report.Summary;
        string more = report.Stale.Count > NamedFiles ? $" (+{report.Stale.Count - NamedFiles} more)" : "";
        string note = $"[NOTE: subagent modified files the parent previously read — re-read before editing: {string.Join(", ", report.Stale.Take(NamedFiles))}{more}]";
        return string.IsNullOrEmpty(report.Summary) ? note : $"{report.Summary}\n\n{note}";
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
