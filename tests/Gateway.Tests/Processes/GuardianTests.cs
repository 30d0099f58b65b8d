using System.Text;
using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

/// <summary>The process between a child and us: what it passes on, what it has, and what becomes of a child that loses it.</summary>
[NotInParallel("children")]
public class GuardianTests
{
    private static ChildStart Shell(string command) => new()
    {
        Path = "/bin/sh",
        Arguments = ["-c", command],
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["SECRET"] = "walrus" },
        WorkingDirectory = "/tmp",
    };

    [Test]
    public async Task Every_exit_status_arrives()
    {
        var children = new ChildProcesses();
        for (int status = 0; status <= 255; status++)
            await Assert.That((await children.RunAsync(Shell($"exit {status}"), CancellationToken.None)).ExitCode).IsEqualTo(status);
    }

    [Test]
    public async Task Every_ending_signal_arrives()
    {
        var children = new ChildProcesses();
        int[] others = [17, 18, 19, 20, 21, 22, 23, 28]; // Ignored, or stopping.
        foreach (int signal in Enumerable.Range(1, 31).Except(others))
            await Assert.That((await children.RunAsync(Shell($"ulimit -c 0; kill -{signal} $$"), CancellationToken.None)).ExitCode).IsEqualTo(-signal);
    }

    [Test]
    public async Task The_process_id_is_that_of_the_program()
    {
        int reported = 0;
        var result = await new ChildProcesses().RunAsync(Shell("echo $$") with { OnStarted = id => reported = id }, CancellationToken.None);
        await Assert.That(int.Parse(result.Output.Head)).IsEqualTo(reported);
    }

    [Test]
    public async Task It_has_no_secrets_no_descriptors_of_ours_and_a_name_and_session_of_its_own()
    {
        var result = await new ChildProcesses().RunAsync(
            Shell("cd /proc/$PPID; until grep -q gw-guardian comm; do :; done; tr '\\0' ' ' < environ; echo; cat comm; tr '\\0' ' ' < cmdline; echo; readlink fd/*; cut -d' ' -f5,6 stat; readlink cwd; grep -c . maps > /dev/null"), CancellationToken.None);
        string[] lines = result.Output.Head.Split('\n');
        await Assert.That(lines[0].Replace("LD_LIBRARY_PATH=", "", StringComparison.Ordinal)).DoesNotContain("=");
        await Assert.That(lines[1]).IsEqualTo("gw-guardian");
        await Assert.That(lines[2]).StartsWith("gw-guardian ");
        await Assert.That(lines[3]).StartsWith("socket:");
        await Assert.That(lines[4]).Contains("pidfd");
        await Assert.That(lines[5]).Contains("signalfd");
        string[] ids = lines[6].Split(' ');
        await Assert.That(ids[0]).IsEqualTo(ids[1]);
        await Assert.That(lines[7]).IsEqualTo("/");
    }

    [Test]
    public async Task A_command_whose_guardian_is_killed_ends_and_says_so()
    {
        var (run, printed) = await StartAsync("echo $PPID $$; sleep 84 & echo $!; wait");
        await Assert.That(ProcessCalls.Kill(printed[0], ProcessCalls.SigKill)).IsEqualTo(0);
        var result = await run.WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.That(result.IsLost).IsTrue();
        await Assert.That(result.ExitCode).IsEqualTo(-9);
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(printed[1]) && !Facts.IsAlive(printed[2]))).IsTrue();
    }

    [Test]
    public async Task Orphans_in_sessions_of_their_own_end_with_an_interrupted_child()
    {
        using var cancellation = new CancellationTokenSource();
        var (run, printed) = await StartAsync("(setsid sh -c 'setsid sleep 84 & echo $!' &); sleep 85", count: 1, cancellation: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.That((await run).Interrupted).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(printed[0]))).IsTrue();
    }

    [Test]
    public async Task Orphans_are_reaped_while_the_command_runs()
    {
        using var cancellation = new CancellationTokenSource();
        var (run, printed) = await StartAsync("echo $PPID; (sh -c 'echo $$; exec sleep 0' &); sleep 84", count: 2, cancellation: cancellation.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => ProcessTable.Find(printed[1]) is null)).IsTrue();
        await Assert.That(Facts.IsAlive(printed[0])).IsTrue();
        await cancellation.CancelAsync();
        _ = await run;
        await Assert.That(await Facts.BecomesTrueAsync(() => ProcessTable.Find(printed[0]) is null)).IsTrue();
    }

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task What_is_left_running_stays_unless_the_child_leaves_nothing(bool leavesNothing)
    {
        var (run, printed) = await StartAsync("setsid sleep 84 > /dev/null 2>&1 & echo $PPID $!", count: 2, leavesNothing: leavesNothing);
        try
        {
            await Assert.That((await run).ExitCode).IsEqualTo(0);
            await Assert.That(await Facts.BecomesTrueAsync(() => ProcessTable.Find(printed[0]) is null)).IsTrue();
            if (leavesNothing) await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(printed[1]))).IsTrue();
            else await Assert.That(Facts.IsAlive(printed[1])).IsTrue();
        }
        finally
        {
            if (!leavesNothing) _ = ProcessCalls.Kill(printed[1], ProcessCalls.SigKill);
        }
    }

    /// <summary>Starts a shell command and reads the numbers that it prints first.</summary>
    private static async Task<(Task<ChildResult> Run, int[] Printed)> StartAsync(
        string command, int count = 3, bool leavesNothing = false, CancellationToken cancellation = default)
    {
        var printed = new TaskCompletionSource<int[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new StringBuilder();
        var run = new ChildProcesses().RunAsync(
            Shell(command) with
            {
                LeavesNothing = leavesNothing,
                OnOutput = text =>
                {
                    string[] words = heard.Append(text).ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    if (words.Length == count && heard[^1] == '\n') printed.TrySetResult([.. words.Select(int.Parse)]);
                },
            },
            cancellation);
        return (run, await printed.Task.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None));
    }
}
