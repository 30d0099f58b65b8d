using System.Runtime.InteropServices;

namespace Gateway.ProcessTests;

/// <summary>The reading end of a pipe or socket whose reader can be made to stop for a while, or for good, at any moment:
/// it never is inside read(2) when there is nothing to read.</summary>
internal sealed partial class PausableReader(Stream stream, SafeHandle handle)
{
    private const short PollIn = 1;
    private const nuint BytesReadable = 0x541B; // FIONREAD, ioctl_fionread(2)

    private readonly object _reading = new();
    private readonly ManualResetEventSlim _mayRead = new(initialState: true);
    private volatile bool _closed;

    /// <summary>Bytes that wait to be read.</summary>
    public int UnreadBytes
    {
        get
        {
            lock (_reading) return !_closed && InputOutputControl(Descriptor, BytesReadable, out int count) == 0 ? count : 0;
        }
    }

    /// <summary>The descriptor.</summary>
    public int Descriptor => (int)handle.DangerousGetHandle();

    /// <summary>Reads what is there, waiting for something.</summary>
    /// <returns>0 at the end, or once closed.</returns>
    public int Read(byte[] buffer)
    {
        while (true)
        {
            _mayRead.Wait();
            lock (_reading)
            {
                if (_closed) return 0;
                if (!_mayRead.IsSet) continue;
                var polled = new PollEntry { Descriptor = Descriptor, Events = PollIn };
                if (Poll(ref polled, 1, 20) > 0) return stream.Read(buffer);
            }
        }
    }

    /// <summary>Reads nothing from now on.</summary>
    public void Pause()
    {
        _mayRead.Reset();
        lock (_reading)
        {
            // Whoever was reading has finished.
        }
    }

    /// <summary>Reads on.</summary>
    public void Resume() => _mayRead.Set();

    /// <summary>Closes the end; when this returns, the writer has nobody to write to.</summary>
    public void Close()
    {
        Pause();
        _closed = true;
        stream.Dispose();
        Resume();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    // Variadic in C; one pointer is passed like a fixed argument on x64 and arm64.
    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int InputOutputControl(int descriptor, nuint request, out int value);
}
