using Gateway.Config;

namespace Gateway.Commands;

/// <summary>A command the user defined under <c>quick_commands</c> (CONFIG.md 7).</summary>
/// <param name="Name">Name without the slash, case kept.</param>
/// <param name="Kind">exec, alias, or whatever the file says.</param>
/// <param name="Text">The shell command of exec or the target of alias; "" when missing.</param>
/// <param name="Description">The user's own description; null when there is none.</param>
internal sealed record QuickCommand(string Name, string Kind, string Text, string? Description)
{
    /// <summary>What lists show: a command may contain a key, which a list on a screen must not.</summary>
    public string Help => SecretMask.Redact(Description ?? Kind switch
    {
        "exec" => "exec: " + Text,
        "alias" => "alias → " + Text,
        "" => "quick command",
        _ => Kind,
    });

    /// <summary>All definitions sorted by name; entries that are no maps are left out.</summary>
    public static IReadOnlyList<QuickCommand> All(ConfigNode config) =>
        [.. config.Find("quick_commands").Entries.Where(entry => entry.Value.IsMap).Select(entry => Of(entry.Key, entry.Value)).OrderBy(quick => quick.Name, StringComparer.Ordinal)];

    /// <summary>The definition of a name, case ignored; null when there is none.</summary>
    public static QuickCommand? Find(ConfigNode config, string name) =>
        All(config).FirstOrDefault(quick => quick.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with the section, or "".</summary>
    public static string Warning(ConfigNode config) =>
        config.Find("quick_commands") is { IsNull: false, IsMap: false } ? "quick_commands discovery unavailable: it must be a map of names to commands" : "";

    private static QuickCommand Of(string name, ConfigNode node)
    {
        var kind = node.Find("type").AsText() ?? "";
        return new QuickCommand(name, kind, node.Find(kind == "alias" ? "target" : "command").AsString() ?? "", node.Find("description").AsText());
    }
}
