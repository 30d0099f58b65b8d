using Gateway.Config;

namespace Gateway.Tools;

/// <summary>Which toolsets are on (CONFIG.md 5, WIRE.md 19.4). Other programs share the setting, so groups of theirs are kept, although
/// this one has no tools for them.</summary>
internal static class Toolsets
{
    private const string Platform = "cli";
    private const string NoServers = "no_mcp";
    private const string ServerPrefix = "mcp-";

    /// <summary>The toolsets that are on, sorted; those of MCP servers are not among them.</summary>
    public static IReadOnlyList<string> Enabled(ConfigNode config, GatewayEnvironment environment)
    {
        string[] listed = Listed(config);
        IEnumerable<string> enabled = listed.Any(IsConfigurable) ? listed.Where(name => name != NoServers && !IsPlatform(name)) : Expanded(listed, environment);
        return [.. enabled.Where(name => !IsForeign(name)).Except(Disabled(config), StringComparer.Ordinal).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a tool is on offer: its toolset is on, or a group that has it, such as <c>search</c>.</summary>
    public static bool Offers(IReadOnlyList<string> enabled, ConfigNode config, ITool tool)
    {
        if (Disabled(config).Contains(tool.Toolset)) return false;
        if (tool.Toolset.StartsWith(ServerPrefix, StringComparison.Ordinal)) return OffersServer(config, tool.Toolset[ServerPrefix.Length..]);
        return enabled.Contains(tool.Toolset)
            || enabled.Any(name => name is "all" or "*" || (Find(name) is { IsConfigurable: false } group && group.Members.Contains(tool.Name)));
    }

    /// <summary>Whether the tools of an MCP server are on offer: all servers are, unless some are listed or <c>no_mcp</c> is (WIRE 19.4).</summary>
    public static bool OffersServer(ConfigNode config, string server)
    {
        string[] listed = Listed(config);
        if (listed.Contains(NoServers) || Disabled(config).Any(name => Means(name, server))) return false;
        var servers = config.Find("mcp_servers").Entries;
        return listed.Any(name => Means(name, server)) || !listed.Any(name => servers.Any(entry => Means(name, entry.Key)));
    }

    /// <summary>Whether a toolset of this name can be switched.</summary>
    public static bool IsConfigurable(string name) => Find(name) is { IsConfigurable: true };

    /// <summary>The list to be stored after a change.</summary>
    /// <param name="config">The configuration before.</param>
    /// <param name="environment">What switches groups on by being there.</param>
    /// <param name="names">Groups to switch.</param>
    /// <param name="on">On, or off.</param>
    public static IReadOnlyList<string> Changed(ConfigNode config, GatewayEnvironment environment, IReadOnlyCollection<string> names, bool on)
    {
        var enabled = Enabled(config, environment);
        string[] others = [.. Listed(config).Where(name => Find(name) is null && name is not ("all" or "*" or NoServers))];
        Toolset[] groups = [.. enabled.Select(Find).OfType<Toolset>().Where(toolset => !toolset.IsConfigurable)];
        IEnumerable<string> now = enabled.Where(IsConfigurable);
        if (on)
        {
            now = now.Union(names.Where(name => !IsForeign(name)));
        }
        else
        {
            // A group that has a tool of what is switched off would keep it on.
            HashSet<string> off = [.. names.Select(Find).OfType<Toolset>().SelectMany(toolset => toolset.Members)];
            Toolset[] broken = [.. groups.Where(group => group.Members.Any(off.Contains))];
            now = now.Union(Expanded([.. broken.Select(group => group.Name)], environment).Where(IsConfigurable)).Except(names);
            groups = [.. groups.Except(broken)];
        }

        return [.. now.Concat(groups.Select(group => group.Name)).Concat(others).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a tool belongs to one of the named toolsets, groups of several and MCP servers among them.</summary>
    /// <param name="names">Their names, in any case; "all" and "*" stand for every tool.</param>
    /// <param name="tool">The tool.</param>
    public static bool Cover(IEnumerable<string> names, ITool tool) => names.Any(name =>
        name is "*" || name.Equals("all", StringComparison.OrdinalIgnoreCase)
        || name.Equals(tool.Toolset, StringComparison.OrdinalIgnoreCase)
        || (ServerPrefix + name).Equals(tool.Toolset, StringComparison.OrdinalIgnoreCase)
        || Find(name.ToLowerInvariant())?.Members.Contains(tool.Name) == true);

    private static Toolset? Find(string name) => ToolsetTable.All.FirstOrDefault(toolset => toolset.Name == name);

    // They are for one platform, which this is not.
    private static bool IsForeign(string name) => name is "discord" or "discord_admin";

    // Beside names of toolsets the usual groups of a platform say nothing.
    private static bool IsPlatform(string name) => name.StartsWith("hermes-", StringComparison.Ordinal) && Find(name) is not null;

    // A server's toolset goes by the server's name as well.
    private static bool Means(string name, string server) => name == server || name == ServerPrefix + server;

    private static string[] Listed(ConfigNode config)
    {
        var list = config.Find("platform_toolsets", Platform);
        return list.Kind == ConfigKind.List ? [.. list.Items.Select(item => item.AsText()?.Trim()).OfType<string>().Where(name => name.Length > 0)] : ["hermes-cli"];
    }

    private static string[] Disabled(ConfigNode config) => [.. config.Find("agent", "disabled_toolsets").Items.Select(item => item.AsText()).OfType<string>()];

    // What the groups have together switches on every toolset that is wholly in it; a group that has none of them whole stays as it is.
    private static IEnumerable<string> Expanded(string[] listed, GatewayEnvironment environment)
    {
        bool everything = listed.Any(name => name is "all" or "*");
        HashSet<string> tools = [.. (everything ? ToolsetTable.All : ToolsetTable.All.Where(toolset => listed.Contains(toolset.Name))).SelectMany(toolset => toolset.Members)];
        string[] whole =
        [
            .. ToolsetTable.All
                .Where(toolset => toolset.IsConfigurable && toolset.Members.All(tools.Contains)
                    && (!toolset.IsOffByDefault || (toolset.Name == "homeassistant" && environment.Get("HASS_TOKEN") is { Length: > 0 })))
                .Select(toolset => toolset.Name),
        ];
        HashSet<string> covered = [.. ToolsetTable.All.Where(toolset => whole.Contains(toolset.Name)).SelectMany(toolset => toolset.Members)];
        return whole.Concat(listed.Where(name => name is not ("all" or "*" or "no_mcp") && (Find(name) is not { } group || !group.Members.Any(covered.Contains))));
    }
}
