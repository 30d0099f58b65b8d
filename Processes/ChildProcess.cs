using System.Buffers;
using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>One child process from start to end: the only place in the product that starts one.</summary>
/// <remarks>Each child has a thread, which starts it, reads its output and reaps it, and a guardian: a process between it and us that
/// ends it with everything below it when we end, however that comes about (native/guardian.c).</remarks>
internal sealed class ChildProcess
{
    private const int StackBytes = 256 * 1024;
    private const int ReadBytes = 64 * 1024;

    /// <summary>How long output is still read after the child itself has ended, when a descendant keeps the pipe.</summary>
    private const long DrainMilliseconds = 300;

    /// <summary>How long a child may outlive SIGKILL (a system call that cannot be broken off) before we stop waiting.</summary>
    private const long AbandonMilliseconds = 2_000;

    /// <summary>How long an interrupted caller waits for a child that takes its time over SIGTERM. The child keeps its grace
    /// period; the caller goes on.</summary>
    private const long InterruptMilliseconds = 60;

    /// <summary>Shortest wait while the end of the time may move on, so that nothing spins.</summary>
    private const long LeastStep = 20;

    private readonly ChildStart _start;
    private readonly ChildProcesses _registry;
    private readonly CancellationToken _cancellation;
    private readonly TaskCompletionSource<ChildResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildStream _output;
    private readonly ChildStream _error;
    private SpawnedChild? _child;
    private bool _isLost;
    private int _wake = -1;
    private volatile bool _stopping;
    private volatile IReadOnlyList<ProcessEntry> _descendants = [];
    private IReadOnlyList<int> _survivors = [];
    private bool _timedOut;
    private bool _exited;

    private ChildProcess(ChildStart start, ChildProcesses registry, CancellationToken cancellation)
    {
        (_start, _registry, _cancellation) = (start, registry, cancellation);
        _output = new ChildStream(start.OutputLimit, start.OnOutput);
        _error = new ChildStream(start.ErrorLimit, start.OnErrorOutput ?? start.OnOutput);
    }

    /// <summary>See <see cref="ChildProcesses.RunAsync"/>.</summary>
    public static Task<ChildResult> RunAsync(ChildStart start, ChildProcesses registry, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return Task.FromResult(new ChildResult(-ProcessCalls.SigTerm, CapturedText.Empty, CapturedText.Empty, false, true));
        }

        var child = new ChildProcess(start, registry, cancellation);
        try
        {
            new Thread(child.Run, StackBytes) { IsBackground = true, Name = $"child {Path.GetFileName(start.Path)}" }.Start();
        }
        catch (Exception failure) when (failure is OutOfMemoryException or ThreadStartException)
        {
            return Task.FromException<ChildResult>(new ChildStartException(start.Path, "the limit of threads is reached", isTransient: true));
        }

        return child._completion.Task;
    }

    /// <summary>Adds the child and what is known of its descendants to <paramref name="tree"/>, unless the command is over and
    /// only its output is still read: what it left running was meant to stay. Only while it is registered.</summary>
    internal void AddTo(ProcessTree tree)
    {
        if (_child is not { } child) return;
        if (_stopping || _start.LeavesNothing || ProcessTable.Find(child.Process) is not { Ended: true }) tree.Add(child, _descendants);
    }

    private void Run()
    {
        try
        {
            try
            {
                Start();
                Supervise();
            }
            finally
            {
                // Reaping frees the process id for others, so the tree gets its last signal before, and the registry forgets it.
                if (_child is not null && (_stopping || !_exited || _start.LeavesNothing)) KillTree();
                _registry.Remove(this);
                CloseAll();
            }

            bool abandoned = !_exited;
            if (abandoned) Complete(-ProcessCalls.SigKill);
            int? exitCode = Reap();
            if (abandoned) return;
            _isLost = exitCode is null && !_stopping;
            Complete(exitCode ?? -ProcessCalls.SigKill);
        }
        catch (Exception failure)
        {
            _ = Reap();
            _completion.TrySetException(failure);
        }
    }

    // Without its guardian the child itself has ended by the kernel's hand; what it started is ended here, as far as it is found.
    private int? Reap()
    {
        if (_child is not { } child) return null;
        int? exitCode = ChildSpawn.Reap(child);
        if (exitCode is null) KillTree();
        _child = null;
        return exitCode;
    }

    private void Complete(int exitCode) => _completion.TrySetResult(new ChildResult(
        exitCode, _output.ToCaptured(), _error.ToCaptured(), _timedOut, Interrupted: _stopping && !_timedOut)
    { Survivors = _survivors, IsLost = _isLost });

    private void Start()
    {
        int input = -1, outputEnd = -1, errorEnd = -1;
        try
        {
            _wake = Checked(ProcessCalls.EventFd(0, ProcessCalls.CloseOnExec));
            input = (_start.Input?.Open() ?? ChildInput.Open(_start.StandardInput.Span)) is var opened and >= 0 ? opened : throw Failure(Marshal.GetLastPInvokeError());
            outputEnd = OpenPipe(_output);
            if (!_start.MergeStandardError) errorEnd = OpenPipe(_error);
            _child = ChildSpawn.Spawn(_start, input, outputEnd, errorEnd < 0 ? outputEnd : errorEnd);
        }
        finally
        {
            foreach (var descriptor in (ReadOnlySpan<int>)[input, outputEnd, errorEnd])
                if (descriptor >= 0) _ = ProcessCalls.Close(descriptor);
        }

        if (!_registry.Add(this)) Signal(ProcessCalls.SigKill);
        _start.OnStarted?.Invoke(_child.Value.Process);
    }

    private unsafe int OpenPipe(ChildStream stream)
    {
        var ends = stackalloc int[2];
        _ = Checked(ProcessCalls.Pipe(ends, ProcessCalls.CloseOnExec));
        stream.Descriptor = ends[0];
        return ends[1];
    }

    private unsafe void Supervise()
    {
        using var registration = _cancellation.UnsafeRegister(static state => ((ChildProcess)state!).Wake(), this);
        var entries = stackalloc ProcessCalls.PollEntry[4];
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var deadline = _start.Timeout is { } timeout ? After((long)timeout.TotalMilliseconds) : long.MaxValue;
            var killAt = long.MaxValue;
            var giveUpAt = long.MaxValue;
            var letGoAt = long.MaxValue;
            var wake = _wake;
            int pidfd = _child!.Value.Pidfd;
            while (true)
            {
                var now = Environment.TickCount64;
                if (_exited)
                {
                    if (now >= deadline || !_output.IsOpen && !_error.IsOpen || _cancellation.IsCancellationRequested) return;
                }
                else if (!_stopping && (_cancellation.IsCancellationRequested || now >= Counted(deadline)))
                {
                    // Looked at before the signal: those in a group of their own lose the way to them when their parent obeys.
                    _descendants = Tree().Look();
                    _stopping = true;
                    _timedOut = !_cancellation.IsCancellationRequested;
                    Signal(ProcessCalls.SigTerm);
                    deadline = long.MaxValue;
                    killAt = After((long)_start.GracePeriod.TotalMilliseconds);
                    if (!_timedOut) letGoAt = After(InterruptMilliseconds);
                }
                else if (now >= letGoAt)
                {
                    Complete(-ProcessCalls.SigTerm);
                    letGoAt = long.MaxValue;
                }
                else if (now >= killAt)
                {
                    KillTree();
                    killAt = long.MaxValue;
                    giveUpAt = After(AbandonMilliseconds);
                }
                else if (now >= giveUpAt)
                {
                    return;
                }

                var until = _exited || _stopping ? deadline : Counted(deadline);
                var wait = Math.Min(Math.Min(until, letGoAt), Math.Min(killAt, giveUpAt)) - Environment.TickCount64;
                entries[0] = Watch(_output.Descriptor);
                entries[1] = Watch(_error.Descriptor);
                entries[2] = Watch(_exited ? -1 : pidfd);
                entries[3] = Watch(wake);
                if (ProcessCalls.Poll(entries, 4, (int)Math.Clamp(wait, _start.NotCounted is null ? 0 : LeastStep, 60_000)) < 0)
                {
                    if (Marshal.GetLastPInvokeError() is not ProcessCalls.Interrupted and var error) throw Failure(error);
                    continue;
                }

                if (entries[0].Returned != 0) _output.ReadAvailable(buffer);
                if (entries[1].Returned != 0) _error.ReadAvailable(buffer);
                // The token tells the state; the descriptor only ends the wait, once.
                if (entries[3].Returned != 0) wake = -1;
                if (entries[2].Returned != 0)
                {
                    _exited = true;
                    (killAt, giveUpAt, letGoAt) = (long.MaxValue, long.MaxValue, long.MaxValue);
                    deadline = After(DrainMilliseconds);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long After(long milliseconds) => Environment.TickCount64 + milliseconds;

    private long Counted(long deadline) =>
        deadline == long.MaxValue || _start.NotCounted is null ? deadline : deadline + (long)_start.NotCounted().TotalMilliseconds;

    private static ProcessCalls.PollEntry Watch(int descriptor) =>
        new() { Descriptor = descriptor, Events = ProcessCalls.PollIn };

    private ProcessTree Tree()
    {
        var tree = new ProcessTree();
        if (_child is { } child) tree.Add(child, _descendants);
        return tree;
    }

    private void KillTree() => _survivors = Tree().Kill();

    private void Signal(int signal) => _ = ProcessCalls.Kill(-_child!.Value.Process, signal);

    private unsafe void Wake()
    {
        var one = 1UL;
        _ = ProcessCalls.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void CloseAll()
    {
        _output.Close();
        _error.Close();
        foreach (var descriptor in (ReadOnlySpan<int>)[_wake, _child?.Pidfd ?? -1])
            if (descriptor >= 0) _ = ProcessCalls.Close(descriptor);
    }

    private int Checked(int result) => result >= 0 ? result : throw Failure(Marshal.GetLastPInvokeError());

    private ChildStartException Failure(int error) => new(_start.Path, ChildSpawn.Reason(error), ChildSpawn.IsTransient(error));
}
