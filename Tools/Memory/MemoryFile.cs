using System.Text;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Storage;

namespace Gateway.Tools.Memory;

/// <summary>One of the two files that the agent remembers things in (AGENT.md section 12). Other programs write them too, so every
/// change reads the file anew under a lock that they know.</summary>
internal sealed class MemoryFile
{
    /// <summary>Between two entries.</summary>
    public const string Separator = "\n§\n";

    private readonly string _path;

    /// <summary>Names the file; nothing is read yet.</summary>
    /// <param name="environment">Where it is.</param>
    /// <param name="config">Its limit.</param>
    /// <param name="target">memory or user.</param>
    public MemoryFile(GatewayEnvironment environment, ConfigNode config, string target)
    {
        Target = target;
        _path = Path.Combine(environment.HermesHome, "memories", target == "user" ? "USER.md" : "MEMORY.md");
        int? given = config.Find("memory", target == "user" ? "user_char_limit" : "memory_char_limit").AsInt();
        Limit = given is > 0 ? given.Value : target == "user" ? 1375 : 2200;
    }

    /// <summary>memory or user.</summary>
    public string Target { get; }

    /// <summary>Longest text, in characters.</summary>
    public int Limit { get; }

    /// <summary>The entries; none when there is no file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<string> Read()
    {
        if (HomeFile.ReadText(_path) is not { } text) return [];
        return [.. text.TrimStart('\uFEFF').Split(Separator).Select(entry => entry.Trim()).Where(entry => entry.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Changes the entries while nobody else does.</summary>
    /// <param name="change">Gets the entries and answers the new ones, or null for no change.</param>
    /// <exception cref="IOException">They cannot be read; nothing has changed.</exception>
    /// <exception cref="StoredFileException">They cannot be written; nothing has changed.</exception>
    public async Task ChangeAsync(Func<IReadOnlyList<string>, IReadOnlyList<string>?> change)
    {
        PrivateFolder.Make(Path.GetDirectoryName(_path)!);
        using var held = await LockFile.TakeAsync(_path + ".lock", CancellationToken.None);
        if (change(Read()) is { } entries) PrivateFiles.Replace(_path, Encoding.UTF8.GetBytes(string.Join(Separator, entries)));
    }
}
