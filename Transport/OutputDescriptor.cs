using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>A private descriptor for the client's end of our output. A pipe or socket is written without ever waiting; anything
/// else (terminal, file) may make the writer wait, since other holders of the same open file would be affected by O_NONBLOCK
/// (fcntl(2): it belongs to the open file description, which processes share).</summary>
internal sealed class OutputDescriptor
{
    /// <summary>FD_CLOEXEC (fcntl(2)).</summary>
    public const long CloseOnExec = 1;

    private readonly int _fd;
    private readonly bool _socket;

    private OutputDescriptor(int fd, bool socket, bool neverWaits) => (_fd, _socket, NeverWaits) = (fd, socket, neverWaits);

    /// <summary>Whether there was a descriptor to be had.</summary>
    public bool IsOpen => _fd >= 0;

    /// <summary>Whether <see cref="TryWrite"/> returns at once whatever the peer does.</summary>
    public bool NeverWaits { get; }

    /// <summary>Takes a copy that children do not inherit.</summary>
    /// <param name="fd">The descriptor to copy; it stays open.</param>
    public static unsafe OutputDescriptor Copy(int fd)
    {
        string path = $"/proc/self/fd/{fd}";
        byte* target = stackalloc byte[16];
        var kind = new ReadOnlySpan<byte>(target, (int)Math.Max(0, DescriptorCalls.ReadLink(path, target, 16)));

        // Opening a pipe anew gives an open file description of our own, whose O_NONBLOCK is nobody else's business.
        int own = kind.StartsWith("pipe:"u8) ? DescriptorCalls.Open(path, (int)(OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC)) : -1;
        if (own >= 0) return new OutputDescriptor(own, socket: false, neverWaits: true);

        own = Syscall.dup(fd);
        _ = Syscall.fcntl(own, FcntlCommand.F_SETFD, CloseOnExec);
        bool socket = kind.StartsWith("socket:"u8);
        return new OutputDescriptor(own, socket, neverWaits: socket);
    }

    /// <summary>Writes as much as goes (write(2), send(2)).</summary>
    /// <returns>Bytes written; 0 when it would have to wait; -1 when the peer is gone: EPIPE, ECONNRESET, EBADF, ESHUTDOWN and only those.</returns>
    /// <exception cref="IOException">The host failed (disk full, I/O error), which is not the peer's doing.</exception>
    public unsafe int TryWrite(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            long count;
            fixed (byte* start = data)
            {
                count = _socket
                    ? Syscall.send(_fd, start, (ulong)data.Length, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL)
                    : Syscall.write(_fd, start, (ulong)data.Length);
            }

            if (count >= 0) return (int)count;
            switch ((Errno)Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    continue;
                case Errno.EAGAIN:
                    return 0;
                case Errno.EPIPE or Errno.ECONNRESET or Errno.EBADF or Errno.ESHUTDOWN:
                    return -1;
                case var errno:
                    throw new IOException($"{errno}");
            }
        }
    }

    /// <summary>Waits until something can be written or the peer is gone (poll(2)).</summary>
    public unsafe void WaitUntilWritable()
    {
        var entry = new PollEntry { Descriptor = _fd, Events = PollEvents.POLLOUT };
        _ = DescriptorCalls.Poll(&entry, 1, -1);
    }
}
