using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>Reads a descriptor that others may share: pipe, socket, terminal, file or device. Waits where there is nothing
/// yet, believes in the end only after a look, and never spins (EDGES). One thread reads.</summary>
internal sealed class InputDescriptor
{
    /// <summary>Reads without a byte that are taken in a row before they count as the end.</summary>
    public const int MaxEmptyReads = 4;

    /// <summary>Failures in a row before reading is given up.</summary>
    public const int MaxFailures = 4;

    // Linux; the peer closed its sending half (poll(2)).
    private const PollEvents PeerClosed = (PollEvents)0x2000;
    private const PollEvents Gone = PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLNVAL | PeerClosed;
    private const int FreeRetries = 3;
    private readonly IInputCalls _calls;

    /// <summary>Reads from <paramref name="fd"/>, which stays open and belongs to the process.</summary>
    public InputDescriptor(int fd)
        : this(new InputCalls(fd))
    {
    }

    /// <summary>Reads by the given calls.</summary>
    public InputDescriptor(IInputCalls calls) => _calls = calls;

    /// <summary>How the input ended, for the log: <c>hang-up</c>, <c>end of file</c>, <c>repeated empty reads</c>, <c>stopped</c> from our side, or the name
    /// of the error that means a vanished peer, such as <c>ECONNRESET</c>. Null while it has not ended.</summary>
    public string? EndKind { get; private set; }

    /// <summary>Whether the other end is gone right now, although bytes that it sent may still wait. Safe from any thread.</summary>
    public bool HungUp => (_calls.Poll(PeerClosed, 0) & Gone) != 0;

    /// <summary>Reads what is there, waiting for at least one byte.</summary>
    /// <returns>Bytes read; 0 at the end, which <see cref="EndKind"/> names, and ever after.</returns>
    /// <exception cref="IOException">Reading fails again and again for a reason that is not the peer's; the message has the error's name.</exception>
    public int Read(Span<byte> buffer)
    {
        int empty = 0;
        int refused = 0;
        int failed = 0;
        while (EndKind is null)
        {
            long count = _calls.Read(buffer, out var error);
            if (count > 0) return (int)count;
            if (count == 0)
            {
                EndKind = KindOfEmptyRead(++empty);
                continue;
            }

            switch (error)
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN:
                    // Other readers of a shared pipe may take what poll saw; a device that always says so must not make us spin.
                    if (++refused > FreeRetries) Pause(refused - FreeRetries);
                    Wait();
                    break;
                case Errno.ECANCELED:
                    EndKind = "stopped";
                    break;
                case Errno.ECONNRESET or Errno.EBADF or Errno.EPIPE or Errno.ESHUTDOWN:
                case Errno.EIO when HungUp || _calls.IsTerminal:
                    EndKind = error.ToString();
                    break;
                case var _ when ++failed >= MaxFailures:
                    throw new IOException($"{error}, {failed} times in a row");
                default:
                    Pause(failed);
                    break;
            }
        }

        return 0;
    }

    // Null: not the end, or not known yet, read again. A pipe without a writer yet, opened non-blocking, reads as empty too.
    private string? KindOfEmptyRead(int inARow)
    {
        if (_calls.IsTerminal) return "end of file";
        var events = _calls.Poll(PollEvents.POLLIN | PeerClosed, 0);
        bool readable = (events & PollEvents.POLLIN) != 0;
        if ((events & Gone) != 0 && (!readable || inARow > 1)) return "hang-up";
        if (inARow >= MaxEmptyReads) return readable ? "end of file" : "repeated empty reads";
        if (!readable) Wait();
        return null;
    }

    // A wait without end that ends with nothing is a poll that failed.
    private void Wait()
    {
        if (_calls.Poll(PollEvents.POLLIN | PeerClosed, -1) == 0) Pause(1);
    }

    private void Pause(int attempt) => _calls.Pause(Math.Min(10 << Math.Min(attempt, 4), 100));
}
