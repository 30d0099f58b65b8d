using System.Text.Json.Nodes;
using Gateway.Tests.ProcessesTests;

namespace Gateway.Tests.ToolsTests;

/// <summary>Commands of a conversation get the variables that its skills declare, others do not.</summary>
public class SkillVariableTests
{
    [Test]
    public async Task Commands_get_what_skills_declare_before_and_after_the_first_command()
    {
        using var stage = new ToolStage();
        await Assert.That(await PrintAsync(stage)).IsEqualTo("none");
        stage.Context.State.Skills.Allow("BREWERY_API_KEY", "one two");
        await Assert.That(await PrintAsync(stage)).IsEqualTo("one two");
        await Assert.That((string)(await stage.CallAsync("terminal", """{"command":"cat /proc/$$/cmdline | tr '\\0' ' ' | grep -c 'one[ ]two' || true"}"""))["output"]!).IsEqualTo("0");
        await stage.CallAsync("terminal", """{"command":"echo \"$BREWERY_API_KEY\" > told","background":true}""");
        await Assert.That(await Facts.BecomesTrueAsync(() => File.Exists(stage.At("told")) && stage.Get("told").Length > 0)).IsTrue();
        await Assert.That(stage.Get("told")).IsEqualTo("one two\n");

        using var other = new ToolStage();
        await Assert.That(await PrintAsync(other)).IsEqualTo("none");
    }

    private static async Task<string> PrintAsync(ToolStage stage) => (string)(await stage.CallAsync("terminal", new JsonObject { ["command"] = "echo ${BREWERY_API_KEY:-none}" }))["output"]!;
}
