using Gateway.Commands;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.CommandTests;

public class CommandCatalogTests
{
    [Test]
    public async Task Sizes_match_the_contract()
    {
        var catalog = CommandCatalog.Build(ConfigNode.EmptyMap, []);
        await Assert.That(CommandRegistry.All.Count).IsEqualTo(56);
        await Assert.That(catalog.Pairs.Count).IsEqualTo(53);
        await Assert.That(catalog.Canon.Count).IsEqualTo(69);
        await Assert.That(string.Join(" ", catalog.Sub.Keys.Order(StringComparer.Ordinal)))
            .IsEqualTo("/approve /browser /busy /cron /fast /footer /reasoning /skills /snapshot /tools /voice");
        await Assert.That(string.Join(", ", catalog.Categories.Select(category => $"{category.Name} {category.Pairs.Count}")))
            .IsEqualTo("Session 19, Info 10, Configuration 12, Tools & Skills 8, Exit 1, TUI 3");
        await Assert.That(catalog.Warning).IsEqualTo("");
    }

    [Test]
    public async Task Order_of_rows_is_the_registry_order()
    {
        var names = string.Join(" ", CommandCatalog.Build(ConfigNode.EmptyMap, []).Pairs.Select(pair => pair.Name));
        await Assert.That(names).IsEqualTo(
            "/new /clear /redraw /history /save /retry /undo /title /branch /compress /rollback /snapshot /stop /background /agents /queue /steer /profile /resume "
            + "/config /model /gquota /personality /statusbar /verbose /footer /yolo /reasoning /fast /skin /voice /busy /tools /toolsets /skills /cron /reload "
            + "/reload-mcp /browser /plugins /help /restart /usage /insights /platforms /copy /paste /image /debug /quit /compact /logs /mouse");
    }

    [Test]
    [Arguments("/bg", "/background")]
    [Arguments("/q", "/queue")]
    [Arguments("/exit", "/quit")]
    [Arguments("/set-home", "/sethome")]
    [Arguments("/reload_mcp", "/reload-mcp")]
    [Arguments("/provider", "/model")]
    [Arguments("/approve", "/approve")]
    public async Task Aliases_lead_to_their_command(string alias, string expected) =>
        await Assert.That(CommandCatalog.Build(ConfigNode.EmptyMap, []).Canon[alias]).IsEqualTo(expected);

    [Test]
    public async Task Hints_are_part_of_the_description()
    {
        var title = CommandCatalog.Build(ConfigNode.EmptyMap, []).Pairs.Single(pair => pair.Name == "/title");
        await Assert.That(title.Description).EndsWith(" (usage: /title [name])");
    }

    [Test]
    public async Task Quick_commands_are_listed_by_name_with_default_descriptions()
    {
        var config = ConfigTestHome.Parse($$"""
            quick_commands:
              hello: {type: exec, command: "echo hi there"}
              al: {type: alias, target: "/model gpt"}
              noal: {type: alias}
              notype: {command: "echo x"}
              odd: {type: foo, command: "echo x"}
              longdesc: {type: exec, command: "true", description: "{{new string('d', 125)}}"}
              Upper: {type: exec, command: "echo up"}
              quit: {type: exec, command: "echo shadow"}
              wrong: text
            """);
        var catalog = CommandCatalog.Build(config, []);
        await Assert.That(string.Join("; ", catalog.Pairs.Skip(53).Select(pair => $"{pair.Name}={pair.Description}"))).IsEqualTo(
            $"/Upper=exec: echo up; /al=alias → /model gpt; /hello=exec: echo hi there; /longdesc={new string('d', 120)}…; /noal=alias → ; /notype=quick command; /odd=foo; /quit=exec: echo shadow");
        await Assert.That(catalog.Canon["/upper"]).IsEqualTo("/Upper");
        await Assert.That(catalog.Canon["/quit"]).IsEqualTo("/quit");
        await Assert.That(catalog.Categories[^1].Name).IsEqualTo("User commands");
    }

    [Test]
    [Arguments("{type: exec, command: 'curl -H \"Authorization: Bearer abcdefgh12345678zz\" h'}")]
    [Arguments("{type: exec, command: 'true', description: 'uses MY_TOKEN=abcdefgh12345678zz'}")]
    public async Task Quick_commands_are_listed_without_their_keys(string command)
    {
        var pair = CommandCatalog.Build(ConfigTestHome.Parse($"quick_commands: {{q: {command}}}"), []).Pairs.Single(pair => pair.Name == "/q");
        await Assert.That(pair.Description).DoesNotContain("gh12345678");
    }

    [Test]
    [Arguments("quick_commands:", "")]
    [Arguments("quick_commands: [a]", "quick_commands discovery unavailable: ")]
    public async Task A_broken_section_is_a_warning_and_not_an_error(string yaml, string expected)
    {
        var warning = CommandCatalog.Build(ConfigTestHome.Parse(yaml), []).Warning;
        await Assert.That(warning).StartsWith(expected);
        await Assert.That(warning.Length > 0).IsEqualTo(expected.Length > 0);
    }

    [Test]
    public async Task Skills_are_rows_only()
    {
        Skill[] skills = [new("B", "second", null, "/b", "b-skill"), new("A", new string('x', 200), null, "/a", "a-skill")];
        var catalog = CommandCatalog.Build(ConfigNode.EmptyMap, skills);
        await Assert.That(string.Join(" ", catalog.Pairs.Skip(53).Select(pair => pair.Name))).IsEqualTo("/a-skill /b-skill");
        await Assert.That(catalog.Pairs[53].Description).IsEqualTo(new string('x', 120) + "…");
        await Assert.That(catalog.SkillCount).IsEqualTo(2);
        await Assert.That(catalog.Canon.ContainsKey("/a-skill")).IsFalse();
        await Assert.That(catalog.Categories.Count).IsEqualTo(6);
    }
}
