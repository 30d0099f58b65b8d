using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>A variable that a skill wants to be set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prompt">What the user is asked.</param>
/// <param name="Help">Where it comes from; null when the skill does not say.</param>
/// <param name="RequiredFor">What it is needed for; null when the skill does not say.</param>
/// <param name="IsOptional">Whether the skill works without it.</param>
internal sealed record SkillVariable(string Name, string Prompt, string? Help, string? RequiredFor, bool IsOptional);

/// <summary>What the front matter of a skill says about it beside name and description (CONFIG.md 10).</summary>
internal static class SkillNeeds
{
    /// <summary>A list of words, from <c>key</c> or <c>metadata.hermes.key</c>; also as text with commas.</summary>
    public static IReadOnlyList<string> Words(ConfigNode matter, string key)
    {
        var node = matter.Find(key) is { IsNull: false } own ? own : matter.Find("metadata", "hermes", key);
        return node.Kind == ConfigKind.List
            ? [.. node.Items.Select(item => item.AsText()).OfType<string>()]
            : [.. (node.AsText() ?? "").Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"', '\''))];
    }

    /// <summary>The variables it wants, each once, from all three places that skills name them in.</summary>
    public static IReadOnlyList<SkillVariable> Variables(ConfigNode matter)
    {
        string? help = matter.Find("setup", "help").AsText();
        return
        [
            .. Items(matter.Find("required_environment_variables")).Select(item => Variable(item, help))
                .Concat(Items(matter.Find("setup", "collect_secrets")).Select(item => Variable(item, item.Find("provider_url").AsText() ?? help)))
                .Concat(Items(matter.Find("prerequisites", "env_vars")).Select(item => Variable(item, help)))
                .OfType<SkillVariable>()
                .Where(variable => DotEnvFile.IsName(variable.Name))
                .DistinctBy(variable => variable.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The files with credentials it wants, as it names them: absolute, or below the Hermes home.</summary>
    public static IReadOnlyList<string> CredentialFiles(ConfigNode matter) =>
        [.. Items(matter.Find("required_credential_files")).Select(item => item.IsMap ? item.Find("path").AsText() ?? item.Find("file").AsText() : item.AsText()).OfType<string>()];

    /// <summary>Whether it belongs into the list that the model sees: its tools are there, and those it stands in for are not.</summary>
    /// <param name="matter">Its front matter.</param>
    /// <param name="tools">Names of the tools on offer.</param>
    /// <param name="toolsets">Their toolsets.</param>
    public static bool Fits(ConfigNode matter, IReadOnlyCollection<string> tools, IReadOnlyCollection<string> toolsets) =>
        Words(matter, "requires_tools").All(tools.Contains) && Words(matter, "requires_toolsets").All(toolsets.Contains)
        && !Words(matter, "fallback_for_tools").Any(tools.Contains) && !Words(matter, "fallback_for_toolsets").Any(toolsets.Contains);

    private static IEnumerable<ConfigNode> Items(ConfigNode node) => node.Kind == ConfigKind.List ? node.Items : node.IsNull ? [] : [node];

    private static SkillVariable? Variable(ConfigNode item, string? help)
    {
        string? name = item.IsMap ? (item.Find("name") is { IsNull: false } named ? named : item.Find("env_var")).AsText() : item.AsText();
        return name is null
            ? null
            : new SkillVariable(
                name, item.Find("prompt").AsText() ?? $"Value for {name}", item.Find("help").AsText() ?? help, item.Find("required_for").AsText(), item.Find("optional").AsBool(false));
    }
}
