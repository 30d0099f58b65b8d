using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

public class ToolsetTests
{
    private const string Stock = "browser clarify code_execution cronjob delegation file image_gen memory messaging session_search skills terminal todo tts vision web";

    [Test]
    [Arguments("", Stock)]
    [Arguments("platform_toolsets: {cli: hermes-cli}", Stock)]
    [Arguments("platform_toolsets: {cli: [hermes-cli]}", Stock)]
    [Arguments("platform_toolsets: {cli: [file, terminal]}", "file terminal")]
    [Arguments("platform_toolsets: {cli: [file, no_mcp, myserver]}", "file myserver")]
    [Arguments("platform_toolsets: {cli: [debugging]}", "file terminal web")]
    [Arguments("platform_toolsets: {cli: []}", "")]
    [Arguments("platform_toolsets: {cli: [hermes-cli]}\nagent: {disabled_toolsets: [web, tts, browser, image_gen, vision, messaging]}", "clarify code_execution cronjob delegation file memory session_search skills terminal todo")]
    [Arguments("platform_toolsets: {cli: [moa, file]}\nagent: {disabled_toolsets: [file]}", "moa")]
    public async Task What_is_on(string config, string expected)
    {
        using var stage = new ToolStage(config);
        await Assert.That(string.Join(' ', Toolsets.Enabled(stage.Kit.Settings, stage.Kit.Environment))).IsEqualTo(expected);
    }

    [Test]
    [Arguments("", "a b")]
    [Arguments("platform_toolsets: {cli: [file, no_mcp]}", "")]
    [Arguments("platform_toolsets: {cli: [hermes-cli, no_mcp]}", "")]
    [Arguments("platform_toolsets: {cli: [hermes-cli, b]}", "b")]
    [Arguments("platform_toolsets: {cli: [file, mcp-a, plugin]}", "a")]
    [Arguments("platform_toolsets: {cli: [file, plugin]}", "a b")]
    [Arguments("agent: {disabled_toolsets: [a]}", "b")]
    [Arguments("agent: {disabled_toolsets: [mcp-b]}", "a")]
    public async Task Which_servers_are_on(string config, string expected)
    {
        using var stage = new ToolStage(config + "\nmcp_servers: {a: {command: x}, b: {command: x}}");
        await Assert.That(string.Join(' ', new[] { "a", "b" }.Where(server => Toolsets.OffersServer(stage.Kit.Settings, server)))).IsEqualTo(expected);
        await Assert.That(Toolsets.Enabled(stage.Kit.Settings, stage.Kit.Environment)).DoesNotContain("no_mcp");
    }

    [Test]
    public async Task Home_assistant_is_on_when_its_token_is_there()
    {
        using var stage = new ToolStage(environment: new() { ["HASS_TOKEN"] = "x" });
        await Assert.That(Toolsets.Enabled(stage.Kit.Settings, stage.Kit.Environment)).Contains("homeassistant");
    }

    [Test]
    [Arguments("# mine\nmodel: x # keep\n\nplatform_toolsets:\n  cli:\n    - file   # this goes\n    - web\n  telegram: [hermes-telegram]\n\n# tail\nskin: 'a'\n", "# mine\nmodel: x # keep\n\nplatform_toolsets:\n  telegram: [hermes-telegram]\n  cli: [file]\n\n# tail\nskin: 'a'\n")]
    [Arguments("model: x", "model: x\nplatform_toolsets:\n  cli: [file]\n")]
    [Arguments("", "platform_toolsets:\n  cli: [file]\n")]
    [Arguments("platform_toolsets: {cli: [web], 'odd: key': ['on']}\r\nskin: b\r\n", "platform_toolsets:\r\n  \"odd: key\": [\"on\"]\r\n  cli: [file]\r\nskin: b\r\n")]
    [Arguments("platform_toolsets:\n  cli: [file]\n", "platform_toolsets:\n  cli: [file]\n")]
    public async Task The_rest_of_the_file_stays_byte_for_byte(string before, string after)
    {
        using var stage = new ToolStage(before);
        string path = Path.Combine(stage.Home, "config.yaml");
        new ConfigEditor(stage.Kit.Environment).SetPlatformToolsets(path, "cli", ["file"]);
        await Assert.That(File.ReadAllText(path).Replace('\'', '"')).IsEqualTo(after.Replace('\'', '"'));
    }

    [Test]
    [Arguments("platform_toolsets: [a]\n: : broken")]
    [Arguments("{platform_toolsets: {cli: [web]}, x: 1}\n")]
    [Arguments("\"platform_toolsets\": {cli: [web]}\n")]
    public async Task What_cannot_be_changed_safely_is_left_alone(string config)
    {
        using var stage = new ToolStage(config);
        string path = Path.Combine(stage.Home, "config.yaml");
        await Assert.That(() => new ConfigEditor(stage.Kit.Environment).SetPlatformToolsets(path, "cli", ["file"])).Throws<ConfigEditException>();
        await Assert.That(File.ReadAllText(path)).IsEqualTo(config);
    }
}
