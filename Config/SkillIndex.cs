namespace Gateway.Config;

/// <summary>Finds the installed skills (CONFIG.md 10). Safe for threads; a scan is reused for a few seconds.</summary>
internal sealed class SkillIndex(GatewayEnvironment environment, TimeProvider time)
{
    private const int MaximumFileBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private IReadOnlyList<Skill> _all = [];
    private IReadOnlyList<Skill> _skills = [];
    private IReadOnlyDictionary<string, string> _categories = new Dictionary<string, string>();
    private ConfigNode? _config;
    private long _scannedAt;

    /// <summary>Skills that are enabled and fit this platform, sorted by path; of several with one name the first. Never throws.</summary>
    /// <param name="config">The raw root of config.yaml; its <c>skills</c> section counts.</param>
    public IReadOnlyList<Skill> Read(ConfigNode config)
    {
        lock (_lock)
        {
            Renew(config);
            return _skills;
        }
    }

    /// <summary>Every skill there is: also those that are switched off, for other platforms, or behind another of their name.</summary>
    public IReadOnlyList<Skill> All(ConfigNode config)
    {
        lock (_lock)
        {
            Renew(config);
            return _all;
        }
    }

    /// <summary>What categories are about, by name, from the DESCRIPTION.md in their folders; those without one are not there.</summary>
    public IReadOnlyDictionary<string, string> Categories(ConfigNode config)
    {
        lock (_lock)
        {
            Renew(config);
            return _categories;
        }
    }

    /// <summary>A skill of the old kind: a single file <c>name.md</c>, in a root or, without a folder in its name, anywhere below one.</summary>
    /// <param name="config">The raw root of config.yaml.</param>
    /// <param name="name">Its name; with a folder, its place below a root.</param>
    public Skill? SingleFile(ConfigNode config, string name)
    {
        var settings = config.Find("skills").Expand(environment);
        string file = name + ".md";
        foreach (string root in Roots(settings))
        {
            string direct = Path.Combine(root, file);
            string? path = File.Exists(direct) ? direct : name.Contains('/') || !Directory.Exists(root) ? null : SkillFolders.FileNamed(root, file);
            if (path is not null && Load(path, Path.GetFileNameWithoutExtension(path), Disabled(settings)) is { } skill) return skill;
        }

        return null;
    }

    /// <summary>The skills in a folder that is not among the roots, such as that of a plugin.</summary>
    public static IReadOnlyList<Skill> Of(string folder) => !Directory.Exists(folder)
        ? []
        : [.. SkillFolders.WithSkills(folder).Select(place => Load(Path.Combine(folder, place, "SKILL.md"), Path.GetFileName(place), []) is { } skill ? skill with { Place = place } : null).OfType<Skill>()];

    /// <summary>Looks again at the next reading.</summary>
    public void Forget()
    {
        lock (_lock) _config = null;
    }

    private void Renew(ConfigNode config)
    {
        if (ReferenceEquals(config, _config) && time.GetElapsedTime(_scannedAt) <= TimeSpan.FromSeconds(5)) return;
        var settings = config.Find("skills").Expand(environment);
        var disabled = Disabled(settings);
        var all = new List<Skill>();
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string root in Roots(settings))
        {
            int first = all.Count;
            foreach (string place in SkillFolders.WithSkills(root))
                if (Load(Path.Combine(root, place, "SKILL.md"), Path.GetFileName(place), disabled) is { } skill)
                    all.Add(skill with { Place = place, Category = place.IndexOf('/') is > 0 and var end ? place[..end] : null });
            foreach (string category in all.Skip(first).Select(skill => skill.Category).OfType<string>().Distinct(StringComparer.Ordinal))
                if (CategoryOf(Path.Combine(root, category)) is { Length: > 0 } about) categories.TryAdd(category, about);
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var slashNames = new HashSet<string>(StringComparer.Ordinal);
        _all = all;
        _skills = [.. all.Where(skill => skill.State == SkillState.Available && names.Add(skill.Name) && slashNames.Add(skill.SlashName))];
        (_categories, _config, _scannedAt) = (categories, config, time.GetTimestamp());
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

    private static Skill? Load(string path, string name, HashSet<string> disabled)
    {
        try
        {
            if (HomeFile.ReadText(path, MaximumFileBytes) is not { } text) return null;
            var head = SkillFile.Parse(text, name);
            string slash = SkillFile.SlashName(head.Name);
            var state = !FitsPlatform(head.Platforms) ? SkillState.Unsupported : disabled.Contains(head.Name) ? SkillState.Disabled : SkillState.Available;
            return slash.Length == 0
                ? null
                : new Skill(head.Name, head.Description, null, Path.GetDirectoryName(path)!, slash) { FrontMatter = head.FrontMatter, State = state, File = path };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? CategoryOf(string folder)
    {
        try
        {
            return HomeFile.ReadText(Path.Combine(folder, "DESCRIPTION.md"), MaximumFileBytes) is { } text ? SkillFile.Parse(text, "").Description : null;
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
}
