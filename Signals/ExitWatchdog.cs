using System.Globalization;
using Mono.Unix.Native;

namespace Gateway.Signals;

/// <summary>Ends the process with <c>_exit</c> when an orderly ending takes too long. A plain thread: it needs no lock,
/// no thread pool and no exit handler, any of which may be what hangs.</summary>
internal sealed class ExitWatchdog
{
    private readonly TimeSpan _grace;
    private int _armed;

    /// <summary>Creates a watchdog; it does nothing until armed.</summary>
    /// <param name="grace">How long an orderly ending may take.</param>
    public ExitWatchdog(TimeSpan grace) => _grace = grace;

    /// <summary>How long an orderly ending may take.</summary>
    public TimeSpan Grace => _grace;

    /// <summary>Reads HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S. Seconds, default 1.0; invalid, non-positive or infinite means the default.</summary>
    public static TimeSpan GraceFrom(string? value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(1);

    /// <summary>Starts the countdown. Later calls do nothing.</summary>
    /// <param name="exitCode">Status to exit with.</param>
    public void Arm(int exitCode)
    {
        if (Interlocked.Exchange(ref _armed, 1) != 0) return;
        var thread = new Thread(() =>
        {
            Thread.Sleep(_grace);
            ExitNow(exitCode);
        })
        {
            Name = "exit-watchdog",
            IsBackground = true,
        };
        thread.Start();
    }

    /// <summary>Ends the process here and now, without running anything else.</summary>
    public static void ExitNow(int exitCode) => _ = Syscall._exit(exitCode);
}
