using Gateway.Tests.Shared;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

public class ToolsetTableTests
{
    [Test]
    public async Task There_are_as_many_as_the_contract_has()
    {
        await Assert.That(ToolsetTable.All.Length).IsEqualTo(52);
        await Assert.That(ToolsetTable.All.Select(toolset => toolset.Name)).IsInOrder();
        await Assert.That(ToolsetTable.All.Select(toolset => toolset.Name).Distinct().Count()).IsEqualTo(52);
        await Assert.That(ToolsetTable.All.Count(toolset => toolset.IsConfigurable)).IsEqualTo(23);
    }

    [Test]
    [Arguments("browser", 13)]
    [Arguments("debugging", 8)]
    [Arguments("feishu_drive", 4)]
    [Arguments("file", 4)]
    [Arguments("homeassistant", 4)]
    [Arguments("rl", 10)]
    [Arguments("safe", 4)]
    [Arguments("search", 1)]
    [Arguments("spotify", 7)]
    [Arguments("yuanbao", 5)]
    [Arguments("hermes-acp", 29)]
    [Arguments("hermes-api-server", 35)]
    [Arguments("hermes-cli", 38)]
    [Arguments("hermes-wecom-callback", 38)]
    [Arguments("hermes-discord", 40)]
    [Arguments("hermes-feishu", 43)]
    [Arguments("hermes-yuanbao", 43)]
    [Arguments("hermes-gateway", 50)]
    public async Task Each_has_its_members(string name, int members) => await Assert.That(ToolsetTable.All.Single(toolset => toolset.Name == name).Members.Length).IsEqualTo(members);

    [Test]
    [Arguments("[search]", "web_search")]
    [Arguments("[search, todo]", "todo web_search")]
    [Arguments("[safe]", "web_extract web_search")]
    [Arguments("[web, search]", "web_extract web_search")]
    [Arguments("[discord, discord_admin, todo]", "todo")]
    [Arguments("[todo, hermes-cli]", "todo")]
    [Arguments("[unknown]", "")]
    [Arguments("[hermes-acp]", "delegate_task execute_code memory patch process read_file search_files session_search skill_manage skill_view skills_list terminal todo web_extract web_search write_file")]
    public async Task What_is_on_offer(string list, string tools)
    {
        using var stage = new ToolStage($"platform_toolsets: {{cli: {list}}}", new() { ["EXA_API_KEY"] = "test-key" });
        await Assert.That(Offered(stage)).IsEqualTo(tools);
    }

    [Test]
    public async Task What_is_disabled_stays_off_also_in_groups()
    {
        using var stage = new ToolStage("platform_toolsets: {cli: [search, todo]}\nagent: {disabled_toolsets: [web]}", new() { ["EXA_API_KEY"] = "test-key" });
        await Assert.That(Offered(stage)).IsEqualTo("todo");
    }

    [Test]
    [Arguments("[hermes-cli]", "homeassistant rl", true, "browser clarify code_execution cronjob delegation file homeassistant image_gen memory messaging rl session_search skills terminal todo tts vision web")]
    [Arguments("[search, myserver]", "todo", true, "myserver search todo")]
    [Arguments("[search, myserver]", "web", false, "myserver")]
    [Arguments("[todo, debugging]", "web", false, "file terminal todo")]
    [Arguments("[todo, debugging]", "memory", false, "debugging todo")]
    [Arguments("[todo]", "discord web", true, "todo web")]
    public async Task The_list_that_is_stored(string list, string names, bool on, string stored)
    {
        using var stage = new ToolStage($"platform_toolsets: {{cli: {list}}}");
        await Assert.That(string.Join(' ', Toolsets.Changed(stage.Kit.Settings, stage.Kit.Environment, names.Split(' '), on))).IsEqualTo(stored);
    }

    [Test]
    [Arguments("all")]
    [Arguments("*")]
    public async Task Everything_is_all_but_what_must_be_named(string name)
    {
        using var stage = new ToolStage($"platform_toolsets: {{cli: ['{name}']}}");
        await Assert.That(string.Join(' ', Toolsets.Enabled(stage.Kit.Settings, stage.Kit.Environment)))
            .IsEqualTo("browser clarify code_execution cronjob delegation file image_gen memory messaging session_search skills terminal todo tts vision web yuanbao");
    }

    [Test]
    public async Task Clients_are_told_of_all_of_them()
    {
        await using var stage = await Stage.SetAsync(config: ["platform_toolsets: {cli: [search, todo]}"]);
        await using var gateway = new GatewayHarness(stage);
        var listed = (await gateway.AskAsync("tools.list")).Result().GetProperty("toolsets");
        await Assert.That(listed.GetArrayLength()).IsEqualTo(52);
        var on = listed.EnumerateArray().Where(toolset => toolset.GetProperty("enabled").GetBoolean()).Select(toolset => toolset.GetProperty("name").GetString());
        await Assert.That(string.Join(' ', on)).IsEqualTo("search todo");
        var safe = listed.EnumerateArray().Single(toolset => toolset.GetProperty("name").GetString() == "safe");
        await Assert.That(safe.GetProperty("tools").GetRawText()).IsEqualTo("""["image_generate","vision_analyze","web_extract","web_search"]""");
        await Assert.That(safe.GetProperty("tool_count").GetInt32()).IsEqualTo(4);
        await Assert.That((await gateway.AskAsync("toolsets.list")).Result().GetProperty("toolsets")[0].TryGetProperty("tools", out _)).IsFalse();
    }

    private static string Offered(ToolStage stage)
    {
        var enabled = Toolsets.Enabled(stage.Kit.Settings, stage.Kit.Environment);
        return string.Join(' ', ToolCatalog.BuiltIn(stage.Kit).Where(tool => Toolsets.Offers(enabled, stage.Kit.Settings, tool)).Select(tool => tool.Name).Order(StringComparer.Ordinal));
    }
}
