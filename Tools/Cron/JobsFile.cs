using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Diagnostics;
using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Cron;

/// <summary>cron/jobs.json, which the scheduler and other programs read and write too. Every change reads it anew under a lock that
/// they know, and a file that cannot be understood is left alone.</summary>
/// <param name="hermesHome">The root of all state, absolute.</param>
internal sealed class JobsFile(string hermesHome)
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private const int MaxDepth = 200;

    private string FilePath => Path.Combine(hermesHome, "cron", "jobs.json");

    /// <summary>The jobs, in the order of the file; none when there is no file.</summary>
    /// <exception cref="CronException">It cannot be read or understood.</exception>
    public IReadOnlyList<JsonMembers> Read() => ReadAll().Jobs;

    /// <summary>Changes the jobs while nobody else does.</summary>
    /// <param name="now">The present, noted in the file.</param>
    /// <param name="change">Changes the list or its jobs. When it throws, the file stays as it is.</param>
    /// <param name="cancellationToken">Ends the wait for another program.</param>
    /// <exception cref="CronException">The file cannot be read, understood or written; it stays as it is.</exception>
    public async Task<T> ChangeAsync<T>(DateTimeOffset now, Func<List<JsonMembers>, T> change, CancellationToken cancellationToken)
    {
        try
        {
            string folder = Path.GetDirectoryName(FilePath)!;
            PrivateFolder.Make(folder);
            using var held = await LockFile.TakeAsync(Path.Combine(folder, ".jobs.lock"), cancellationToken);
            var (root, jobs) = ReadAll();
            var result = change(jobs);
            if (root["jobs"].ValueKind != JsonValueKind.Array) root.Set("jobs", Array.Empty<string>());
            root.Set("updated_at", ZonedTime.Iso(now));
            PrivateFiles.Replace(FilePath, Written(root, jobs));
            return result;
        }
        catch (StoredFileException exception)
        {
            throw new CronException($"Scheduled jobs cannot be saved in {FilePath}: {exception.Message}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CronException($"Scheduled jobs cannot be saved in {FilePath}: {PrivateFiles.Reason(exception)}.");
        }
    }

    private static ReadOnlySpan<byte> Written(JsonMembers root, List<JsonMembers> jobs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }))
        {
            root.Write(json, ("jobs", () =>
            {
                json.WriteStartArray();
                foreach (var job in jobs) job.Write(json);
                json.WriteEndArray();
            }
            ));
        }

        return buffer.WrittenSpan;
    }

    private (JsonMembers Root, List<JsonMembers> Jobs) ReadAll()
    {
        byte[] bytes = Bytes();
        if (bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0) return (new JsonMembers(), []);
        if (!Utf8.IsValid(bytes)) throw Broken("it is not UTF-8 text");
        try
        {
            using var document = JsonDocument.Parse(EscapeControls(bytes), new JsonDocumentOptions { MaxDepth = MaxDepth });
            var stored = document.RootElement.Clone();
            if (stored.ValueKind != JsonValueKind.Object) throw Broken("it holds no JSON object");
            var root = new JsonMembers(stored);
            var jobs = root["jobs"];
            if (jobs.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return (root, []);
            if (jobs.ValueKind != JsonValueKind.Array) throw Broken("its \"jobs\" are no list");
            if (jobs.EnumerateArray().Any(job => job.ValueKind != JsonValueKind.Object)) throw Broken("one of its jobs is no JSON object");
            return (root, [.. jobs.EnumerateArray().Select(job => new JsonMembers(job))]);
        }
        catch (JsonException exception)
        {
            throw Broken(exception.LineNumber is long line ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1} is not JSON") : "it is not JSON");
        }
        catch (InvalidOperationException)
        {
            throw Broken("one of its names is no text");
        }
    }

    private byte[] Bytes()
    {
        try
        {
            if (Directory.Exists(FilePath)) throw Broken("it is a directory");
            if (!File.Exists(FilePath)) return [];
            using var stream = TextFile.OpenRead(FilePath);
            if (stream.Length > MaxBytes) throw Broken($"it is larger than {MaxBytes >> 20} MiB");
            byte[] bytes = new byte[stream.Length];
            var read = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            return (read.StartsWith(Encoding.UTF8.Preamble) ? read[Encoding.UTF8.Preamble.Length..] : read).ToArray();
        }
        catch (TextFileException)
        {
            throw Broken("it is no regular file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CronException($"Scheduled jobs cannot be read from {FilePath}: {PrivateFiles.Reason(exception)}.");
        }
    }

    // Other programs take control characters inside texts as they are.
    private static ReadOnlyMemory<byte> EscapeControls(byte[] json)
    {
        var escaped = new ArrayBufferWriter<byte>(json.Length);
        bool inside = false;
        for (int at = 0; at < json.Length; at++)
        {
            byte one = json[at];
            if (inside && one < ' ')
            {
                escaped.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}")));
                continue;
            }

            escaped.Write([one]);
            if (one == '"') inside = !inside;
            else if (inside && one == '\\' && at + 1 < json.Length) escaped.Write([json[++at]]);
        }

        return escaped.WrittenMemory;
    }

    private CronException Broken(string why) =>
        new($"{FilePath} cannot be understood: {why}. Nothing was changed. Mend the file or move it away, then try again.");
}
