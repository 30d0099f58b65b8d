using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Tools.Terminal;

/// <summary>The JSON objects that the terminal tool answers with (AGENT.md 10.1).</summary>
internal static class TerminalResults
{
    private const int InterruptedCode = 130;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A command that ran.</summary>
    public static ToolResult Finished(string output, int exitCode, string? approval, string? meaning, string? error) => new(
        Write(json =>
        {
            json.WriteString("output", output);
            json.WriteNumber("exit_code", exitCode);
            json.WriteNull("error");
            if (approval is not null) json.WriteString("approval", approval);
            if (meaning is not null) json.WriteString("exit_code_meaning", meaning);
        }),
        error);

    /// <summary>A command that was interrupted, perhaps before it ran.</summary>
    public static ToolResult Interrupted(string output, string? approval) =>
        Finished($"{output}\n[Command interrupted]".Trim(), InterruptedCode, approval, null, "interrupted");

    /// <summary>A command that runs in the background.</summary>
    public static ToolResult Started(BackgroundProcess process, TerminalCall call, string? approval, string? ptyNote) => new(
        Write(json =>
        {
            json.WriteString("output", "Background process started");
            json.WriteString("session_id", process.Id);
            json.WriteNumber("pid", process.ProcessId);
            json.WriteNumber("exit_code", 0);
            json.WriteNull("error");
            if (approval is not null) json.WriteString("approval", approval);
            if (ptyNote is not null) json.WriteString("pty_note", ptyNote);
            if (call.NotifyOnComplete) json.WriteBoolean("notify_on_complete", true);
            if (call.WatchPatterns.Count == 0) return;
            if (call.NotifyOnComplete) json.WriteString("watch_patterns_ignored", "notify_on_complete and watch_patterns exclude each other; only the end is told.");
            else ToolJson.Strings(json, "watch_patterns", call.WatchPatterns);
        }),
        Summary: process.Id);

    /// <summary>A command that did not run.</summary>
    /// <param name="message">Why; told to the model and the client.</param>
    /// <param name="status"><c>blocked</c>, <c>error</c> or <c>disabled</c>.</param>
    public static ToolResult Refused(string message, string status) => new(
        Write(json =>
        {
            json.WriteString("output", "");
            json.WriteNumber("exit_code", -1);
            json.WriteString("error", message);
            json.WriteString("status", status);
        }),
        message);

    /// <summary>A call that is wrong in itself.</summary>
    public static ToolResult Invalid(string message) => new(Write(json => json.WriteString("error", message)), message);

    private static string Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
