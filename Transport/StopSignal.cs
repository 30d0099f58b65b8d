using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>Set once, from any thread; ends waits for a descriptor as well (eventfd(2)).</summary>
internal sealed unsafe class StopSignal
{
    private volatile bool _set;

    /// <summary>Readable from the moment it is set; open as long as the process.</summary>
    public int Descriptor { get; } = DescriptorCalls.EventFd(0, (int)OpenFlags.O_CLOEXEC);

    /// <summary>Whether it was set.</summary>
    public bool IsSet => _set;

    /// <summary>Sets it.</summary>
    public void Set()
    {
        _set = true;
        ulong one = 1;
        _ = Syscall.write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>Waits until it is set.</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <returns>Whether it is set.</returns>
    public bool Wait(int milliseconds)
    {
        var entry = new PollEntry { Descriptor = Descriptor, Events = PollEvents.POLLIN };
        if (!_set) _ = DescriptorCalls.Poll(&entry, 1, milliseconds);
        return _set;
    }
}

/// <summary>One row of a poll call (poll(2)); a negative descriptor is skipped.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    /// <summary>What to watch.</summary>
    public int Descriptor;

    /// <summary>For what.</summary>
    public PollEvents Events;

    /// <summary>What was found.</summary>
    public PollEvents Returned;
}
