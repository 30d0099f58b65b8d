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

    // Pipes take this much at once or not at all, so that a line is never cut by another's.
    private const int LongestLine = 1000;
    private const int LongestEntry = 128 * 1024;
    private static readonly TimeSpan LinePatience = TimeSpan.FromMilliseconds(50);
    private static readonly Lock ErrorGate = new();
    private readonly CrashLogFile _file;
    private readonly Func<string, string> _mask;

    /// <summary>Creates a log.</summary>
    /// <param name="logDirectory">Where the crash log lives; asked for on the first entry.</param>
    /// <param name="mask">Takes secrets out of a text; everything that is written passes it.</param>
    public GatewayLog(Func<string> logDirectory, Func<string, string> mask)
    {
        _mask = mask;
        _file = new CrashLogFile(() => Path.Combine(logDirectory(), FileName));
    }

    /// <summary>Writes one line to standard error. Best effort: a standard error that is closed or whose reader stalls loses it.</summary>
    /// <param name="line">Text without a newline; further lines are cut off, and so is what is longer than 1000 bytes.</param>
    public static unsafe void StandardError(string line)
    {
        int end = line.IndexOfAny(['\n', '\r']);
        byte[] bytes = Encoding.UTF8.GetBytes(end < 0 ? line : line[..end]);
        int length = Math.Min(bytes.Length, LongestLine);
        while (length < bytes.Length && (bytes[length] & 0xC0) == 0x80) length--;
        byte[] whole = [.. bytes.AsSpan(0, length), (byte)'\n'];

        // One at a time, since two writers may both see room for one line.
        if (!ErrorGate.TryEnter(LinePatience)) return;
        try
        {
            Pollfd[] polled = [new() { fd = 2, events = PollEvents.POLLOUT }];
            if (Syscall.poll(polled, 1, 0) <= 0) return;
            fixed (byte* start = whole)
            {
                _ = Syscall.write(2, start, (ulong)whole.Length);
            }
        }
        finally
        {
            ErrorGate.Exit();
        }
    }

    /// <summary>Records how the process ends, in the form existing tools read.</summary>
    public void Ending(string reason)
    {
        StandardError($"[gateway-exit] {reason}");
        Append($"\n=== gateway exit · {Now()} · reason={OneLine(reason)} ===\n");
    }

    /// <summary>Records a signal, and what the process was doing when it came.</summary>
    /// <param name="name">Name of the signal.</param>
    /// <param name="work">What is under way.</param>
    public void Signal(string name, IEnumerable<WorkItem> work)
    {
        StandardError($"[gateway-signal] {name}");
        Append($"\n=== {name} received · {Now()} ===\n");

        // In an entry of its own: the header must be there even when this takes too long.
        var items = work.ToList();
        string threads;
        try
        {
            threads = ThreadStates.Describe(items);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            threads = "";
        }

        Append(string.Concat(items.Select(item => OneLine(item.Text) + "\n")) + threads);
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
        Append($"\n=== thread exception · {Now()} · thread={OneLine(thread)} ===\n{exception}\n");
    }

    /// <summary>Records a bug of ours that ended a turn.</summary>
    /// <param name="sessionId">Live id of the turn's session.</param>
    /// <param name="exception">What happened.</param>
    public void TurnFailure(string sessionId, Exception exception)
    {
        StandardError($"[gateway-turn] {exception.GetType().Name}: details are in logs/{FileName}");
        Append($"\n=== turn-dispatcher exception · {Now()} · sid={OneLine(sessionId)} ===\n{exception}\n");
    }

    /// <summary>Records something worth keeping that the user need not see.</summary>
    public void Note(string text) => Append($"{Now()} {OneLine(text)}\n");

    private static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    // Nobody's text may look like a header of ours.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private void Append(string entry) =>
        _file.Append(_mask(entry.Length <= LongestEntry ? entry : entry[..LongestEntry] + "…\n"));
}
