namespace Gateway.Tests.RepoRules;

/// <summary>The wire does not know the work and the work does not know the wire; Rpc is the only bridge. Read from the
/// compiled code, since a type can be used without a using line.</summary>
public class FolderDependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Display"] = [],
        ["Protocol"] = ["Display"],
        ["Transport"] = [],
        ["Signals"] = [],
        ["Diagnostics"] = ["Processes"],
        ["Processes"] = [],
        ["Config"] = ["Processes", "Diagnostics"],
        ["Commands"] = ["Config"],
        ["Completion"] = ["Config", "Commands"],
        ["Storage"] = ["Processes", "Config", "Diagnostics"],
        ["Tools"] = ["Processes", "Config", "Storage", "Diagnostics", "Display"],
        ["Mcp"] = ["Tools", "Processes", "Config", "Storage", "Diagnostics"],
        ["Agent"] = ["Tools", "Config", "Storage", "Diagnostics"],
        ["Sessions"] = ["Agent", "Tools", "Processes", "Config", "Storage", "Diagnostics"],
        ["Rpc"] = ["Display", "Protocol", "Transport", "Mcp", "Sessions", "Agent", "Tools", "Processes", "Config", "Commands", "Completion", "Storage", "Diagnostics"],
        ["Cli"] = ["Rpc", "Mcp", "Transport", "Signals", "Config", "Diagnostics"],
    };

    [Test]
    public async Task Folders_use_only_what_they_may()
    {
        var violations =
            from user in GatewayAssembly.Types
            let home = GatewayAssembly.Folder(user)!
            where home.Length > 0
            from mentioned in GatewayAssembly.Mentions(user)
            let other = GatewayAssembly.Folder(mentioned)
            where other is not null && other != home && !Allowed[home].Contains(other)
            select $"{user.FullName} ({home}) uses {mentioned.FullName} ({other})";
        await Assert.That(violations.Distinct()).IsEmpty();
    }

    [Test]
    public async Task Every_folder_has_a_row()
    {
        var folders = GatewayAssembly.Types.Select(type => GatewayAssembly.Folder(type)!).Where(folder => folder.Length > 0).Distinct();
        await Assert.That(folders.Order()).IsEquivalentTo(Allowed.Keys.Order());
    }

    [Test]
    public async Task The_rule_sees_what_it_should()
    {
        // If the walk over the code found nothing, the rule above could not fail.
        var seen = GatewayAssembly.Types.Where(type => GatewayAssembly.Folder(type) == "Rpc")
            .SelectMany(GatewayAssembly.Mentions).Select(GatewayAssembly.Folder).ToHashSet();
        await Assert.That(seen).Contains("Protocol");
        await Assert.That(seen).Contains("Sessions");
        await Assert.That(seen).Contains("Transport");
    }
}
