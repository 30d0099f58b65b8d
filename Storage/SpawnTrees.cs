using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Config;
using Gateway.Diagnostics;

namespace Gateway.Storage;

/// <summary>A finished tree of sub-agents, as it is stored.</summary>
/// <param name="SessionId">Free text that names the session, "" if none.</param>
/// <param name="StartedAt">Unix seconds; null when unknown.</param>
/// <param name="FinishedAt">Unix seconds, before the year 10000.</param>
/// <param name="Label">Words for people, "" if none.</param>
/// <param name="Subagents">JSON array, stored as it is.</param>
/// <param name="Count">Its length.</param>
internal sealed record SpawnTree(string SessionId, double? StartedAt, double FinishedAt, string Label, ReadOnlyMemory<byte> Subagents, int Count);

/// <summary>The files below spawn-trees: one per tree, and an index per session that saves reading them (STATE.md section 5).
/// Shared with other programs. Safe from any thread.</summary>
internal sealed class SpawnTrees
{
    /// <summary>Largest tree that is stored or read, in bytes.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const string IndexName = "_index.jsonl";
    private const string NoSession = "default";
    private const int MaxLabel = 500;
    private readonly string _root;
    private readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Links are left out because what they lead to would not be loaded, names with a dot because they are not finished.
    private readonly EnumerationOptions _listed = new() { AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };

    /// <summary>Works below this folder, which need not exist.</summary>
    /// <param name="root">Absolute path of spawn-trees.</param>
    public SpawnTrees(string root) => _root = root;

    /// <summary>The folder, as it was given.</summary>
    public string Root => _root;

    /// <summary>Stores a tree.</summary>
    /// <returns>Absolute path of its file.</returns>
    /// <exception cref="StoredFileException">It cannot be stored.</exception>
    public string Save(SpawnTree tree)
    {
        string label = Shortened(tree.Label);
        var head = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(head, _json))
        {
            writer.WriteStartObject();
            Describe(writer, tree, label);
            writer.WritePropertyName("subagents"u8);
        }

        if (head.WrittenCount + tree.Subagents.Length >= MaxBytes) throw new StoredFileException($"the tree is larger than {MaxBytes >> 20} MiB");
        string directory = Path.Combine(_root, FolderOf(tree.SessionId));
        try
        {
            PrivateFolder.Make(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoredFileException(exception);
        }

        var finished = DateTimeOffset.FromUnixTimeSeconds((long)tree.FinishedAt);
        string path = PrivateFiles.CreateUnique(directory, finished.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture), ".json", stream =>
        {
            stream.Write(head.WrittenSpan);
            stream.Write(tree.Subagents.Span);
            stream.Write("}"u8);
        });
        AddToIndex(directory, path, tree, label);
        return path;
    }

    /// <summary>The newest trees, newest first.</summary>
    /// <param name="sessionId">Free text that names the session; null for all sessions.</param>
    /// <param name="limit">Most entries wanted.</param>
    /// <returns>Empty when there are none, or none that can be read.</returns>
    public IReadOnlyList<SpawnTreeEntry> List(string? sessionId, int limit)
    {
        var entries = new List<SpawnTreeEntry>();
        var unnamed = new List<string>();
        foreach (string directory in sessionId is null ? Folders() : [Path.Combine(_root, FolderOf(sessionId))]) Collect(directory, entries, unnamed);

        // Names begin with the time, so no file beyond the newest of them can be among the newest of all.
        foreach (string path in unnamed.OrderByDescending(Path.GetFileName, StringComparer.Ordinal).Take(limit))
            if (OfFile(path) is { } entry) entries.Add(entry);
        return [.. entries.OrderByDescending(entry => entry.FinishedAt).ThenByDescending(entry => entry.Path, StringComparer.Ordinal).Take(limit)];
    }

    /// <summary>Where a path leads once its links are followed.</summary>
    /// <param name="path">Absolute path without NUL.</param>
    /// <returns>Null when that is not below spawn-trees.</returns>
    public string? Locate(string path) =>
        RealPath.Resolve(path) is { } target && RealPath.Resolve(_root) is { } root && target.StartsWith(root + "/", StringComparison.Ordinal) ? target : null;

    /// <summary>The bytes of a stored tree; whether they are one is not looked at.</summary>
    /// <param name="path">What <see cref="Locate"/> returned.</param>
    /// <exception cref="StoredFileException">It cannot be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            byte[] bytes = HomeFile.Read(path, MaxBytes) ?? throw new StoredFileException("there is no such file");
            return bytes.Length > 0 ? bytes : throw new StoredFileException("the file is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoredFileException(exception);
        }
    }

    // Letters, digits, '-' and '_' of every script stay, as in the reference.
    private static string FolderOf(string sessionId)
    {
        if (sessionId.Length == 0) return NoSession;
        var name = new StringBuilder();
        foreach (var rune in sessionId.EnumerateRunes())
        {
            bool kept = Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune) || rune.Value is '-' or '_';
            name.Append(kept ? rune.ToString() : "_");
        }

        return name.ToString();
    }

    private static string Shortened(string label) =>
        label.Length <= MaxLabel ? label : label[..(char.IsHighSurrogate(label[MaxLabel - 1]) ? MaxLabel - 1 : MaxLabel)] + "…";

    private static void Describe(Utf8JsonWriter writer, SpawnTree tree, string label)
    {
        writer.WriteString("session_id"u8, tree.SessionId);
        if (tree.StartedAt is double started) writer.WriteNumber("started_at"u8, started);
        else writer.WriteNull("started_at"u8);
        writer.WriteNumber("finished_at"u8, tree.FinishedAt);
        writer.WriteString("label"u8, label);
    }

    // The index only saves time: a tree that it does not name is found by its file.
    private void AddToIndex(string directory, string path, SpawnTree tree, string label)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line, _json))
        {
            writer.WriteStartObject();
            writer.WriteString("path"u8, path);
            Describe(writer, tree, label);
            writer.WriteNumber("count"u8, tree.Count);
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        try
        {
            using var index = AppendFile.Open(Path.Combine(directory, IndexName));
            index.Write(line.WrittenSpan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string[] Folders()
    {
        try
        {
            return Directory.GetDirectories(_root, "*", _listed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Entries stand for the file of their name in this folder, wherever their path leads: a home directory may have moved.
    private void Collect(string directory, List<SpawnTreeEntry> entries, List<string> unnamed)
    {
        HashSet<string> files;
        try
        {
            files = [.. Directory.EnumerateFiles(directory, "*.json", _listed).Select(path => Path.GetFileName(path))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return;
        }

        var known = new Dictionary<string, SpawnTreeEntry>(StringComparer.Ordinal);
        foreach (var line in IndexLines(directory))
        {
            if (SpawnTreeEntry.Parse(line.Span) is not { FinishedAt: > 0 } entry) continue;
            string name = Path.GetFileName(entry.Path);
            if (files.Contains(name)) known[name] = entry with { Path = Path.Combine(directory, name) };
        }

        entries.AddRange(known.Values);
        unnamed.AddRange(files.Where(name => !known.ContainsKey(name)).Select(name => Path.Combine(directory, name)));
    }

    private static List<ReadOnlyMemory<byte>> IndexLines(string directory)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        try
        {
            ReadOnlyMemory<byte> rest = Read(Path.Combine(directory, IndexName));
            while (!rest.IsEmpty)
            {
                int end = rest.Span.IndexOf((byte)'\n');
                lines.Add(end < 0 ? rest : rest[..end]);
                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }
        catch (StoredFileException)
        {
        }

        return lines;
    }

    private static SpawnTreeEntry? OfFile(string path)
    {
        try
        {
            byte[] json = Read(path);
            if (!Utf8.IsValid(json) || SpawnTreeEntry.Parse(json) is not { } entry) return null;
            double finished = entry.FinishedAt > 0 ? entry.FinishedAt : new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeMilliseconds() / 1000.0;
            return entry with { Path = path, FinishedAt = finished };
        }
        catch (StoredFileException)
        {
            return null;
        }
    }
}
