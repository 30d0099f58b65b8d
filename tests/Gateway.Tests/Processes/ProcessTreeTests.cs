using System.Text;
using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

/// <summary>What runs under a child goes with it, wherever it went; what an ended command left behind stays.</summary>
[NotInParallel("children")]
public class ProcessTreeTests
{
    [Test]
    [Arguments("setsid sleep 84 & echo $!; wait", DisplayName = "a session of its own")]
    [Arguments("exec bash -c 'set -m; sleep 84 & echo $!; wait'", DisplayName = "a group of its own")]
    [Arguments("exec bash -c 'set -m; (sleep 84 & echo $!); sleep 85'", DisplayName = "a group of its own, without a parent")]
    [Arguments("setsid sh -c 'setsid sleep 84 & echo $!; wait' & wait", DisplayName = "a session within a session")]
    [Arguments("setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 84; done' & wait", DisplayName = "deaf to requests to end")]
    public async Task What_left_the_group_ends_with_an_interrupted_child(string command)
    {
        using var cancellation = new CancellationTokenSource();
        var (run, descendant) = await StartAsync(new ChildProcesses(), command, cancellation: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.That((await run).Interrupted).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(descendant))).IsTrue();
    }

    [Test]
    public async Task What_left_the_group_ends_with_a_child_whose_time_is_up()
    {
        var (run, descendant) = await StartAsync(new ChildProcesses(), "setsid sleep 84 & echo $!; wait", timeout: TimeSpan.FromMilliseconds(500));
        await Assert.That((await run).TimedOut).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(descendant))).IsTrue();
    }

    [Test]
    public async Task Kill_all_ends_what_left_the_group()
    {
        var children = new ChildProcesses();
        var (first, one) = await StartAsync(children, "trap '' TERM; setsid sleep 84 & echo $!; wait; wait");
        var (second, other) = await StartAsync(children, "exec bash -c 'set -m; (sleep 84 & echo $!); sleep 85'");
        children.KillAll();
        await Assert.That((await first).ExitCode).IsEqualTo(-9);
        await Assert.That((await second).ExitCode).IsEqualTo(-9);
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(one) && !Facts.IsAlive(other))).IsTrue();
    }

    [Test]
    public async Task Kill_all_ends_what_an_interrupted_child_left_behind()
    {
        var children = new ChildProcesses();
        using var cancellation = new CancellationTokenSource();
        var (run, descendant) = await StartAsync(
            children, "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 84; done' & trap '' TERM; while :; do wait; done",
            grace: TimeSpan.FromMinutes(5), cancellation: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.That((await run).Interrupted).IsTrue();
        await Assert.That(Facts.IsAlive(descendant)).IsTrue();
        children.KillAll();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(descendant))).IsTrue();
    }

    [Test]
    public async Task What_is_started_while_the_tree_is_killed_goes_too()
    {
        var mark = $"GATEWAY_TEST_MARK={Guid.NewGuid():N}";
        var children = new ChildProcesses();
        var (run, _) = await StartAsync(children, $"export {mark}; setsid sh -c 'echo $$; while :; do setsid sleep 84 & sleep 0.001; done' & wait");
        await Assert.That(await Facts.BecomesTrueAsync(() => Marked(mark) > 10)).IsTrue();
        children.KillAll();
        _ = await run;
        await Assert.That(await Facts.BecomesTrueAsync(() => Marked(mark) == 0)).IsTrue();
    }

    [Test]
    [Arguments("nohup sleep 84 > /dev/null 2>&1 & echo $!", DisplayName = "it gave its output away")]
    [Arguments("sleep 84 & echo $!", DisplayName = "it keeps the output open")]
    public async Task What_an_ended_command_left_running_stays(string command)
    {
        var children = new ChildProcesses();
        var (run, left) = await StartAsync(children, command);
        try
        {
            // While the output is held open, the child is known for a while after its end.
            await Assert.That(await Facts.BecomesTrueAsync(() => children.Count == 0 || !Facts.OwnChildren().Any(line => line.Contains(command)))).IsTrue();
            children.KillAll();
            await Assert.That((await run).ExitCode).IsEqualTo(0);
            await Assert.That(Facts.IsAlive(left)).IsTrue();
        }
        finally
        {
            _ = ProcessCalls.Kill(left, ProcessCalls.SigKill);
        }
    }

    [Test]
    public async Task A_process_that_got_the_number_of_a_member_is_left_alone()
    {
        using var cancellation = new CancellationTokenSource();
        var (run, pid) = await StartAsync(new ChildProcesses(), "sleep 84 & echo $!; wait", cancellation: cancellation.Token);
        ulong began = ProcessTable.Find(pid)!.Value.StartTime;
        ProcessTree.Signal(pid, began + 1, ProcessCalls.SigKill);
        ProcessTree.Signal(pid, began - 1, ProcessCalls.SigKill);
        await Assert.That(Facts.IsAlive(pid)).IsTrue();
        await Assert.That(ProcessTable.Read()[pid].Ended).IsFalse();
        ProcessTree.Signal(pid, began, ProcessCalls.SigKill);
        await Assert.That((await run).ExitCode).IsEqualTo(0);
        await Assert.That(Facts.IsAlive(pid)).IsFalse();
    }

    [Test]
    [Arguments("7 (sh) S 1 6 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 999", 7, 1, 5, 12345UL, false)]
    [Arguments("8 (a) Z (b) 9) Z 2 6 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 18446744073709551615 9", 8, 2, 5, ulong.MaxValue, true)]
    public async Task A_line_of_proc_is_read(string line, int id, int parent, int session, ulong startTime, bool ended)
    {
        await Assert.That(ProcessTable.Parse(Encoding.UTF8.GetBytes(line), out var process)).IsTrue();
        await Assert.That(process).IsEqualTo(new ProcessEntry(id, parent, session, startTime, ended));
    }

    [Test]
    [Arguments("")]
    [Arguments("7")]
    [Arguments("7 (sh")]
    [Arguments("7 (sh) S 1 6 5")]
    [Arguments("(sh) S 1 6 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 999")]
    [Arguments("x (sh) S 1 6 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 999")]
    public async Task What_is_no_line_of_proc_is_no_process(string line) =>
        await Assert.That(ProcessTable.Parse(Encoding.UTF8.GetBytes(line), out _)).IsFalse();

    [Test]
    public async Task This_process_is_in_the_table()
    {
        var own = ProcessTable.Read()[Environment.ProcessId];
        await Assert.That(ProcessTable.Find(Environment.ProcessId)).IsEqualTo(own);
        await Assert.That(own.Ended).IsFalse();
        await Assert.That(ProcessTable.Find(int.MaxValue)).IsNull();
    }

    /// <summary>Starts a shell command and reads the process id that it prints first.</summary>
    private static async Task<(Task<ChildResult> Run, int Printed)> StartAsync(
        ChildProcesses children, string command, TimeSpan? timeout = null, TimeSpan? grace = null, CancellationToken cancellation = default)
    {
        var printed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new StringBuilder();
        var run = children.RunAsync(
            new ChildStart
            {
                Path = "/bin/sh",
                Arguments = ["-c", command],
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" },
                WorkingDirectory = "/tmp",
                Timeout = timeout,
                GracePeriod = grace ?? TimeSpan.FromSeconds(1),
                OnOutput = text =>
                {
                    if (heard.Append(text).ToString().IndexOf('\n') is var end and > 0) printed.TrySetResult(int.Parse(heard.ToString(0, end)));
                },
            },
            cancellation);
        return (run, await printed.Task.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None));
    }

    private static int Marked(string mark) => ProcessTable.Read().Values.Count(process =>
    {
        try
        {
            return !process.Ended && File.ReadAllText($"/proc/{process.Id}/environ").Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
