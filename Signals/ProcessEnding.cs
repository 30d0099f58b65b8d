namespace Gateway.Signals;

/// <summary>The one ending of the process: the first reason given is the reason, and it runs once, on whichever thread
/// comes first.</summary>
internal sealed class ProcessEnding
{
    // Of the grace time: how long another thread leaves it to the main thread, and how long an ending waits for what is being recorded.
    private const double MainThreadShare = 0.3;
    private const double RecordShare = 0.1;
    private readonly TimeSpan _grace;
    private readonly Action _stop;
    private readonly Action<Ending> _finish;
    private readonly Action<int> _exit;
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _recorded = new(initialState: true);
    private Ending? _reason;
    private int _runner;

    /// <summary>Describes the ending.</summary>
    /// <param name="grace">How long it may take.</param>
    /// <param name="stop">Makes the main thread come to <see cref="Run"/>; returns at once, may be called more than once.</param>
    /// <param name="finish">The ending itself.</param>
    /// <param name="exit">Ends the process with a status and does not return.</param>
    public ProcessEnding(TimeSpan grace, Action stop, Action<Ending> finish, Action<int> exit)
    {
        _grace = grace;
        _stop = stop;
        _finish = finish;
        _exit = exit;
    }

    /// <summary>Why the process ends; null as long as it does not.</summary>
    public Ending? Reason => Volatile.Read(ref _reason);

    /// <summary>Gives a reason and lets the main thread run the ending. What follows from the first reason is none.</summary>
    public void Ask(Ending reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _stop();
    }

    /// <summary>Gives a reason on a thread that is not the main thread and can wait. Runs the ending here when the main
    /// thread does not get to it, since a handler may spin there.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="record">Writes down what there is to know, while the ending is under way already; it waits for this only briefly.</param>
    public void AskAndWatch(Ending reason, Action record)
    {
        _recorded.Reset();
        Ask(reason);
        record();
        _recorded.Set();
        if (!_begun.Wait(_grace * MainThreadShare)) _exit(Run(reason));
    }

    /// <summary>Ends after a bug that no one caught, on the thread that has it; does not return.</summary>
    public void Crash(Ending reason)
    {
        Ask(reason);

        // An ending that fails itself must not wait for itself.
        _exit(Volatile.Read(ref _runner) == Environment.CurrentManagedThreadId ? reason.ExitCode : Run(reason));
    }

    /// <summary>Runs the ending, once. A second caller does not return: the first one ends the process.</summary>
    /// <param name="otherwise">The reason when none was given.</param>
    /// <returns>The exit status.</returns>
    public int Run(Ending otherwise)
    {
        if (Interlocked.CompareExchange(ref _runner, Environment.CurrentManagedThreadId, 0) != 0) new ManualResetEventSlim().Wait();
        _begun.Set();
        var reason = Interlocked.CompareExchange(ref _reason, otherwise, null) ?? otherwise;
        _finish(reason);
        _recorded.Wait(_grace * RecordShare);
        return reason.ExitCode;
    }
}
