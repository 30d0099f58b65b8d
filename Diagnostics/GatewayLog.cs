using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Gateway.Diagnostics;

/// <summary>The two places where the process speaks about itself: short lines on standard error, which the client shows to
/// the user, and the crash log, which keeps the detail (WIRE 1.3). Neither ever throws.</summary>
internal sealed class GatewayLog
{
    private readonly Lock _gate = new();
    private readonly Func<string> _logDirectory;

    /// <summary>Creates a log.</summary>
    /// <param name="logDirectory">Where the crash log lives; asked for on the first entry.</param>
    public GatewayLog(Func<string> logDirectory) => _logDirectory = logDirectory;

    /// <summary>Writes one line to standard error. Best effort: a closed or full standard error loses it.</summary>
    /// <param name="line">Text without a newline; further lines are cut off.</param>
    public static unsafe void StandardError(string line)
    {
        int newline = line.IndexOf('\n', StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes((newline < 0 ? line : line[..newline]) + "\n");
        fixed (byte* start = bytes)
        {
            _ = Syscall.write(2, start, (ulong)bytes.Length);
        }
    }

    /// <summary>Records how the process ends, in the form existing tools read.</summary>
    public void Ending(string reason)
    {
        StandardError($"[gateway-exit] {reason}");
        Append($"\n=== gateway exit · {Now()} · reason={reason} ===\n");
    }

    /// <summary>Records a signal.</summary>
    public void Signal(string name)
    {
        StandardError($"[gateway-signal] {name}");
        Append($"\n=== {name} received · {Now()} ===\n");
    }

    /// <summary>Records a bug of ours with its stack; the client only hears that something failed.</summary>
    /// <param name="where">What was being done: the method, the turn, the thread.</param>
    /// <param name="exception">What happened.</param>
    public void Failure(string where, Exception exception)
    {
        StandardError($"[gateway-crash] {where}: {exception.GetType().Name}");
        Append($"\n=== unhandled exception in {where} · {Now()} ===\n{exception}\n");
    }

    /// <summary>Records something worth keeping that the user need not see.</summary>
    public void Note(string text) => Append($"{Now()} {text}\n");

    private static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private void Append(string entry)
    {
        try
        {
            string directory = _logDirectory();
            lock (_gate)
            {
                Directory.CreateDirectory(directory);
                using var file = new FileStream(Path.Combine(directory, "tui_gateway_crash.log"), new FileStreamOptions
                {
                    Mode = FileMode.Append,
                    Access = FileAccess.Write,
                    Share = FileShare.ReadWrite,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
                file.Write(Encoding.UTF8.GetBytes(entry));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The log is the last resort; there is nowhere left to complain.
        }
    }
}
