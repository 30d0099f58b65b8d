using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Mono.Unix.Native;

namespace Gateway.Signals;

/// <summary>Ends the process with <c>_exit</c> when an orderly ending takes too long. A timer of the kernel, which needs no
/// thread, no lock and no garbage collector, any of which may be what hangs. SIGTERM, SIGHUP and the end of the parent
/// process arm it in the signal handler itself (native/posix_helper.c).</summary>
internal sealed unsafe partial class ExitWatchdog
{
    private const double DefaultSeconds = 1;
    private const double MostSeconds = 86_400;

    /// <summary>Tells the signal handlers how to end. Until then they allow 1 s, exit with 0 and know no log.</summary>
    /// <param name="grace">How long an orderly ending may take.</param>
    /// <param name="signalStatus">Status to exit with after a signal.</param>
    /// <param name="crashLog">Path of the log that native faults and forced endings leave an entry in; its folder is made then.</param>
    public ExitWatchdog(TimeSpan grace, int signalStatus, string crashLog)
    {
        Grace = grace;
        Configure(Math.Max(1, (int)grace.TotalMilliseconds), signalStatus, Kept(Path.GetDirectoryName(crashLog) ?? ""), Kept(crashLog));
    }

    /// <summary>How long an orderly ending may take.</summary>
    public TimeSpan Grace { get; }

    /// <summary>Reads HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S: seconds, default 1.0, at most a day. What is invalid, non-positive,
    /// infinite or no number means the default.</summary>
    /// <param name="value">The variable; null when unset.</param>
    /// <param name="problem">What was wrong with it, for the log; null when nothing was.</param>
    public static TimeSpan GraceFrom(string? value, out string? problem)
    {
        bool valid = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= MostSeconds;
        problem = valid || value is null
            ? null
            : $"HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S is '{(value.Length <= 40 ? value : value[..40] + "…")}', which is no time between 0 and {MostSeconds} seconds; {DefaultSeconds:0.0} is used";
        return TimeSpan.FromSeconds(valid ? seconds : DefaultSeconds);
    }

    /// <summary>Starts the countdown. Only the first call counts, or the signal that came before it.</summary>
    /// <param name="exitCode">Status to exit with.</param>
    public static void Arm(int exitCode) => ArmDeadline(exitCode);

    /// <summary>Ends the process here and now, without running anything else.</summary>
    public static void ExitNow(int exitCode) => _ = Syscall._exit(exitCode);

    // Handlers may read it until the very end, so it is never freed.
    private static byte* Kept(string text)
    {
        int size = Encoding.UTF8.GetByteCount(text);
        byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)size + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, size));
        return copy;
    }

    [LibraryImport("gateway_native", EntryPoint = "gw_configure_ending")]
    private static partial void Configure(int graceMilliseconds, int signalStatus, byte* folder, byte* crashLog);

    [LibraryImport("gateway_native", EntryPoint = "gw_arm_deadline")]
    private static partial void ArmDeadline(int exitCode);
}
