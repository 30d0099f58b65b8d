namespace Gateway.Tests.ToolsTests;

/// <summary>Variables that config.yaml makes secret reach no command, whichever tool starts it.</summary>
public class WithheldVariableTests
{
    private const string Key = "Rb6procKEYENVval77UuYy1";
    private const string Config = "custom_providers:\n  - {name: corp, base_url: 'http://127.0.0.1:1/v1', key_env: HERMES_CORP_ACCESS}\n";

    [Test]
    public async Task No_command_sees_them()
    {
        using var stage = new ToolStage(Config, new() { ["HERMES_CORP_ACCESS"] = Key });
        var foreground = await stage.CallAsync("terminal", """{"command":"env | grep -c HERMES_CORP_ACCESS; echo $HERMES_CORP_ACCESS"}""");
        await Assert.That(((string)foreground["output"]!).Trim()).IsEqualTo("0");
        var background = await stage.CallAsync("terminal", """{"command":"env; echo over","background":true}""");
        var ended = await stage.CallAsync("process", $$"""{"action":"wait","session_id":"{{background["session_id"]}}"}""");
        await Assert.That((string)ended["output"]!).Contains("over");
        await Assert.That((string)ended["output"]!).DoesNotContain(Key);
        if (Gateway.Processes.ExecutablePath.Find("python3", "/usr/bin:/bin") is null) return;
        var script = await stage.CallAsync("execute_code", """{"code":"import os\nprint('HERMES_CORP_ACCESS' in os.environ, 'HERMES_HOME' in os.environ)"}""");
        await Assert.That(((string)script["output"]!).Trim()).IsEqualTo("False True");
    }

    [Test]
    public async Task What_is_passed_through_on_purpose_is_seen()
    {
        using var stage = new ToolStage(Config + "terminal: {env_passthrough: [HERMES_CORP_ACCESS]}\n", new() { ["HERMES_CORP_ACCESS"] = Key });
        var result = await stage.CallAsync("terminal", """{"command":"echo ${#HERMES_CORP_ACCESS}"}""");
        await Assert.That(((string)result["output"]!).Trim()).IsEqualTo("23");
        result = await stage.CallAsync("terminal", """{"command":"echo ${#HERMES_CORP_ACCESS}"}""");
        await Assert.That(((string)result["output"]!).Trim()).IsEqualTo("23");
    }

    [Test]
    public async Task A_conversation_that_goes_on_loses_them_when_the_configuration_names_them()
    {
        using var stage = new ToolStage("", new() { ["HERMES_CORP_ACCESS"] = Key });
        var before = await stage.CallAsync("terminal", """{"command":"export OTHER=kept; echo ${#HERMES_CORP_ACCESS}"}""");
        await Assert.That(((string)before["output"]!).Trim()).IsEqualTo("23");
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "config.yaml"), Config);
        var after = await stage.CallAsync("terminal", """{"command":"echo ${#HERMES_CORP_ACCESS} $OTHER"}""");
        await Assert.That(((string)after["output"]!).Trim()).IsEqualTo("0 kept");
    }
}
