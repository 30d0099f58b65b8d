using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

[NotInParallel("children")]
public class UncountedTimeTests
{
    [Test]
    [Arguments(3600, false)]
    [Arguments(0, true)]
    public async Task What_does_not_count_moves_the_end_of_the_time(int seconds, bool timesOut)
    {
        var start = new ChildStart
        {
            Path = "/bin/sh",
            Arguments = ["-c", timesOut ? "sleep 4711" : "sleep 0.3"],
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = "/",
            Timeout = TimeSpan.FromMilliseconds(1),
            NotCounted = () => TimeSpan.FromSeconds(seconds),
        };
        await Assert.That((await new ChildProcesses().RunAsync(start, CancellationToken.None)).TimedOut).IsEqualTo(timesOut);
    }
}
