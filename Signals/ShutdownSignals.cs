using System.Runtime.InteropServices;
using Mono.Unix;
using Mono.Unix.Native;

namespace Gateway.Signals;

/// <summary>SIGTERM and SIGHUP end the process in order, a second one of the same kind at once; so does the end of the parent
/// process. SIGINT does nothing unless asked for, SIGPIPE nothing at all, and children have the default of both (WIRE 1.3).
/// The handlers are in native/posix_helper.c and there from the start, so that a signal before this class exists is not lost.</summary>
internal sealed partial class ShutdownSignals
{
    /// <summary>Stands for the end of the parent process: the handler drops it when our parent is the one we started with.
    /// A signal of its own, because the kernel sends it when the thread that started us ends, whatever its process does.</summary>
    public const Signum ParentEnded = Signum.SIGUSR1;

    private const int SetParentDeathSignal = 1; // PR_SET_PDEATHSIG
    private const int ParentEndedNumber = 10;
    private readonly Signum[] _kinds;
    private readonly UnixSignal[] _signals;

    /// <summary>Takes over the signals that came and will come, until <see cref="Listen"/> reports them.</summary>
    /// <param name="signals">The signals that matter.</param>
    public ShutdownSignals(params Signum[] signals)
    {
        _kinds = signals;
        _signals = [.. signals.Select(signal => new UnixSignal(signal))];
    }

    /// <summary>Has the kernel tell us when our parent ends. To be called on a thread that lives as long as the process,
    /// since the kernel forgets it with the thread.</summary>
    public static void FollowParent()
    {
        _ = ControlProcess(SetParentDeathSignal, ParentEndedNumber, 0, 0, 0);

        // The parent may have ended before; the handler looks.
        _ = Raise(ParentEndedNumber);
    }

    /// <summary>Starts the listening thread.</summary>
    /// <param name="received">Called on that thread for every signal, with how many came so far, from 1.</param>
    public void Listen(Action<Signum, int> received)
    {
        var thread = new Thread(() => Wait(received)) { Name = "signals", IsBackground = true };
        thread.Start();
    }

    private void Wait(Action<Signum, int> received)
    {
        int seen = 0;
        while (true)
        {
            int index = UnixSignal.WaitAny(_signals, -1);
            if (index < 0 || index >= _signals.Length) continue;

            // Two signals of one kind that came together count as two.
            int count = _signals[index].Count;
            _signals[index].Reset();
            for (int i = 0; i < count; i++) received(_kinds[index], ++seen);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ControlProcess(int option, nint argument, nint unused1, nint unused2, nint unused3);

    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int Raise(int signal);
}
