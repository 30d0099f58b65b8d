using System.Text;

namespace Gateway.Config;

/// <summary>What the configuration file said when it was last looked at.</summary>
/// <param name="Root">The raw file content, always a map; the last good content while the file is broken.</param>
/// <param name="ModifiedAt">Modification time in seconds since 1970; 0 when there is no file.</param>
/// <param name="Problem">Why the file could not be used, naming the line, for the user; null when it is fine.</param>
internal sealed record ConfigSnapshot(ConfigNode Root, double ModifiedAt, string? Problem);

/// <summary>config.yaml, read again only when its time or size changes (CONFIG.md 1, WIRE.md 18.1). Safe for threads.</summary>
internal sealed class ConfigFile(string path)
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const long MaximumBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private ConfigSnapshot _snapshot = new(ConfigNode.EmptyMap, 0, null);
    private DateTime _time;
    private long _length = -1;

    /// <summary>The file's path.</summary>
    public string FilePath { get; } = path;

    /// <summary>The current content. Never throws: a broken or unreadable file is told in <see cref="ConfigSnapshot.Problem"/>.</summary>
    public ConfigSnapshot Read()
    {
        lock (_lock)
        {
            // FileInfo follows no link by itself; the target is what changes when the file is edited.
            var info = new FileInfo(FilePath);
            if (info.LinkTarget is not null && ResolveLink(info) is { } target)
            {
                info = target;
            }

            if (!info.Exists)
            {
                (_time, _length) = (default, -1);
                return _snapshot = new ConfigSnapshot(ConfigNode.EmptyMap, 0, Directory.Exists(FilePath) ? $"{FilePath} is a directory" : null);
            }

            if (info.LastWriteTimeUtc == _time && info.Length == _length)
            {
                return _snapshot;
            }

            (_time, _length) = (info.LastWriteTimeUtc, info.Length);
            var root = Load(info, out var problem);
            var modifiedAt = (_time - DateTime.UnixEpoch).Ticks / (double)TimeSpan.TicksPerSecond;
            return _snapshot = new ConfigSnapshot(root ?? _snapshot.Root, modifiedAt, problem is null ? null : $"{FilePath}: {problem}");
        }
    }

    /// <summary>Turns YAML into the root map. An empty document is an empty map; any other non-map is a problem.</summary>
    internal static ConfigNode? ParseRoot(string text, out string? problem)
    {
        var root = YamlReader.Read(text, out problem);
        if (root is null || root.IsMap)
        {
            return root;
        }

        if (root.IsNull)
        {
            return ConfigNode.EmptyMap;
        }

        problem = "line 1: the file must hold \"key: value\" lines, not a single " + (root.Kind == ConfigKind.List ? "list" : "value");
        return null;
    }

    /// <summary>Strict UTF-8, an optional byte order mark left out; null when the bytes are something else.</summary>
    internal static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static FileInfo? ResolveLink(FileInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ConfigNode? Load(FileInfo info, out string? problem)
    {
        if (info.Length > MaximumBytes)
        {
            problem = $"larger than {MaximumBytes / 1024 / 1024} MiB, which no configuration is";
            return null;
        }

        try
        {
            if (Decode(HomeFile.Read(info.FullName, MaximumBytes)) is { } text)
            {
                return ParseRoot(text, out problem);
            }

            problem = "not UTF-8 text";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {error.Message}";
        }

        return null;
    }
}
