using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Config;
using Gateway.Tools.Approvals;
using Gateway.Tools.Terminal;

namespace Gateway.Tools;

/// <summary>Looks after commands in the background (AGENT.md 10.2).</summary>
internal sealed class ProcessTool(BackgroundProcesses processes, ApprovalGate gate, int longestWait, TimeProvider time) : ITool
{
    private const int LogLines = 200;

    /// <summary>Bytes that fit into a pipe at most; nobody could take more at once.</summary>
    private const int MostWritten = 65_536;

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public string Toolset => "terminal";

    /// <inheritdoc/>
    public string Description =>
        """
        Looks after commands that terminal started with background=true.
        list: those of this conversation. poll: state and newest output. log: output by lines (offset, limit). wait: until it ends or timeout seconds pass. kill: ends it and what it started.
        write: sends data to its input. submit: the same with a line end behind it. close: ends its input. What is written is judged like a command and may be shown to the user first.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"action":{"type":"string","enum":["list","poll","log","wait","kill","write","submit","close"],"description":"What to do."},"session_id":{"type":"string","description":"The id that terminal answered with; for all actions but list."},"data":{"type":"string","description":"Text for write and submit."},"timeout":{"type":"integer","minimum":1,"description":"Seconds for wait."},"offset":{"type":"integer","description":"First line for log, from 0. Without it the last lines are shown."},"limit":{"type":"integer","minimum":1,"description":"Lines for log. Default 200."}},"required":["action"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string action = ToolJson.Text(call.Arguments, "action") ?? "";
        if (action == "list") return List(context);
        if (action is not ("poll" or "log" or "wait" or "kill" or "write" or "submit" or "close"))
            return ToolJson.Error($"Unknown process action: {action}. Use: list, poll, log, wait, kill, write, submit, close");
        if (ToolJson.Text(call.Arguments, "session_id") is not { Length: > 0 } id) return ToolJson.Error($"session_id is required for {action}");
        if (processes.Find(context.State.Processes, id) is not { } process) return Status("not_found", json => json.WriteString("error", $"No process with ID {id}"), $"No process with ID {id}");
        foreach (string name in NumbersOf(action))
            if (call.Arguments.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Number or JsonValueKind.Null)) return ToolJson.Error($"{name} must be a whole number.");
        var secrets = context.RedactsSecrets ? context.KnownSecrets() : null;
        return action switch
        {
            "poll" => Poll(process, secrets),
            "log" => Log(process, call.Arguments, secrets),
            "wait" => await WaitAsync(process, ToolJson.Number(call.Arguments, "timeout"), secrets, cancellationToken),
            "kill" => await KillAsync(process),
            "close" => Close(process),
            _ => await WriteAsync(process, call.Arguments, action == "submit", context, cancellationToken),
        };
    }

    private static ReadOnlySpan<string> NumbersOf(string action) => action switch
    {
        "wait" => new[] { "timeout" },
        "log" => new[] { "offset", "limit" },
        _ => [],
    };

    private ToolResult List(ToolContext context)
    {
        var all = processes.Of(context.State.Processes);
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteStartArray("processes");
                foreach (var process in all)
                {
                    json.WriteStartObject();
                    json.WriteString("session_id", process.Id);
                    json.WriteString("command", ProcessNotices.Start(process.Command, 200));
                    json.WriteString("cwd", process.WorkingDirectory);
                    json.WriteNumber("pid", process.ProcessId);
                    json.WriteString("started_at", process.StartedAt.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
                    Common(json, process, 200, context.RedactsSecrets ? context.KnownSecrets() : null);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }),
            Summary: all.Count == 1 ? "1 process" : $"{all.Count} processes");
    }

    private ToolResult Poll(BackgroundProcess process, IReadOnlyList<string>? secrets) => new(ToolJson.Object(json =>
    {
        json.WriteString("session_id", process.Id);
        json.WriteString("command", process.Command);
        json.WriteNumber("pid", process.ProcessId);
        Common(json, process, 1000, secrets);
    }));

    private static ToolResult Log(BackgroundProcess process, JsonElement arguments, IReadOnlyList<string>? secrets)
    {
        string[] lines = Text(process, secrets).TrimEnd('\n').Split('\n');
        if (lines is [""]) lines = [];
        int limit = Math.Max(1, ToolJson.Number(arguments, "limit") ?? LogLines);
        int offset = ToolJson.Number(arguments, "offset") is > 0 and var from ? from : Math.Max(0, lines.Length - limit);
        string[] shown = [.. lines.Skip(offset).Take(limit)];
        return new ToolResult(ToolJson.Object(json =>
        {
            json.WriteString("session_id", process.Id);
            json.WriteString("status", State(process));
            json.WriteString("output", string.Join('\n', shown));
            json.WriteNumber("total_lines", lines.Length);
            json.WriteString("showing", $"{shown.Length} lines");
        }));
    }

    private async Task<ToolResult> WaitAsync(BackgroundProcess process, int? asked, IReadOnlyList<string>? secrets, CancellationToken cancellationToken)
    {
        int seconds = Math.Clamp(asked ?? longestWait, 1, longestWait);
        string status = "exited";
        process.BeginWait();
        try
        {
            await process.Ended.WaitAsync(TimeSpan.FromSeconds(seconds), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            status = "timeout";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            status = "interrupted";
        }

        // It may have ended in the very moment in which the wait did.
        if (process.EndWait()) status = "exited";
        return Status(
            status,
            json =>
            {
                json.WriteString("output", Tail(Text(process, secrets), status == "exited" ? 2000 : 1000));
                if (process.ExitCode is { } code) json.WriteNumber("exit_code", code);
                if (asked > longestWait) json.WriteString("timeout_note", $"Requested wait of {asked}s was clamped to the limit of {longestWait}s");
                if (status == "timeout") json.WriteString("note", $"The process still runs after {seconds}s. Wait again, poll it, or kill it.");
                if (status == "interrupted") json.WriteString("note", "The user interrupted the wait. The process still runs.");
            },
            status == "interrupted" ? "interrupted" : null);
    }

    private static async Task<ToolResult> KillAsync(BackgroundProcess process)
    {
        if (process.ExitCode is { } code) return Exited(process, code);
        process.Kill();
        await process.Ended;
        return Status("killed", json => json.WriteString("session_id", process.Id));
    }

    private async Task<ToolResult> WriteAsync(BackgroundProcess process, JsonElement arguments, bool line, ToolContext context, CancellationToken cancellationToken)
    {
        if (process.ExitCode is { } code) return Exited(process, code);
        if (ToolJson.Text(arguments, "data") is not { } data) return ToolJson.Error("data must be a text.");
        byte[] whole = Encoding.UTF8.GetBytes(line ? data + "\n" : data);
        string text = Encoding.UTF8.GetString(whole.AsSpan(0, WholeCharacters(whole)));
        var decision = await process.Typed.CheckAsync(text, gate, context, cancellationToken);
        if (decision.Refusal is { } refusal) return Status("blocked", json => json.WriteString("error", refusal), refusal);
        cancellationToken.ThrowIfCancellationRequested();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int written = process.Input.Write(bytes);
        if (written < 0) return Status("error", json => json.WriteString("error", "The process does not read its input any more."), "input closed");
        process.Typed.Wrote(Encoding.UTF8.GetString(bytes.AsSpan(0, written)), approved: decision.Note is not null);
        return Status("ok", json =>
        {
            json.WriteNumber("bytes_written", written);
            if (decision.Note is not null) json.WriteString("approval", decision.Note);
            if (written < whole.Length) json.WriteString("note", "The process does not read fast enough; only a part was written.");
        });
    }

    // As many bytes as can be written at once, without the half of a character.
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= MostWritten) return bytes.Length;
        int end = MostWritten;
        while ((bytes[end] & 0xC0) == 0x80) end--;
        return end;
    }

    private static ToolResult Close(BackgroundProcess process)
    {
        if (process.ExitCode is { } code) return Exited(process, code);
        process.Input.Close();
        return Status("ok", json => json.WriteString("message", "stdin closed"));
    }

    private void Common(Utf8JsonWriter json, BackgroundProcess process, int preview, IReadOnlyList<string>? secrets)
    {
        json.WriteNumber("uptime_seconds", (long)((process.EndedAt ?? time.GetUtcNow()) - process.StartedAt).TotalSeconds);
        json.WriteString("status", State(process));
        json.WriteString("output_preview", Tail(Text(process, secrets), preview));
        if (process.ExitCode is { } code) json.WriteNumber("exit_code", code);
    }

    private static ToolResult Exited(BackgroundProcess process, int code) => Status("already_exited", json =>
    {
        json.WriteString("session_id", process.Id);
        json.WriteNumber("exit_code", code);
    });

    private static ToolResult Status(string status, Action<Utf8JsonWriter> more, string? error = null) => new(
        ToolJson.Object(json =>
        {
            json.WriteString("status", status);
            more(json);
        }),
        error);

    private static string State(BackgroundProcess process) => process.ExitCode is null ? "running" : "exited";

    // Masked before it is cut: half a secret is not recognised as one.
    private static string Text(BackgroundProcess process, IReadOnlyList<string>? secrets) =>
        secrets is null ? process.Output : SecretMask.Redact(KnownSecrets.Redact(process.Output, secrets));

    private static string Tail(string text, int length)
    {
        if (text.Length <= length) return text;
        int from = text.Length - length;
        return text[(char.IsLowSurrogate(text[from]) ? from + 1 : from)..];
    }
}
