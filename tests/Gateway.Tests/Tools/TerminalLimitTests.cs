using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Storage;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class TerminalLimitTests
{
    [Test]
    [Arguments("\n")]
    [Arguments(";")]
    [Arguments(" ;\n")]
    [Arguments("| ")]
    public async Task Any_number_of_separators_behind_a_command_is_looked_past(string separator)
    {
        string command = "grep x y" + string.Concat(Enumerable.Repeat(separator, 200_000));
        await Assert.That(ExitCodeMeaning.Of(command, 1)!.IsError).IsFalse();
        await Assert.That(ExitCodeMeaning.Of(string.Concat(Enumerable.Repeat(separator, 200_000)), 1)).IsNull();
    }

    [Test]
    public async Task A_command_that_could_never_run_is_refused_before_it_is_judged()
    {
        var approvals = new ScriptedApprovals();
        using var stage = new ToolStage(approvals: approvals);
        var json = await stage.CallAsync("terminal", new JsonObject { ["command"] = "false && rm -r x; : " + new string('é', 70_000) });
        await Assert.That((string)json["status"]!).IsEqualTo("error");
        await Assert.That((string)json["error"]!).StartsWith("The command is longer than the 131071 bytes");
        await Assert.That(approvals.Asked).IsNull();
        var long_ = await stage.CallAsync("terminal", new JsonObject { ["command"] = "true", ["workdir"] = "/" + new string('a', 5000) });
        await Assert.That((string)long_["error"]!).StartsWith("workdir is longer");
    }

    [Test]
    [Arguments(""","background":"maybe" """)]
    [Arguments(""","background":{}""")]
    [Arguments(""","pty":[]""")]
    [Arguments(""","watch_patterns":"x" """)]
    [Arguments(""","watch_patterns":[1,null,"\ud800"]""")]
    [Arguments(""","workdir":5""")]
    public async Task Switches_and_lists_of_another_type_count_as_unset(string more)
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("terminal", $$"""{"command":"echo here"{{more}}}"""))["output"]!).IsEqualTo("here");
    }

    [Test]
    public async Task A_path_that_the_kernel_would_not_take_has_no_real_one()
    {
        await Assert.That(RealPath.Resolve("/" + string.Concat(Enumerable.Repeat("a/", 100_000)))).IsNull();
        await Assert.That(RealPath.Resolve("/usr/../usr/bin/.")).IsEqualTo("/usr/bin");
    }

    [Test]
    public async Task A_start_for_which_the_machine_is_short_of_something_is_tried_again_three_times()
    {
        var time = new ManualTime();
        int tries = 0;
        var run = StartRetry.RunAsync<int>(() => ++tries == 4 ? Task.FromResult(7) : throw new ChildStartException("/x", "out of memory", isTransient: true), time, CancellationToken.None);
        foreach (int seconds in (int[])[2, 4, 8])
        {
            await Assert.That(run.IsCompleted).IsFalse();
            time.Advance(TimeSpan.FromSeconds(seconds));
        }

        await Assert.That(await run).IsEqualTo(7);
        tries = 0;
        await Assert.That(async () => await StartRetry.RunAsync<int>(() => throw new ChildStartException($"/x{++tries}", "no such file"), time, CancellationToken.None)).Throws<ChildStartException>();
        await Assert.That(tries).IsEqualTo(1);
    }

    [Test]
    [Arguments(11, true)]
    [Arguments(12, true)]
    [Arguments(24, true)]
    [Arguments(2, false)]
    [Arguments(13, false)]
    public async Task A_shortage_is_known_by_its_number(int error, bool isTransient) =>
        await Assert.That(ChildSpawn.IsTransient(error)).IsEqualTo(isTransient);

    [Test]
    [Arguments("FAL_KEY")]
    [Arguments("VOICE_TOOLS_OPENAI_KEY")]
    [Arguments("TOOL_GATEWAY_USER_TOKEN")]
    [Arguments("API_SERVER_KEY")]
    [Arguments("GATEWAY_PROXY_KEY")]
    [Arguments("QQ_CLIENT_SECRET")]
    [Arguments("QQ_APP_ID")]
    [Arguments("YUANBAO_APP_SECRET")]
    [Arguments("WEBHOOK_SECRET")]
    [Arguments("BROWSERBASE_PROJECT_ID")]
    [Arguments("OPENCODE_ZEN_BASE_URL")]
    [Arguments("OPENCODE_GO_BASE_URL")]
    [Arguments("FIRECRAWL_API_URL")]
    [Arguments("HONCHO_BASE_URL")]
    [Arguments("CAMOFOX_URL")]
    public async Task Settings_of_tools_and_channels_are_kept_from_commands(string name)
    {
        using var stage = new ToolStage(environment: new() { [name] = "kept-back" });
        await Assert.That((string)(await stage.CallAsync("terminal", new JsonObject { ["command"] = $"echo \"[${name}]\"" }))["output"]!).IsEqualTo("[]");
        using var passed = new ToolStage($"terminal: {{env_passthrough: [{name}]}}", new() { [name] = "given" });
        await Assert.That((string)(await passed.CallAsync("terminal", new JsonObject { ["command"] = $"echo \"[${name}]\"" }))["output"]!).IsEqualTo("[given]");
    }
}
