using System.Text.RegularExpressions;
using Gateway.Diagnostics;

namespace Gateway.Tests.DiagnosticTests;

/// <summary>The crash log as a file, and what its entries look like.</summary>
public partial class CrashLogTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("crash-log-").FullName, "home", "logs");

    private string LogPath => Path.Combine(_folder, GatewayLog.FileName);

    private string Text => File.ReadAllText(LogPath);

    [After(Test)]
    public void RemoveFolder() => Directory.Delete(Path.GetFullPath(Path.Combine(_folder, "../..")), recursive: true);

    [Test]
    public async Task Headers_are_those_that_existing_tools_read()
    {
        var log = Log();
        log.Ending("stdin EOF (TUI closed the command pipe)");
        log.Signal("SIGTERM", [new("request prompt.submit of session 1a2b3c4d, for 0.500 s")]);
        log.Failure("method session.list", new InvalidOperationException("broken"));
        log.ThreadFailure("stdin", new InvalidOperationException("broken too"));
        log.TurnFailure("1a2b3c4d", new InvalidOperationException("broken as well"));
        foreach (var header in (Regex[])[EndingHeader(), SignalHeader(), FailureHeader(), ThreadHeader(), TurnHeader()]) await Assert.That(Text).Matches(header);
    }

    [Test]
    public async Task The_state_of_threads_and_the_work_follow_a_signal()
    {
        Log().Signal("SIGHUP", [new("request shell.exec, for 2.000 s", ThreadStates.CurrentId()), new("turn of session 1a2b3c4d, for 3.000 s")]);
        await Assert.That(Text).Contains("\nrequest shell.exec, for 2.000 s\nturn of session 1a2b3c4d, for 3.000 s\n");
        await Assert.That(Text).Matches(ThreadEntry());
        await Assert.That(Text).Matches(WorkingThread());
        await Assert.That(Text).DoesNotContain("works on turn");
    }

    [Test]
    public async Task The_folder_is_made_and_the_file_is_private()
    {
        Log().Note("first");
        await Assert.That(File.GetUnixFileMode(LogPath)).IsEqualTo(OwnerOnly);
        await Assert.That(File.GetUnixFileMode(_folder) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).IsEqualTo(UnixFileMode.None);
    }

    [Test]
    public async Task A_file_with_wider_rights_becomes_private()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(LogPath, "before\n");
        File.SetUnixFileMode(LogPath, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        Log().Note("after");
        await Assert.That(File.GetUnixFileMode(LogPath)).IsEqualTo(OwnerOnly);
        await Assert.That(Text).StartsWith("before\n").And.EndsWith("after\n");
    }

    [Test]
    public async Task A_large_file_is_put_aside_and_its_predecessor_dropped()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(LogPath + ".1", "oldest");
        await File.WriteAllTextAsync(LogPath, new string('x', (int)CrashLogFile.MaxBytes - 1));
        var log = Log();
        log.Note("fits");
        log.Note("begins the next file");
        await Assert.That(await File.ReadAllTextAsync(LogPath + ".1")).StartsWith("xxx").And.EndsWith("fits\n");
        await Assert.That(Text).EndsWith("begins the next file\n").And.DoesNotContain("xxx");
        await Assert.That(Directory.GetFiles(_folder).Length).IsEqualTo(2);
    }

    [Test]
    public async Task Long_texts_of_exceptions_are_cut()
    {
        Log().Failure("a test", new InvalidOperationException(new string('y', 1 << 20)));
        await Assert.That(new FileInfo(LogPath).Length).IsLessThan(200_000);
    }

    [Test]
    public async Task Credentials_are_masked_wherever_they_are()
    {
        var log = new GatewayLog(() => _folder, text => text.Replace("hunter2", "***", StringComparison.Ordinal));
        log.Failure("a test", new InvalidOperationException("password hunter2"));
        log.TurnFailure("s", new InvalidOperationException("outer", new IOException("inner hunter2")));
        log.Note("hunter2");
        log.Ending("hunter2");
        log.Signal("SIGTERM", [new("hunter2")]);
        await Assert.That(Text).Contains("inner ***").And.DoesNotContain("hunter2");
    }

    [Test]
    public async Task A_text_cannot_look_like_a_header()
    {
        Log().Note("one\n\n=== gateway exit · 2026-01-01 00:00:00 · reason=forged ===\n");
        await Assert.That(Text.TrimEnd('\n').Split('\n').Length).IsEqualTo(1);
    }

    [Test]
    public async Task Several_writers_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            var log = Log();
            for (int i = 0; i < 200; i++) log.Note($"writer {writer} entry {i} end");
        })));
        string[] lines = await File.ReadAllLinesAsync(LogPath);
        await Assert.That(lines.Length).IsEqualTo(800);
        await Assert.That(lines.Distinct().Count(line => WholeLine().IsMatch(line))).IsEqualTo(800);
    }

    [Test]
    public async Task A_place_that_cannot_be_written_to_is_no_problem()
    {
        Directory.CreateDirectory(LogPath);
        Log().Ending("somewhere else");
        new GatewayLog(() => "/proc/no/such/place", text => text).Ending("nowhere");
        new GatewayLog(() => "\0", text => text).Note("nowhere at all");
        await Assert.That(Directory.GetFileSystemEntries(LogPath)).IsEmpty();
    }

    private GatewayLog Log() => new(() => _folder, text => text);

    [GeneratedRegex(@"\n=== gateway exit · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d · reason=stdin EOF \(TUI closed the command pipe\) ===\n")]
    private static partial Regex EndingHeader();

    [GeneratedRegex(@"\n=== SIGTERM received · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ===\n")]
    private static partial Regex SignalHeader();

    [GeneratedRegex(@"\n=== unhandled exception · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ===\nin method session.list\nSystem.InvalidOperationException: broken\n")]
    private static partial Regex FailureHeader();

    [GeneratedRegex(@"\n=== thread exception · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d · thread=stdin ===\nSystem.InvalidOperationException: broken too\n")]
    private static partial Regex ThreadHeader();

    [GeneratedRegex(@"\n=== turn-dispatcher exception · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d · sid=1a2b3c4d ===\nSystem.InvalidOperationException: broken as well\n")]
    private static partial Regex TurnHeader();

    [GeneratedRegex(@"\n--- thread [^\n]+ \(id=\d+\) ---\nstate [RSD], waits in [^\n]+, system call [^\n]+\n")]
    private static partial Regex ThreadEntry();

    [GeneratedRegex(@"system call [^\n]+\nworks on request shell.exec, for 2.000 s\n")]
    private static partial Regex WorkingThread();

    [GeneratedRegex(@" writer \d entry \d+ end$")]
    private static partial Regex WholeLine();
}
