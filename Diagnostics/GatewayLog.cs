using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Gateway.Diagnostics;

/// <summary>The two places where the process speaks about itself: short lines on standard error, which the client shows to
/// the user, and the crash log, which keeps the detail (WIRE 1.3). Neither ever throws or waits for a reader.</summary>
internal sealed class GatewayLog
{
    /// <summary>Name of the crash log, in the folder of the logs.</summary>
    public const string FileName = "tui_gateway_crash.log";

    /// <summary>Size in bytes at which the crash log becomes <c>.1</c> and a new one begins.</summary>
    public const int RotateBytes = 1 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LongestEntry = 128 * 1024;
    private readonly Lock _gate = new();
    private readonly Func<string> _logDirectory;
    private readonly Func<string, string> _mask;

    /// <summary>Creates a log.</summary>
    /// <param name="logDirectory">Where the crash log lives; asked for on the first entry.</param>
    /// <param name="mask">Takes secrets out of a text; everything that is written passes it.</param>
    public GatewayLog(Func<string> logDirectory, Func<string, string> mask) => (_logDirectory, _mask) = (logDirectory, mask);

    /// <summary>Writes one line to standard error. Best effort: a closed or full standard error loses it.</summary>
    /// <param name="line">Text without a newline; further lines are cut off.</param>
    public static unsafe void StandardError(string line)
    {
        int newline = line.IndexOf('\n', StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes((newline < 0 ? line : line[..newline]) + "\n");

        // A client that reads nothing must not hold up whoever has something to say.
        Pollfd[] polled = [new() { fd = 2, events = PollEvents.POLLOUT }];
        if (Syscall.poll(polled, 1, 0) <= 0) return;
        fixed (byte* start = bytes)
        {
            _ = Syscall.write(2, start, (ulong)Math.Min(bytes.Length, 4096));
        }
    }

    /// <summary>Records how the process ends, in the form existing tools read.</summary>
    public void Ending(string reason)
    {
        StandardError($"[gateway-exit] {reason}");
        Append($"\n=== gateway exit · {Now()} · reason={reason} ===\n");
    }

    /// <summary>Records a signal, and what the process was doing when it came.</summary>
    /// <param name="name">Name of the signal.</param>
    /// <param name="work">What is under way, one line each.</param>
    public void Signal(string name, IEnumerable<string> work)
    {
        StandardError($"[gateway-signal] {name}");
        string heading = $"\n=== {name} received · {Now()} ===\n";
        try
        {
            Append(heading + string.Concat(work.Select(line => line + "\n")) + ThreadStates.Describe());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Append(heading);
        }
    }

    /// <summary>Records a bug of ours with its stack; the client only hears that something failed.</summary>
    /// <param name="where">What was being done: the method, the turn.</param>
    /// <param name="exception">What happened.</param>
    public void Failure(string where, Exception exception)
    {
        StandardError($"[gateway-crash] {exception.GetType().Name}: in {where}; details are in logs/{FileName}");
        Append($"\n=== unhandled exception · {Now()} ===\nin {where}\n{exception}\n");
    }

    /// <summary>Records a bug of ours that reached the top of a thread.</summary>
    /// <param name="thread">Name of the thread.</param>
    /// <param name="exception">What happened.</param>
    public void ThreadFailure(string thread, Exception exception)
    {
        StandardError($"[gateway-crash] thread {thread} raised {exception.GetType().Name}: details are in logs/{FileName}");
        Append($"\n=== thread exception · {Now()} · thread={thread} ===\n{exception}\n");
    }

    /// <summary>Records a bug of ours that ended a turn.</summary>
    /// <param name="sessionId">Live id of the turn's session.</param>
    /// <param name="exception">What happened.</param>
    public void TurnFailure(string sessionId, Exception exception)
    {
        StandardError($"[gateway-turn] {exception.GetType().Name}: details are in logs/{FileName}");
        Append($"\n=== turn-dispatcher exception · {Now()} · sid={sessionId} ===\n{exception}\n");
    }

    /// <summary>Records something worth keeping that the user need not see.</summary>
    public void Note(string text) => Append($"{Now()} {text}\n");

    private static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private void Append(string entry)
    {
        try
        {
            if (entry.Length > LongestEntry) entry = entry[..LongestEntry] + "…\n";
            byte[] bytes = Encoding.UTF8.GetBytes(_mask(entry));
            string directory = _logDirectory();
            string path = Path.Combine(directory, FileName);
            lock (_gate)
            {
                Directory.CreateDirectory(directory);
                if (new FileInfo(path) is { Exists: true, Length: > RotateBytes }) File.Move(path, path + ".1", overwrite: true);
                using var file = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.Append,
                    Access = FileAccess.Write,
                    Share = FileShare.ReadWrite,
                    UnixCreateMode = OwnerOnly,
                    BufferSize = 0,
                });
                if (File.GetUnixFileMode(file.SafeFileHandle) != OwnerOnly) File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
                file.Write(bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // The log is the last resort; there is nowhere left to complain.
        }
    }
}
