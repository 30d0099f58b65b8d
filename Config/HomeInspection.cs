using Gateway.Processes;

namespace Gateway.Config;

/// <summary>What is wrong with the files of a home: those that other users of the machine can read, and those that cannot be used.
/// Nothing is opened or changed.</summary>
internal static class HomeInspection
{
    private const UnixFileMode Others = (UnixFileMode)0x3F;
    private const int MostFiles = 2000;

    // What holds secrets, or what was said.
    private static string[] Secrets => ["config.yaml", ".env", "auth.json", "state.db", "state.db-wal", "state.db-shm", "state.db-journal", "mcp-tokens"];

    // What the gateway reads or writes as a file, beside the above.
    private static string[] Files =>
    [
        "auth.lock", "SOUL.md", "processes.json", "context_length_cache.yaml", "gateway_turns.lock", "shell-hooks-allowlist.json", ".anthropic_oauth.json",
        "cron/jobs.json", "cron/.jobs.lock", "memories/MEMORY.md", "memories/MEMORY.md.lock", "memories/USER.md", "memories/USER.md.lock",
    ];

    // Folders whose files the gateway reads or writes.
    private static (string Folder, string Pattern)[] Folders => [("logs", "*.log"), ("skins", "*.yaml"), ("mcp-tokens", "*.json"), ("spawn-trees", "*.json*"), ("sessions", "session_*.json")];

    /// <summary>The permissions of the home; null when there is none.</summary>
    public static UnixFileMode? ModeOf(string home) => FileFacts.Of(home) is { IsFolder: true } facts ? facts.Permissions & (UnixFileMode)0x1FF : null;

    /// <summary>The permissions of the files that hold secrets, as far as there are any.</summary>
    /// <param name="home">HERMES_HOME, absolute.</param>
    public static IEnumerable<(string Name, UnixFileMode Mode)> ModesOfSecrets(string home) =>
        from path in SecretsOf(home)
        where FileFacts.Of(path) is not null
        select (Path.GetRelativePath(home, path), FileFacts.Of(path)?.Permissions ?? default);

    /// <summary>What lets other users in, one sentence each, with what to do; empty when nothing does.</summary>
    /// <param name="home">HERMES_HOME, absolute.</param>
    public static IReadOnlyList<string> OpenToOthers(string home)
    {
        // In a folder that others cannot enter, modes of files do not matter.
        if (ModeOf(home) is not { } mode || (mode & Others) == 0) return [];
        var found = new List<string> { $"{home} can be entered or read by other users (mode {Octal(mode)}); run: chmod 700 {Quoted(home)}" };
        foreach (string path in SecretsOf(home))
        {
            if (FileFacts.Of(path) is { } facts && (facts.Permissions & Others) != 0)
                found.Add($"{path} is open to other users (mode {Octal(facts.Permissions)}); run: chmod {(facts.IsFolder ? "700" : "600")} {Quoted(path)}");
        }

        return found;
    }

    /// <summary>Files that cannot be used since something else has their names, one sentence each; empty when there is none.</summary>
    /// <param name="home">HERMES_HOME, absolute.</param>
    public static IReadOnlyList<string> Unusable(string home)
    {
        var skills = Path.Combine(home, "skills");
        var paths = Secrets.Where(name => name != "mcp-tokens").Concat(Files).Select(name => Path.Combine(home, name))
            .Concat(Folders.SelectMany(one => Listed(Path.Combine(home, one.Folder), one.Pattern)))
            .Concat(Directory.Exists(skills) ? SkillFolders.WithSkills(skills).Select(folder => Path.Combine(skills, folder, "SKILL.md")) : []);
        return [.. paths.Take(MostFiles).Select(path => (path, problem: HomeFile.Problem(path))).Where(one => one.problem is not null).Select(one => $"{one.path} is not used: {one.problem}; put a file in its place or take it away")];
    }

    /// <summary>Permissions as chmod takes them.</summary>
    public static string Octal(UnixFileMode mode) => Convert.ToString((int)mode & 0xFFF, 8).PadLeft(4, '0');

    private static IEnumerable<string> SecretsOf(string home) =>
        Secrets.Select(name => Path.Combine(home, name)).Concat(Listed(Path.Combine(home, "mcp-tokens"), "*"));

    private static string[] Listed(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Take(MostFiles).Order(StringComparer.Ordinal).ToArray() : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Quoted(string path) => path.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-".Contains(letter)) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
