using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>The system calls that reading one descriptor takes; tests play sequences of answers in their place.</summary>
internal interface IInputCalls
{
    /// <summary>Whether the descriptor is a terminal (isatty(3)).</summary>
    bool IsTerminal { get; }

    /// <summary>One read(2).</summary>
    /// <returns>Bytes read; -1 with <paramref name="error"/> set.</returns>
    long Read(Span<byte> buffer, out Errno error);

    /// <summary>One poll(2), repeated when a signal cuts it short.</summary>
    /// <param name="events">What to look for; hang-up and error are always reported.</param>
    /// <param name="milliseconds">How long to wait; 0 not at all, -1 for ever.</param>
    /// <returns>What happened; 0 for nothing, also when poll itself failed.</returns>
    PollEvents Poll(PollEvents events, int milliseconds);

    /// <summary>Lets time pass.</summary>
    void Pause(int milliseconds);
}

/// <summary>The calls on a real descriptor.</summary>
internal sealed unsafe class InputCalls : IInputCalls
{
    private readonly int _fd;
    private readonly StopSignal? _stop;

    /// <summary>Reads from <paramref name="fd"/>, which stays open and belongs to the process.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="stop">Ends every wait and fails every read with ECANCELED once it is set; null: nothing does.</param>
    public InputCalls(int fd, StopSignal? stop = null) => (_fd, _stop) = (fd, stop);

    /// <inheritdoc/>
    public bool IsTerminal => Syscall.isatty(_fd);

    /// <inheritdoc/>
    public long Read(Span<byte> buffer, out Errno error)
    {
        if (_stop is not null) _ = Poll(PollEvents.POLLIN, -1);
        if (_stop is { IsSet: true })
        {
            error = Errno.ECANCELED;
            return -1;
        }

        fixed (byte* start = buffer)
        {
            long count = Syscall.read(_fd, start, (ulong)buffer.Length);
            error = count < 0 ? (Errno)Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    /// <inheritdoc/>
    public PollEvents Poll(PollEvents events, int milliseconds)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Descriptor = _fd, Events = events };
        entries[1] = new PollEntry { Descriptor = milliseconds == 0 ? -1 : _stop?.Descriptor ?? -1, Events = PollEvents.POLLIN };
        int found;
        do found = DescriptorCalls.Poll(entries, 2, milliseconds);
        while (found < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);
        return found > 0 ? entries[0].Returned : 0;
    }

    /// <inheritdoc/>
    public void Pause(int milliseconds)
    {
        if (_stop is not null) _ = _stop.Wait(milliseconds);
        else _ = DescriptorCalls.Poll(null, 0, milliseconds);
    }
}
