using System.Runtime.InteropServices;
using Mono.Unix;
using Mono.Unix.Native;

namespace Gateway.Signals;

/// <summary>SIGTERM and SIGHUP end the process in order, a second one at once; SIGINT and SIGPIPE do nothing here and are
/// default in children (WIRE 1.3). Registration happens in the constructor, listening on a thread of its own.</summary>
internal sealed partial class ShutdownSignals
{
    private readonly UnixSignal[] _signals;

    /// <summary>Installs the handlers; a signal from now on is kept until <see cref="Listen"/>.</summary>
    /// <param name="signals">The signals that end the process; default SIGTERM and SIGHUP.</param>
    public ShutdownSignals(params Signum[] signals)
    {
        if (IgnoreInterrupts() != 0) throw new InvalidOperationException("SIGINT and SIGPIPE handlers could not be installed");
        _signals = [.. (signals.Length > 0 ? signals : [Signum.SIGTERM, Signum.SIGHUP]).Select(signal => new UnixSignal(signal))];
    }

    /// <summary>Starts the listening thread.</summary>
    /// <param name="received">Called on that thread for every signal, with its name and how many came so far, from 1.</param>
    public void Listen(Action<string, int> received)
    {
        var thread = new Thread(() => Wait(received)) { Name = "signals", IsBackground = true };
        thread.Start();
    }

    private void Wait(Action<string, int> received)
    {
        int seen = 0;
        while (true)
        {
            int index = UnixSignal.WaitAny(_signals, -1);
            if (index < 0 || index >= _signals.Length) continue;

            // Two signals of one kind that came together count as two: the second means "now".
            int count = _signals[index].Count;
            _signals[index].Reset();
            for (int i = 0; i < Math.Max(1, count); i++) received(_signals[index].Signum.ToString(), ++seen);
        }
    }

    [LibraryImport("gateway_native", EntryPoint = "gw_ignore_interrupts")]
    private static partial int IgnoreInterrupts();
}
