using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>What was found under a name.</summary>
/// <param name="Skill">The skill; null when there is none to be shown.</param>
/// <param name="Problem">Why there is none; null when there is one.</param>
/// <param name="Names">Names to choose from instead.</param>
internal sealed record FoundSkill(Skill? Skill, string? Problem, IReadOnlyList<string> Names);

/// <summary>Finds a skill by any of the names it goes by (AGENT.md section 13).</summary>
internal sealed class SkillLookup(SkillIndex skills, ConfigNode config, GatewayEnvironment environment)
{
    /// <summary>Finds one: by name, by its place below a root (<c>category/name</c>), by its folder, as a single file <c>name.md</c>, or as
    /// <c>plugin:name</c>.</summary>
    public FoundSkill Find(string name)
    {
        string[] names = [.. skills.Read(config).Select(skill => skill.Name)];
        if (name.Split('/').Contains("..") || Path.IsPathRooted(name) || name.Contains('\0')) return new(null, "Path traversal ('..') is not allowed.", names);
        if (name.IndexOf(':') is > 0 and var colon && OfPlugin(name[..colon], name[(colon + 1)..]) is { } plugin) return plugin;
        return (name.Length == 0 ? null : Installed(name)) is not { } skill ? new(null, $"Skill '{name}' not found.", names)
            : Refusal(skill) is { } refusal ? new(null, refusal, names)
            : new(skill, null, names);
    }

    private static string? Refusal(Skill skill) => skill.State switch
    {
        SkillState.Unsupported => $"Skill '{skill.Name}' is not supported on this platform.",
        SkillState.Disabled => $"Skill '{skill.Name}' is disabled. Enable it with `hermes skills` or inspect the files directly on disk.",
        _ => null,
    };

    private Skill? Installed(string name)
    {
        var all = skills.All(config);
        var usable = skills.Read(config);
        string place = name.Trim('/');
        return usable.FirstOrDefault(one => one.Name == name)
            ?? all.FirstOrDefault(one => one.Place == place)
            ?? all.FirstOrDefault(one => one.Name == name)
            ?? all.FirstOrDefault(one => Path.GetFileName(one.Place) == name)
            ?? skills.SingleFile(config, place)
            ?? usable.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase) || one.SlashName == name);
    }

    // Plugins are programs this one cannot run, but what they bring along as text can be read.
    private FoundSkill? OfPlugin(string plugin, string name)
    {
        string home = Path.Combine(environment.HermesHome, "plugins", plugin);
        if (plugin.Contains('/') || name.Contains('/') || !Directory.Exists(home)) return null;
        if (Listed("disabled").Contains(plugin) || !Listed("enabled").Contains(plugin))
            return new(null, $"Plugin '{plugin}' is disabled. Re-enable with: hermes plugins enable {plugin}", []);
        var own = SkillIndex.Of(Path.Combine(home, "skills"));
        var skill = own.FirstOrDefault(one => Path.GetFileName(one.Place) == name) ?? own.FirstOrDefault(one => one.Name == name);
        return skill is null
            ? new(null, $"Skill '{name}' not found in plugin '{plugin}'.", [.. own.Select(one => $"{plugin}:{Path.GetFileName(one.Place)}")])
            : Refusal(skill) is { } refusal ? new(null, refusal, [])
            : new(skill, null, []);
    }

    private HashSet<string> Listed(string key) => [.. config.Find("plugins", key).Items.Select(item => item.AsText()).OfType<string>()];
}
