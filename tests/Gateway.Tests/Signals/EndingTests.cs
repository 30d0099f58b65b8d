using Gateway.Signals;

namespace Gateway.Tests.SignalTests;

/// <summary>The one ending of the process, without a process that ends.</summary>
public class EndingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private readonly List<string> _happened = [];

    [Test]
    public async Task The_first_reason_is_the_reason()
    {
        var ending = Ending(Long);
        ending.Ask(new Ending(ExitReason.PeerGone, "first"));
        ending.Ask(new Ending(ExitReason.Signal, "second"));
        await Assert.That(ending.Run(new Ending(ExitReason.Fatal, "third"))).IsEqualTo(0);
        await Assert.That(_happened).IsEquivalentTo(["stop", "stop", "finish first"]);
    }

    [Test]
    public async Task Without_a_reason_the_caller_has_one()
    {
        var ending = Ending(Long);
        await Assert.That(ending.Reason).IsNull();
        await Assert.That(ending.Run(new Ending(ExitReason.Fatal, "a bug"))).IsEqualTo(1);
        await Assert.That(ending.Reason!.Detail).IsEqualTo("a bug");
    }

    [Test]
    public async Task A_main_thread_that_does_not_come_is_not_waited_for()
    {
        var ending = Ending(TimeSpan.FromMilliseconds(30));
        ending.AskAndWatch(new Ending(ExitReason.Signal, "SIGTERM"), () => _happened.Add("record"));
        await Assert.That(_happened).IsEquivalentTo(["stop", "record", "finish SIGTERM", "exit 0"]);
    }

    [Test]
    public async Task A_main_thread_that_comes_is_left_alone()
    {
        using var recording = new ManualResetEventSlim();
        using var finished = new ManualResetEventSlim();
        var ending = new ProcessEnding(Long, recording.Set, _ => finished.Set(), _ => _happened.Add("exit"));
        var main = Task.Run(() =>
        {
            recording.Wait();
            return ending.Run(new Ending(ExitReason.StdinEof, "late"));
        });

        // What is recorded takes until the ending has run: it is beside it, not before it.
        ending.AskAndWatch(new Ending(ExitReason.Signal, "SIGHUP"), finished.Wait);
        await Assert.That(await main).IsEqualTo(0);
        await Assert.That(_happened).IsEmpty();
        await Assert.That(ending.Reason!.Detail).IsEqualTo("SIGHUP");
    }

    [Test]
    public async Task An_ending_that_fails_ends_at_once()
    {
        ProcessEnding ending = null!;
        ending = new ProcessEnding(Long, () => { }, _ => ending.Crash(new Ending(ExitReason.Fatal, "in the ending")), status => _happened.Add($"exit {status}"));
        ending.Run(new Ending(ExitReason.StdinEof, "stdin EOF"));
        await Assert.That(_happened).IsEquivalentTo(["exit 1"]);
    }

    [Test]
    public async Task Every_ending_has_its_status()
    {
        ExitReason[] failures = [ExitReason.InputFailed, ExitReason.OutputFailed, ExitReason.Fatal];
        foreach (var reason in Enum.GetValues<ExitReason>())
            await Assert.That(new Ending(reason, "").ExitCode).IsEqualTo(failures.Contains(reason) ? 1 : 0);
    }

    [Test]
    [Arguments("2.5", 2.5)]
    [Arguments(" 3 ", 3)]
    [Arguments("1e2", 100)]
    [Arguments("0.001", 0.001)]
    [Arguments("86400", 86400)]
    public async Task Grace_times_are_seconds(string value, double seconds)
    {
        await Assert.That(ExitWatchdog.GraceFrom(value, out string? problem)).IsEqualTo(TimeSpan.FromSeconds(seconds));
        await Assert.That(problem).IsNull();
    }

    [Test]
    [Arguments("0")]
    [Arguments("-1")]
    [Arguments("-0.0")]
    [Arguments("NaN")]
    [Arguments("Infinity")]
    [Arguments("-Infinity")]
    [Arguments("inf")]
    [Arguments("1e999")]
    [Arguments("soon")]
    [Arguments("1,5")]
    [Arguments("86401")]
    public async Task Other_grace_times_are_the_default_and_named(string value)
    {
        await Assert.That(ExitWatchdog.GraceFrom(value, out string? problem)).IsEqualTo(TimeSpan.FromSeconds(1));
        await Assert.That(problem).Contains("HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S").And.Contains($"'{value}'");
    }

    [Test]
    public async Task No_grace_time_is_no_problem()
    {
        await Assert.That(ExitWatchdog.GraceFrom(null, out string? problem)).IsEqualTo(TimeSpan.FromSeconds(1));
        await Assert.That(problem).IsNull();
    }

    private ProcessEnding Ending(TimeSpan grace) =>
        new(grace, () => _happened.Add("stop"), reason => _happened.Add($"finish {reason.Detail}"), status => _happened.Add($"exit {status}"));
}
