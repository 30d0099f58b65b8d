using System.Buffers;
using System.Text.Json;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Terminal;

/// <summary><c>processes.json</c>: the commands that run in the background, for other programs of the same home (STATE.md). Ours end with the
/// gateway, so nothing is taken up from it. What others wrote stays while its process is there; of two programs that write at once, one may
/// lose an entry until its next change. Safe from any thread; nobody waits for the disk.</summary>
/// <param name="path">Absolute path of the file.</param>
internal sealed class ProcessListFile(string path)
{
    private const long LargestFile = 4 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private IReadOnlyList<BackgroundProcess> _running = [];
    private bool _isOld;
    private bool _closed;

    /// <summary>Takes secrets out of what is written; default: what is recognisable by itself.</summary>
    public Func<string, string> Mask { get; init; } = SecretMask.Redact;

    /// <summary>Notes what runs now.</summary>
    public void Note(IReadOnlyList<BackgroundProcess> running)
    {
        lock (_gate)
        {
            _running = running;
            foreach (var process in running) _own.Add(process.Id);
            if (_isOld || _closed || _own.Count == 0) return;
            _isOld = true;
        }

        _ = Task.Run(() => Write(atEnd: false));
    }

    /// <summary>The gateway ends, and with it all that it started: writes that down before it returns. Nothing is written after that.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _running = [];
            if (_own.Count == 0) return;
        }

        Write(atEnd: true);
    }

    private void Write(bool atEnd)
    {
        lock (_writing)
        {
            IReadOnlyList<BackgroundProcess> running;
            HashSet<string> own;
            lock (_gate)
            {
                if (_closed && !atEnd) return;
                _isOld = false;
                (running, own) = (_running, [.. _own]);
            }

            try
            {
                var buffer = new ArrayBufferWriter<byte>();
                using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
                {
                    json.WriteStartArray();
                    CopyOthers(json, own);
                    foreach (var process in running.Where(process => process.ExitCode is null)) Entry(json, process);
                    json.WriteEndArray();
                }

                PrivateFiles.Replace(path, buffer.WrittenSpan);
            }
            catch (StoredFileException)
            {
                // The list is for others; commands run without it.
            }
        }
    }

    private void CopyOthers(Utf8JsonWriter json, HashSet<string> own)
    {
        try
        {
            if (HomeFile.Read(path, LargestFile) is not { } bytes) return;
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return;
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                if (entry.ValueKind != JsonValueKind.Object || own.Contains(ToolJson.Text(entry, "session_id") ?? "")) continue;
                if (ToolJson.Number(entry, "pid") is { } id && ToolJson.Text(entry, "pid_scope") is null or "host" && ProcessTable.Find(id) is null) continue;
                entry.WriteTo(json);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // What cannot be read is made anew, as every program does that writes it.
        }
    }

    private void Entry(Utf8JsonWriter json, BackgroundProcess process)
    {
        json.WriteStartObject();
        json.WriteString("session_id", process.Id);
        json.WriteString("command", Mask(process.Command));
        json.WriteNumber("pid", process.ProcessId);
        json.WriteString("pid_scope", "host");
        json.WriteString("cwd", process.WorkingDirectory);
        json.WriteNumber("started_at", process.StartedAt.ToUnixTimeMilliseconds() / 1000.0);
        json.WriteString("task_id", process.Owner.Key);
        json.WriteString("session_key", process.Owner.Key);

        // Chats that a messaging gateway would write to: there are none here.
        foreach (string name in (string[])["watcher_platform", "watcher_chat_id", "watcher_user_id", "watcher_user_name", "watcher_thread_id"]) json.WriteString(name, "");
        json.WriteNumber("watcher_interval", 0);
        json.WriteBoolean("notify_on_complete", false);
        json.WriteStartArray("watch_patterns");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
