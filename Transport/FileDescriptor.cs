using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>Complete writes to a raw file descriptor (write(2), poll(2)); <see cref="InputDescriptor"/> reads.</summary>
internal static class FileDescriptor
{
    /// <summary>Writes everything; goes on after short writes, signals and full non-blocking pipes.</summary>
    /// <returns><see langword="false"/> when the peer is gone: EPIPE, ECONNRESET, EBADF, ESHUTDOWN and only those.</returns>
    /// <exception cref="IOException">The descriptor failed for a reason that is not the peer's.</exception>
    public static unsafe bool Write(int fd, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            long count;
            fixed (byte* start = data)
            {
                count = Syscall.write(fd, start, (ulong)data.Length);
            }

            if (count >= 0)
            {
                data = data[(int)count..];
                continue;
            }

            switch ((Errno)Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    continue;
                case Errno.EAGAIN:
                    Wait(fd, PollEvents.POLLOUT);
                    continue;
                case Errno.EPIPE or Errno.ECONNRESET or Errno.EBADF or Errno.ESHUTDOWN:
                    return false;
                case var errno:
                    throw new IOException($"write to descriptor {fd} failed: {errno}");
            }
        }

        return true;
    }

    /// <summary>Whether a short write would go through without waiting.</summary>
    public static bool CanWrite(int fd)
    {
        Pollfd[] polled = [new() { fd = fd, events = PollEvents.POLLOUT }];
        return Syscall.poll(polled, 1, 0) != 0;
    }

    // Some other process may have made a shared pipe non-blocking; waiting is right, spinning is not.
    private static void Wait(int fd, PollEvents events)
    {
        Pollfd[] polled = [new() { fd = fd, events = events }];
        while (Syscall.poll(polled, 1, -1) < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR)
        {
        }
    }
}
