using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>The system calls that reading one descriptor takes; tests play sequences of answers in their place.</summary>
internal interface IInputCalls
{
    /// <summary>Whether O_NONBLOCK is set on the open file description, by whichever process.</summary>
    bool NonBlocking { get; }

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
/// <remarks>poll(2) is declared here because Mono.Posix knows no POLLRDHUP, without which a peer that closed only its
/// sending half cannot be told from one that is silent.</remarks>
internal sealed unsafe partial class InputCalls : IInputCalls
{
    private readonly int _fd;

    /// <summary>Reads from <paramref name="fd"/>, which stays open and belongs to the process.</summary>
    public InputCalls(int fd) => _fd = fd;

    /// <inheritdoc/>
    public bool NonBlocking => Syscall.fcntl(_fd, FcntlCommand.F_GETFL) is var flags and >= 0 && (flags & (int)OpenFlags.O_NONBLOCK) != 0;

    /// <inheritdoc/>
    public bool IsTerminal => Syscall.isatty(_fd);

    /// <inheritdoc/>
    public long Read(Span<byte> buffer, out Errno error)
    {
        fixed (byte* start = buffer)
        {
            long count = Syscall.read(_fd, start, (ulong)buffer.Length);
            error = count < 0 ? Stdlib.GetLastError() : 0;
            return count;
        }
    }

    /// <inheritdoc/>
    public PollEvents Poll(PollEvents events, int milliseconds)
    {
        var entry = new PollEntry { Descriptor = _fd, Events = events };
        int found;
        do found = Poll(&entry, 1, milliseconds);
        while (found < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);
        return found > 0 ? entry.Returned : 0;
    }

    /// <inheritdoc/>
    public void Pause(int milliseconds) => _ = Poll(null, 0, milliseconds);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public PollEvents Events;
        public PollEvents Returned;
    }
}
