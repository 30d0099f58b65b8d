using System.Text.RegularExpressions;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>What the published binary leaves behind when things go wrong, and what it does when it cannot.</summary>
public partial class CrashLogTests
{
    private const int Abort = 6;
    private const int Segmentation = 11;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A thread that calls itself until its stack is used up, with and without anything else on it.
    private const string OverflowProgram = """
        #include <pthread.h>
        #include <stdlib.h>
        void gw_configure_ending(int grace, int code, const char *folder, const char *path);
        __attribute__((noinline)) static int deeper(volatile char *above) { volatile char here[256]; here[0] = above[0]; return deeper(here) + here[0]; }
        static void *overflow(void *nothing) { (void)nothing; char here = 1; return (void *)(long)deeper(&here); }
        int main(int count, char **arguments) {
            pthread_t thread;
            gw_configure_ending(1000, 0, "", arguments[1]);
            if (count > 2) return overflow(NULL) != NULL;
            pthread_create(&thread, NULL, overflow, NULL);
            pthread_join(thread, NULL);
            return 0;
        }
        """;

    [Test]
    [Arguments(Abort, "SIGABRT")]
    [Arguments(Segmentation, "SIGSEGV")]
    public async Task A_native_fault_leaves_a_line_and_an_entry_and_ends_with_a_status(int signal, string name)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = await ReadyAsync(stage);

        // In managed code the runtime makes an exception of a fault; one that comes from outside counts as native when all threads wait.
        await Facts.UntilAsync(() => States(gateway.Id), states => states.All(state => state == 'S'), "all threads to wait");
        gateway.Signal(signal);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(1);
        await Facts.UntilAsync(() => string.Join('\n', gateway.ErrorLines), lines => lines.Contains($"[gateway-crash] {name}"), "the line");
        await Assert.That(SignalMomentTests.CrashLog(stage)).Contains($"reason={name} ===");
        await Assert.That(SignalMomentTests.CrashLog(stage)).Matches(FaultEntry());
        await Assert.That(File.GetUnixFileMode(LogPath(stage))).IsEqualTo(OwnerOnly);
    }

    [Test]
    [Arguments("on a thread")]
    [Arguments("on the main thread")]
    public async Task A_stack_overflow_leaves_a_line_and_an_entry(string where)
    {
        await using var stage = await Stage.SetAsync();
        string program = Path.Combine(stage.Work, "overflow");
        string log = Path.Combine(stage.Work, "log");
        await File.WriteAllTextAsync(program + ".c", OverflowProgram);
        string[] compile = ["-O1", "-fno-optimize-sibling-calls", "-Wl,--wrap=pthread_create", "-pthread", "-o", program, program + ".c", Path.Combine(Stage.RepositoryRoot, "native", "posix_helper.c")];
        var (compiled, _, complaints) = Facts.Run("/usr/bin/gcc", stage, compile);
        await Assert.That(compiled).IsEqualTo(0).Because(complaints);

        string[] arguments = where == "on a thread" ? [log] : [log, where];
        var (status, _, errors) = Facts.Run(program, stage, arguments);
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(errors).IsEqualTo("[gateway-crash] SIGSEGV\n");
        await Assert.That(await File.ReadAllTextAsync(log)).Contains("reason=SIGSEGV ===");
    }

    [Test]
    public async Task A_large_log_is_put_aside()
    {
        await using var stage = await Stage.SetAsync();
        Directory.CreateDirectory(Path.Combine(stage.Home, "logs"));
        await File.WriteAllBytesAsync(LogPath(stage), new byte[(1 << 20) + 1]);
        File.SetUnixFileMode(LogPath(stage), OwnerOnly | UnixFileMode.OtherRead);
        await using var gateway = GatewayProcess.Start(stage);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(new FileInfo(LogPath(stage) + ".1").Length).IsEqualTo((1 << 20) + 1);
        await Assert.That(SignalMomentTests.CrashLog(stage)).StartsWith("\n=== gateway exit · ");
        await Assert.That(File.GetUnixFileMode(LogPath(stage))).IsEqualTo(OwnerOnly);
    }

    [Test]
    public async Task A_standard_error_that_nobody_reads_does_not_hold_up_a_native_fault()
    {
        await using var stage = await Stage.SetAsync();

        // The pipe of standard error is full before the gateway gets it.
        string script = $"until [ -p err ]; do sleep 0.1; done; exec 2> err; head -c 65536 /dev/zero >&2; exec '{GatewayProcess.Binary}'";
        await using var gateway = ChildProgram.Start("/bin/sh", stage, "-c", script);
        await using var holder = ChildProgram.Start("/bin/sh", stage, "-c", "mkfifo err; exec sleep 600 < err");
        await gateway.WaitForOutputAsync("gateway.ready");
        gateway.Signal(Abort);
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(1);
        await Assert.That(SignalMomentTests.CrashLog(stage)).Contains("reason=SIGABRT");
    }

    private static string LogPath(Stage stage) => Path.Combine(stage.Home, "logs", "tui_gateway_crash.log");

    private static async Task<GatewayProcess> ReadyAsync(Stage stage)
    {
        var gateway = GatewayProcess.Start(stage);
        await gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "gateway.ready"), "gateway.ready");
        return gateway;
    }

    [GeneratedRegex(@"\n=== gateway exit · @\d{10} · reason=SIG[A-Z]+ ===\n")]
    private static partial Regex FaultEntry();

    // The letter behind the name in parentheses (proc_pid_stat(5)).
    private static string States(int process) => string.Concat(Directory.GetDirectories($"/proc/{process}/task").Select(thread =>
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        return stat[stat.LastIndexOf(')') + 2];
    }));
}
