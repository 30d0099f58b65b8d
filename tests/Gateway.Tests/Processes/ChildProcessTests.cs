using System.Diagnostics;
using System.Text;
using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

[NotInParallel("children")]
public class ChildProcessTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["LANG"] = "C" };

    private static ChildStart Shell(string command) => new()
    {
        Path = "/bin/sh",
        Arguments = ["-c", command],
        Environment = Environment,
        WorkingDirectory = "/tmp",
    };

    private static Task<ChildResult> RunAsync(ChildStart start, CancellationToken cancellation = default) =>
        new ChildProcesses().RunAsync(start, cancellation);

    [Test]
    public async Task Output_streams_are_kept_apart_and_the_exit_status_is_told()
    {
        var result = await RunAsync(Shell("echo out; echo err >&2; exit 3"));
        await Assert.That(result.Output.ToText(Marker)).IsEqualTo("out\n");
        await Assert.That(result.ErrorOutput.ToText(Marker)).IsEqualTo("err\n");
        await Assert.That(result.ExitCode).IsEqualTo(3);
        await Assert.That(result.TotalOutputChars).IsEqualTo(8);
        await Assert.That(result.TimedOut || result.Interrupted).IsFalse();
    }

    [Test]
    public async Task Merged_output_keeps_the_order_written()
    {
        var result = await RunAsync(Shell("echo a; echo b >&2; echo c") with { MergeStandardError = true });
        await Assert.That(result.Output.ToText(Marker)).IsEqualTo("a\nb\nc\n");
        await Assert.That(result.ErrorOutput.Total).IsEqualTo(0);
    }

    [Test]
    [Arguments(9)]
    [Arguments(15)]
    [Arguments(6)]
    public async Task End_by_signal_is_a_negative_exit_code(int signal) =>
        await Assert.That((await RunAsync(Shell($"kill -{signal} $$"))).ExitCode).IsEqualTo(-signal);

    [Test]
    public async Task Environment_and_directory_are_exactly_the_given_ones()
    {
        var result = await RunAsync(Shell("pwd; env") with
        {
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["WORD"] = "grün" },
            WorkingDirectory = "/usr",
        });
        var lines = result.Output.ToText(Marker).Split('\n');
        await Assert.That(lines[0]).IsEqualTo("/usr");
        await Assert.That(lines).Contains("WORD=grün");
        await Assert.That(lines.Any(line => line.StartsWith("HOME=", StringComparison.Ordinal))).IsFalse();
    }

    [Test]
    public async Task Child_leads_its_own_session_with_default_signals_and_no_foreign_descriptors()
    {
        using var inherited = File.OpenRead("/proc/self/exe");
        var result = await RunAsync(Shell("cut -d' ' -f1,5,6 /proc/$$/stat; grep -E 'SigIgn|SigBlk' /proc/self/status; (cd /proc/$$/fd && echo *)"));
        var lines = result.Output.ToText(Marker).Split('\n');
        var ids = lines[0].Split(' ');
        await Assert.That(ids[1]).IsEqualTo(ids[0]);
        await Assert.That(ids[2]).IsEqualTo(ids[0]);
        await Assert.That(lines[1]).IsEqualTo("SigBlk:\t0000000000000000");
        await Assert.That(lines[2]).IsEqualTo("SigIgn:\t0000000000000000");
        await Assert.That(lines[3].Trim()).IsEqualTo("0 1 2");
    }

    [Test]
    public async Task Standard_input_is_at_its_end_at_once()
    {
        var result = await RunAsync(Shell("cat; echo end") with { Timeout = TimeSpan.FromSeconds(20) });
        await Assert.That(result.Output.ToText(Marker)).IsEqualTo("end\n");
        await Assert.That(result.TimedOut).IsFalse();
    }

    [Test]
    public async Task Given_input_of_any_size_arrives()
    {
        var input = new byte[300_000];
        Array.Fill(input, (byte)'x');
        var result = await RunAsync(Shell("cat | wc -c; cat") with { StandardInput = input });
        await Assert.That(result.Output.ToText(Marker).Trim()).IsEqualTo("300000");
    }

    [Test]
    public async Task Invalid_utf8_is_replaced_and_split_characters_are_joined()
    {
        var result = await RunAsync(Shell("printf '\\303'; sleep 0.05; printf '\\251 \\377 \\360\\237\\231\\202 \\342\\202'"));
        await Assert.That(result.Output.ToText(Marker)).IsEqualTo("é \uFFFD 🙂 \uFFFD");
    }

    [Test]
    [NotInParallel] // counts the allocations of the whole process
    public async Task Fifty_megabytes_stay_bounded_and_are_counted()
    {
        long heard = 0;
        var before = GC.GetTotalAllocatedBytes();
        var result = await RunAsync(Shell("echo BEGIN; head -c 52428800 /dev/zero | tr '\\0' a; echo; echo FINISH") with
        {
            OutputLimit = new OutputLimit(100, 200),
            OnOutput = text => heard += text.Length,
        });
        var allocated = GC.GetTotalAllocatedBytes() - before;
        await Assert.That(result.Output.Total).IsEqualTo(6 + 52_428_800 + 8);
        await Assert.That(heard).IsEqualTo(result.Output.Total);
        await Assert.That(result.Output.Head).StartsWith("BEGIN\naaa");
        await Assert.That(result.Output.Head.Length).IsEqualTo(100);
        await Assert.That(result.Output.Tail).EndsWith("aaa\nFINISH\n");
        await Assert.That(result.Output.Tail.Length).IsEqualTo(200);
        await Assert.That(result.Output.Omitted).IsEqualTo(result.Output.Total - 300);
        await Assert.That(allocated).IsLessThan(8_000_000);
    }

    [Test]
    public async Task Timeout_ends_the_group_and_keeps_the_output()
    {
        var result = await RunAsync(Shell("echo before; sleep 77 & echo $!; wait") with { Timeout = TimeSpan.FromMilliseconds(400) });
        var lines = result.Output.ToText(Marker).Split('\n');
        await Assert.That(lines[0]).IsEqualTo("before");
        await Assert.That(result.TimedOut).IsTrue();
        await Assert.That(result.Interrupted).IsFalse();
        await Assert.That(result.ExitCode).IsEqualTo(-15);
        var sleeper = int.Parse(lines[1]);
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(sleeper))).IsTrue();
    }

    [Test]
    public async Task Interrupt_is_quick_and_reaches_grandchildren()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new StringBuilder();
        var run = RunAsync(
            Shell("(sleep 78 & echo $!; wait) & wait") with { OnOutput = text => { if (heard.Append(text).ToString().Contains('\n')) started.TrySetResult(int.Parse(heard.ToString())); } },
            cancellation.Token);
        var grandchild = await started.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var watch = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        var result = await run;
        await Assert.That(watch.ElapsedMilliseconds).IsLessThan(500);
        await Assert.That(result.Interrupted).IsTrue();
        await Assert.That(result.TimedOut).IsFalse();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(grandchild))).IsTrue();
    }

    [Test]
    public async Task Child_that_ignores_sigterm_holds_nobody_up_and_is_killed_after_the_grace_period()
    {
        using var cancellation = new CancellationTokenSource();
        var ready = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunAsync(
            Shell("trap '' TERM; echo $$; while :; do sleep 79; done") with { GracePeriod = TimeSpan.FromSeconds(3), OnOutput = text => ready.TrySetResult(int.Parse(text)) },
            cancellation.Token);
        int pid = await ready.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancellation.CancelAsync();
        var result = await run;
        await Assert.That(result.Interrupted).IsTrue();
        await Assert.That(Facts.IsAlive(pid)).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(pid))).IsTrue();
    }

    [Test]
    public async Task Straggler_that_ignores_sigterm_dies_with_its_leader()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunAsync(
            Shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 80; done' & wait") with { OnOutput = text => started.TrySetResult(int.Parse(text)) },
            cancellation.Token);
        var straggler = await started.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancellation.CancelAsync();
        var result = await run;
        await Assert.That(result.Interrupted).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.IsAlive(straggler))).IsTrue();
    }

    [Test]
    public async Task Grandchild_that_keeps_the_pipe_does_not_hold_the_result()
    {
        var watch = Stopwatch.StartNew();
        var result = await RunAsync(Shell("echo done; sleep 6 & exit 4"));
        await Assert.That(watch.ElapsedMilliseconds).IsBetween(250, 3_000);
        await Assert.That(result.ExitCode).IsEqualTo(4);
        await Assert.That(result.Output.ToText(Marker)).IsEqualTo("done\n");
    }

    [Test]
    public async Task Child_that_closes_its_output_early_is_still_waited_for()
    {
        var result = await RunAsync(Shell("exec >&- 2>&-; sleep 0.2; exit 5"));
        await Assert.That(result.ExitCode).IsEqualTo(5);
    }

    [Test]
    public async Task Cancelled_before_the_start_starts_nothing()
    {
        var marker = Path.Combine(Path.GetTempPath(), $"never-{Guid.NewGuid():N}");
        var result = await RunAsync(Shell($"touch {marker}"), new CancellationToken(canceled: true));
        await Assert.That(result.Interrupted).IsTrue();
        await Assert.That(File.Exists(marker)).IsFalse();
    }

    [Test]
    [Arguments("/no/such/program", "/tmp", "no such file")]
    [Arguments("/etc/passwd", "/tmp", "permission denied")]
    [Arguments("/bin/sh", "/no/such/directory", "working directory /no/such/directory does not exist")]
    [Arguments("/etc/passwd/x", "/tmp", "a part of the path is not a directory")]
    public async Task Start_failures_name_path_and_reason(string path, string directory, string reason)
    {
        var start = new ChildStart { Path = path, Environment = Environment, WorkingDirectory = directory };
        var failure = await Assert.That(async () => await RunAsync(start)).Throws<ChildStartException>();
        await Assert.That(failure!.Reason).IsEqualTo(reason);
        await Assert.That(failure.Message).IsEqualTo($"cannot start {path}: {reason}");
    }

    [Test]
    public async Task Too_long_and_cut_arguments_are_start_failures()
    {
        var tooLong = await Assert.That(async () => await RunAsync(Shell(new string('x', 200_000)))).Throws<ChildStartException>();
        await Assert.That(tooLong!.Reason).Contains("longer than the system allows");
        var cut = await Assert.That(async () => await RunAsync(Shell("echo a\0b"))).Throws<ChildStartException>();
        await Assert.That(cut!.Reason).Contains("NUL");
    }

    [Test]
    public async Task Kill_all_ends_every_group_and_refuses_new_children()
    {
        var children = new ChildProcesses();
        var runs = Enumerable.Range(0, 5).Select(_ => children.RunAsync(Shell("trap '' TERM; sleep 81 & wait; wait"), CancellationToken.None)).ToArray();
        await Assert.That(await Facts.BecomesTrueAsync(() => children.Count == 5)).IsTrue();
        children.KillAll();
        var results = await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.That(results.All(result => result.ExitCode == -9)).IsTrue();
        await Assert.That(children.Count).IsEqualTo(0);
        await Assert.That((await children.RunAsync(Shell("sleep 82"), CancellationToken.None)).ExitCode).IsEqualTo(-9);
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.OwnChildren().Any(line => line.Contains("sleep 8")))).IsTrue();
    }

    [Test]
    [NotInParallel]
    public async Task Two_hundred_children_leave_no_descriptor_thread_or_zombie()
    {
        _ = await RunAsync(Shell("true"));
        var descriptors = ChildDescriptors();
        var children = new ChildProcesses();
        for (var round = 0; round < 25; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var runs = Enumerable.Range(0, 8).Select(index => children.RunAsync(Shell(index % 2 == 0 ? "echo x" : "sleep 83"), cancellation.Token)).ToArray();
            await cancellation.CancelAsync();
            _ = await Task.WhenAll(runs);
            _ = await Assert.That(async () => await children.RunAsync(Shell("x") with { Path = "/no/such" }, CancellationToken.None)).Throws<ChildStartException>();
        }

        await Assert.That(await Facts.BecomesTrueAsync(() => ChildDescriptors() <= descriptors)).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Facts.OwnChildren().Any(line => line.Length == 0 || line.Contains("sleep 83")))).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !Threads().Any(name => name.StartsWith("child sh", StringComparison.Ordinal)))).IsTrue();
    }

    /// <summary>Open descriptors of the kinds that a child takes; the runtime opens and closes others at any time.</summary>
    private static int ChildDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Count(path =>
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name is { } target
                && (target.StartsWith("pipe:", StringComparison.Ordinal) || target.Contains("pidfd") || target.Contains("eventfd") || target == "null");
        }
        catch (IOException)
        {
            return false;
        }
    });

    private static IEnumerable<string> Threads()
    {
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            string name;
            try
            {
                name = File.ReadAllText(task + "/comm");
            }
            catch (IOException)
            {
                continue;
            }

            yield return name;
        }
    }

    private static string Marker(long omitted, long total) => $"<{omitted}/{total}>";
}
