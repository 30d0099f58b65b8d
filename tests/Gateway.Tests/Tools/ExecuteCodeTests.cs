using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

/// <summary>Skipped visibly where there is no Python.</summary>
public class ExecuteCodeTests
{
    [Test]
    public async Task Scripts_call_tools_and_only_what_they_print_comes_back()
    {
        using var stage = Stage();
        stage.Put("a.txt", "one\ntwo\n");
        var answer = await Run(stage, """
            from hermes_tools import read_file, write_file, terminal, shell_quote, json_parse
            text = read_file("a.txt")["content"]
            print("two" in text)
            write_file("b.txt", "from a script")
            print(terminal("echo " + shell_quote("a b"))["output"], json_parse('{"x": 1}')["x"])
            """);
        await Assert.That(answer["status"]!.GetValue<string>()).IsEqualTo("success");
        await Assert.That(answer["output"]!.GetValue<string>()).IsEqualTo("True\na b 1\n");
        await Assert.That(answer["tool_calls_made"]!.GetValue<int>()).IsEqualTo(3);
        await Assert.That(stage.Get("b.txt")).IsEqualTo("from a script");
    }

    [Test]
    public async Task Commands_of_scripts_are_put_to_the_user()
    {
        var approvals = new ScriptedApprovals { Answer = ApprovalChoice.Deny };
        using var stage = Stage(approvals);
        var answer = await Run(stage, """
            from hermes_tools import terminal
            print(terminal("false && rm -r x")["error"])
            print(terminal("false && rm -rf /")["error"])
            """);
        await Assert.That(approvals.Asked!.Command).IsEqualTo("false && rm -r x");
        await Assert.That(answer["output"]!.GetValue<string>()).Contains("BLOCKED: Command denied by user.").And.Contains("BLOCKED (hardline)");
    }

    [Test]
    public async Task Calls_are_counted_and_limited()
    {
        using var stage = Stage(config: "code_execution: {max_tool_calls: 2}");
        var answer = await Run(stage, """
            from hermes_tools import terminal, _call
            for i in range(3): print(terminal("true").get("error"))
            print(_call("delegate_task", {})["error"])
            """);
        await Assert.That(answer["output"]!.GetValue<string>()).Contains("None\nNone\nTool call limit reached (2).").And.Contains("Tool 'delegate_task' is not available to scripts.");
        await Assert.That(answer["tool_calls_made"]!.GetValue<int>()).IsEqualTo(2);
    }

    [Test]
    public async Task Failures_are_told_with_their_trace()
    {
        using var stage = Stage();
        var answer = await Run(stage, "print('before')\nraise ValueError('no good')");
        await Assert.That(answer["status"]!.GetValue<string>()).IsEqualTo("error");
        await Assert.That(answer["error"]!.GetValue<string>()).IsEqualTo("ValueError: no good");
        await Assert.That(answer["output"]!.GetValue<string>()).StartsWith("before\n\n--- stderr ---\nTraceback");
        await Assert.That((await Run(stage, " "))["error"]!.GetValue<string>()).IsEqualTo("No code provided.");
    }

    [Test]
    public async Task Secrets_of_the_environment_stay_out()
    {
        using var stage = Stage(environment: new() { ["MY_API_KEY"] = "hunter2hunter2", ["HERMES_AUTH"] = "x", ["XDG_THING"] = "kept", ["ODD"] = "x" });
        var answer = await Run(stage, "import os\nprint([os.environ.get(n) for n in ('MY_API_KEY', 'HERMES_AUTH', 'ODD', 'XDG_THING')])");
        await Assert.That(answer["output"]!.GetValue<string>()).IsEqualTo("[None, None, None, 'kept']\n");
    }

    [Test]
    public async Task Time_and_interrupts_end_it_with_all_it_started()
    {
        using var stage = Stage(config: "code_execution: {timeout: 8}");
        var late = await Run(stage, "import time\nprint('begun', flush=True)\ntime.sleep(60)");
        await Assert.That(late["status"]!.GetValue<string>()).IsEqualTo("timeout");
        await Assert.That(late["output"]!.GetValue<string>()).IsEqualTo("begun\n\n⏰ Script timed out after 8s and was killed.");

        using var patient = Stage();
        using var stop = new CancellationTokenSource();
        string mark = "7" + Random.Shared.Next(1_000_000, 9_999_999);
        var running = patient.CallAsync("execute_code", new JsonObject { ["code"] = $"from hermes_tools import terminal\nterminal('touch started; sleep {mark}')" }, stop.Token);
        while (!File.Exists(patient.At("started"))) await Task.Delay(20);
        await stop.CancelAsync();
        await Assert.That((await running)["status"]!.GetValue<string>()).IsEqualTo("interrupted");
        var deadline = Stopwatch.StartNew();
        while (Running(mark) && deadline.Elapsed < TimeSpan.FromSeconds(5)) await Task.Delay(20);
        await Assert.That(Running(mark)).IsFalse();
    }

    private static bool Running(string mark) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Contains("sleep\0" + mark, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static Task<JsonNode> Run(ToolStage stage, string code) => stage.CallAsync("execute_code", new JsonObject { ["code"] = code });

    private static ToolStage Stage(IApprovals? approvals = null, string config = "", Dictionary<string, string>? environment = null)
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        Skip.When(Processes.ExecutablePath.Find("python3", path) is null, "Python is not installed");
        var stage = new ToolStage(config, new(environment ?? []) { ["PATH"] = path! }, approvals);
        stage.Context = stage.Context with { Tools = [.. ToolCatalog.BuiltIn(stage.Kit)] };
        return stage;
    }
}
