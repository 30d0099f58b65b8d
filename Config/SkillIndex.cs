using System.IO.Enumeration;

namespace Gateway.Config;

/// <summary>Finds the installed skills (CONFIG.md 10). Safe for threads; a scan is reused for a few seconds.</summary>
internal sealed class SkillIndex(GatewayEnvironment environment, TimeProvider time)
{
    private const int MaximumDepth = 12;
    private const int MaximumDirectories = 20_000;
    private const int MaximumFileBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private IReadOnlyList<Skill> _skills = [];
    private ConfigNode? _config;
    private long _scannedAt;

    /// <summary>Skills that are enabled and fit this platform, sorted by path; of several with one name the first. Never throws.</summary>
    /// <param name="config">The raw root of config.yaml; its <c>skills</c> section counts.</param>
    public IReadOnlyList<Skill> Read(ConfigNode config)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(config, _config) || time.GetElapsedTime(_scannedAt) > TimeSpan.FromSeconds(5))
            {
                _skills = Scan(config.Find("skills").Expand(environment));
                (_config, _scannedAt) = (config, time.GetTimestamp());
            }

            return _skills;
        }
    }

    /// <summary>Looks again at the next reading.</summary>
    public void Forget()
    {
        lock (_lock) _config = null;
    }

    private List<Skill> Scan(ConfigNode settings)
    {
        var disabled = Disabled(settings);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var slashNames = new HashSet<string>(StringComparer.Ordinal);
        var skills = new List<Skill>();
        foreach (var root in Roots(settings))
        {
            foreach (var relative in SkillDirectories(root))
            {
                if (Load(root, relative) is { } skill && !disabled.Contains(skill.Name) && names.Add(skill.Name) && slashNames.Add(skill.SlashName))
                {
                    skills.Add(skill);
                }
            }
        }

        return skills;
    }

    private IEnumerable<string> Roots(ConfigNode settings)
    {
        yield return Path.Combine(environment.HermesHome, "skills");
        var external = settings.Find("external_dirs");
        foreach (var item in external.Kind == ConfigKind.List ? external.Items : [external])
        {
            if (item.AsText() is { } path && environment.ExpandHome(path) is var expanded && Path.IsPathRooted(expanded) && Directory.Exists(expanded))
            {
                yield return expanded;
            }
        }
    }

    private HashSet<string> Disabled(ConfigNode settings)
    {
        var list = environment.Get("HERMES_PLATFORM") is { } platform && settings.Find("platform_disabled").Has(platform)
            ? settings.Find("platform_disabled", platform)
            : settings.Find("disabled");
        return [.. list.Items.Select(item => item.AsText()).OfType<string>()];
    }

    private static Skill? Load(string root, string relative)
    {
        try
        {
            var directory = Path.Combine(root, relative);
            var file = new FileInfo(Path.Combine(directory, "SKILL.md"));
            if (!file.Exists || file.Length > MaximumFileBytes)
            {
                return null;
            }

            var head = SkillFile.Parse(File.ReadAllText(file.FullName), Path.GetFileName(directory));
            var slash = SkillFile.SlashName(head.Name);
            var parts = relative.Split('/');
            return slash.Length == 0 || !FitsPlatform(head.Platforms)
                ? null
                : new Skill(head.Name, head.Description, parts.Length >= 2 ? parts[0] : null, directory, slash);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool FitsPlatform(IReadOnlyList<string> platforms)
    {
        var current = OperatingSystem.IsMacOS() ? "macos" : OperatingSystem.IsWindows() ? "windows" : "linux";
        return platforms.Count == 0 || platforms.Contains(current) || (current == "macos" && platforms.Contains("darwin"));
    }

    // Links are followed; remembering real paths keeps a link to a parent from being walked for ever.
    private static List<string> SkillDirectories(string root)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<(string Relative, string Real, int Depth)>();
        pending.Push(("", Path.GetFullPath(root), 0));
        while (pending.TryPop(out var next) && seen.Count < MaximumDirectories)
        {
            if (!seen.Add(next.Real))
            {
                continue;
            }

            if (next.Relative.Length > 0 && File.Exists(Path.Combine(next.Real, "SKILL.md")))
            {
                found.Add(next.Relative);
            }

            if (next.Depth < MaximumDepth)
            {
                Push(pending, next.Relative, next.Real, next.Depth + 1);
            }
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void Push(Stack<(string, string, int)> pending, string relative, string real, int depth)
    {
        try
        {
            var entries = new FileSystemEnumerable<DirectoryInfo>(
                real,
                (ref FileSystemEntry entry) => (DirectoryInfo)entry.ToFileSystemInfo(),
                new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory && entry.FileName is not (".git" or ".github" or ".hub"),
            };
            foreach (var directory in entries)
            {
                var target = directory.LinkTarget is null ? directory.FullName : directory.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
                if (target is not null)
                {
                    pending.Push((relative.Length == 0 ? directory.Name : $"{relative}/{directory.Name}", target, depth));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A directory that cannot be listed has no skills to offer.
        }
    }
}
