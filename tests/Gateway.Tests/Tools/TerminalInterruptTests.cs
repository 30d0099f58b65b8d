using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tests.ProcessesTests;
using Gateway.Tools;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

/// <summary>Interrupts at the moments of a command that are not its running.</summary>
[NotInParallel("children")]
public class TerminalInterruptTests
{
    private static JsonObject Command(string command, bool background) => new() { ["command"] = command, ["background"] = background };

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task While_the_login_shell_of_the_first_command_runs(bool background)
    {
        using var stage = new ToolStage();
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(stage.Work)!, ".bash_profile"), "sleep 8754321\n");
        using var interrupt = new CancellationTokenSource();
        var run = stage.CallAsync("terminal", Command("touch ran", background), interrupt.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => CommandLines.Any("sleep 8754321"))).IsTrue();
        await interrupt.CancelAsync();
        await Assert.That((int)(await run)["exit_code"]!).IsEqualTo(130);
        await Assert.That(await Facts.BecomesTrueAsync(() => !CommandLines.Any("sleep 8754321") && stage.Children.Count == 0)).IsTrue();
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
        await Assert.That(stage.Kit.Background.Of(null).Count).IsEqualTo(0);

        // The next command reads the profile anew.
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(stage.Work)!, ".bash_profile"), "export FROM_PROFILE=yes\n");
        await Assert.That((string)(await stage.CallAsync("terminal", """{"command":"echo $FROM_PROFILE"}"""))["output"]!).IsEqualTo("yes");
    }

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task Between_the_approval_and_the_start(bool background)
    {
        using var interrupt = new CancellationTokenSource();
        using var stage = new ToolStage(approvals: new LateUser(interrupt));
        await Assert.That((int)(await stage.CallAsync("terminal", Command("false && rm -r x; touch ran", background), interrupt.Token))["exit_code"]!).IsEqualTo(130);
        await Assert.That(stage.Kit.Background.Of(null).Count).IsEqualTo(0);
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
    }

    [Test]
    public async Task Between_the_approval_and_the_start_where_the_shell_is_not_bash()
    {
        using var interrupt = new CancellationTokenSource();
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/no/such" }, approvals: new LateUser(interrupt));
        await Assert.That((int)(await stage.CallAsync("terminal", Command("false && rm -r x; : > ran", background: true), interrupt.Token))["exit_code"]!).IsEqualTo(130);
        await Assert.That(stage.Kit.Background.Of(null).Count).IsEqualTo(0);
    }

    [Test]
    public async Task A_background_process_that_runs_is_not_touched()
    {
        using var stage = new ToolStage();
        using var interrupt = new CancellationTokenSource();
        var started = await stage.CallAsync("terminal", Command("sleep 8754322", background: true), interrupt.Token);
        await interrupt.CancelAsync();
        var poll = await stage.CallAsync("process", new JsonObject { ["action"] = "poll", ["session_id"] = (string)started["session_id"]! });
        await Assert.That((string)poll["status"]!).IsEqualTo("running");
        await stage.CallAsync("process", new JsonObject { ["action"] = "kill", ["session_id"] = (string)started["session_id"]! });
    }

    [Test]
    public async Task Between_two_tries_to_start()
    {
        using var interrupt = new CancellationTokenSource();
        int tries = 0;
        var run = StartRetry.RunAsync<int>(
            () =>
            {
                tries++;
                throw new ChildStartException("/x", "the limit of processes is reached", isTransient: true);
            },
            new ManualTime(),
            interrupt.Token);
        await interrupt.CancelAsync();
        await Assert.That(async () => await run).Throws<OperationCanceledException>();
        await Assert.That(tries).IsEqualTo(1);
    }

    private sealed class LateUser(CancellationTokenSource interrupt) : IApprovals
    {
        public bool AllowsEverything => false;

        public bool IsGranted(string patternKey) => false;

        public async Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            await interrupt.CancelAsync();
            return ApprovalChoice.Once;
        }
    }
}
