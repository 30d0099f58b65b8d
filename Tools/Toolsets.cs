using System.Collections.Immutable;
using Gateway.Config;

namespace Gateway.Tools;

/// <summary>A named group of tools.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Description">What it is for.</param>
/// <param name="IsDefault">Whether it is on when nothing is configured.</param>
internal sealed record Toolset(string Name, string Description, bool IsDefault = true);

/// <summary>Which groups of tools are on (CONFIG.md 5). Other programs share the setting, so groups of theirs are kept, although this one
/// has no tools for them.</summary>
internal static class Toolsets
{
    private const string Platform = "cli";

    /// <summary>The groups that can be switched, by name.</summary>
    public static ImmutableArray<Toolset> Configurable =>
    [
        new("browser", "drives a web page"),
        new("clarify", "asks the user"),
        new("code_execution", "runs scripts that call tools"),
        new("cronjob", "keeps scheduled tasks"),
        new("delegation", "hands tasks to subagents"),
        new("discord", "reads and writes Discord", false),
        new("discord_admin", "looks after Discord servers", false),
        new("file", "reads, writes, changes and searches files"),
        new("homeassistant", "talks to Home Assistant", false),
        new("image_gen", "makes images"),
        new("memory", "keeps notes from one conversation to the next"),
        new("messaging", "sends messages to chats"),
        new("moa", "asks several models at once", false),
        new("rl", "runs reinforcement learning", false),
        new("session_search", "looks things up in earlier conversations"),
        new("skills", "lists, reads and keeps skills"),
        new("spotify", "plays music", false),
        new("terminal", "runs commands and looks after processes"),
        new("todo", "keeps a list of tasks"),
        new("tts", "speaks"),
        new("vision", "looks at images"),
        new("web", "searches the web and reads pages"),
        new("yuanbao", "talks to Yuanbao"),
    ];

    /// <summary>The groups that are on, sorted; those of MCP servers are not among them.</summary>
    public static IReadOnlyList<string> Enabled(ConfigNode config, GatewayEnvironment environment)
    {
        string[] listed = Listed(config);
        IEnumerable<string> enabled = listed.Any(IsConfigurable)
            ? listed.Where(name => name != "no_mcp")
            : listed.SelectMany(name => Members(name, environment));
        return [.. enabled.Except(Disabled(config), StringComparer.Ordinal).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a tool is on offer.</summary>
    public static bool Offers(IReadOnlyList<string> enabled, ConfigNode config, ITool tool) =>
        tool.Toolset.StartsWith("mcp-", StringComparison.Ordinal) ? !Disabled(config).Contains(tool.Toolset) : enabled.Contains(tool.Toolset);

    /// <summary>Whether a group of this name can be switched.</summary>
    public static bool IsConfigurable(string name) => Configurable.Any(toolset => toolset.Name == name);

    /// <summary>The list to be stored after a change.</summary>
    /// <param name="config">The configuration before.</param>
    /// <param name="environment">What switches groups on by being there.</param>
    /// <param name="names">Groups to switch.</param>
    /// <param name="on">On, or off.</param>
    public static IReadOnlyList<string> Changed(ConfigNode config, GatewayEnvironment environment, IReadOnlyCollection<string> names, bool on)
    {
        string[] others = [.. Listed(config).Where(name => !IsConfigurable(name) && !IsComposite(name) && name != "no_mcp")];
        var configurable = Enabled(config, environment).Where(IsConfigurable);
        configurable = on ? configurable.Union(names) : configurable.Except(names);
        return [.. configurable.Concat(others).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static string[] Listed(ConfigNode config)
    {
        var list = config.Find("platform_toolsets", Platform);
        return list.Kind == ConfigKind.List ? [.. list.Items.Select(item => item.AsText()?.Trim()).OfType<string>().Where(name => name.Length > 0)] : ["hermes-cli"];
    }

    private static string[] Disabled(ConfigNode config) => [.. config.Find("agent", "disabled_toolsets").Items.Select(item => item.AsText()).OfType<string>()];

    private static bool IsComposite(string name) => name is "all" or "*" or "debugging" or "safe" or "search" || name.StartsWith("hermes-", StringComparison.Ordinal);

    private static IEnumerable<string> Members(string name, GatewayEnvironment environment) => name switch
    {
        "all" or "*" => Configurable.Select(toolset => toolset.Name),
        "debugging" => ["terminal", "web", "file"],
        "safe" => ["web", "vision", "image_gen"],
        "search" => ["web"],
        _ when name.StartsWith("hermes-", StringComparison.Ordinal) => Configurable
            .Where(toolset => (toolset.IsDefault && toolset.Name != "yuanbao") || (toolset.Name == "homeassistant" && environment.Get("HASS_TOKEN") is { Length: > 0 }))
            .Select(toolset => toolset.Name),
        _ => [name],
    };
}
