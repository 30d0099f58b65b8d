using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Processes;

/// <summary>A named pipe (fifo(7)) into which programs write lines for us. Has a thread that waits for them.</summary>
internal sealed class NamedPipe : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600
    private const int PipeType = 0x1000;
    private const int TypeBits = 0xF000;
    private const int StackBytes = 256 * 1024;
    private const int LongestLine = 256;
    private readonly Action<string> _onLine;
    private readonly int _pipe;
    private readonly int _stop;
    private int _stopped;

    /// <summary>Makes the pipe, which nobody but our user can open, and listens.</summary>
    /// <param name="path">Absolute path; nothing may be there.</param>
    /// <param name="onLine">Hears each line, on the thread of the pipe; must return soon and not throw.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public NamedPipe(string path, Action<string> onLine)
    {
        _onLine = onLine;
        if (ProcessCalls.MakePipe(path, OwnerOnly) < 0) throw Failure(path);

        // Opened for both directions it never comes to an end when a writer leaves.
        _pipe = ProcessCalls.Open(path, ProcessCalls.ReadWrite | ProcessCalls.NonBlocking | ProcessCalls.CloseOnExec);
        if (_pipe < 0) throw Failure(path);
        _stop = ProcessCalls.EventFd(0, ProcessCalls.CloseOnExec);
        if (_stop < 0)
        {
            var failure = Failure(path);
            _ = ProcessCalls.Close(_pipe);
            throw failure;
        }

        new Thread(Listen, StackBytes) { IsBackground = true, Name = "named pipe" }.Start();
    }

    /// <summary>Writes bytes into a named pipe that somebody reads. Never waits.</summary>
    /// <returns><see langword="false"/> when nobody reads, there is no room, or what is there is no pipe of our user.</returns>
    public static unsafe bool TryWrite(string path, ReadOnlySpan<byte> bytes)
    {
        int pipe = ProcessCalls.Open(path, ProcessCalls.WriteOnly | ProcessCalls.NonBlocking | ProcessCalls.CloseOnExec);
        if (pipe < 0) return false;
        try
        {
            ProcessCalls.FileStatus status;
            if (ProcessCalls.Status(pipe, "", ProcessCalls.EmptyPath, ProcessCalls.TypeModeAndOwner, &status) < 0) return false;
            if ((status.Mode & TypeBits) != PipeType || status.Owner != ProcessCalls.EffectiveUser()) return false;
            fixed (byte* start = bytes) return ProcessCalls.Write(pipe, start, (nuint)bytes.Length) == bytes.Length;
        }
        finally
        {
            _ = ProcessCalls.Close(pipe);
        }
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        ulong one = 1;
        _ = ProcessCalls.Write(_stop, (byte*)&one, sizeof(ulong));
    }

    private unsafe void Listen()
    {
        var entries = stackalloc ProcessCalls.PollEntry[2];
        byte* buffer = stackalloc byte[LongestLine];
        var line = new StringBuilder();
        while (true)
        {
            entries[0] = new() { Descriptor = _pipe, Events = ProcessCalls.PollIn };
            entries[1] = new() { Descriptor = _stop, Events = ProcessCalls.PollIn };
            if (ProcessCalls.Poll(entries, 2, -1) < 0 && Marshal.GetLastPInvokeError() != ProcessCalls.Interrupted) break;
            if (entries[1].Returned != 0) break;
            if (entries[0].Returned == 0) continue;
            nint count = ProcessCalls.Read(_pipe, buffer, LongestLine);
            for (nint at = 0; at < count; at++)
            {
                if (buffer[at] != '\n')
                {
                    if (line.Length < LongestLine) line.Append((char)buffer[at]);
                    continue;
                }

                _onLine(line.ToString());
                line.Clear();
            }
        }

        _ = ProcessCalls.Close(_pipe);
        _ = ProcessCalls.Close(_stop);
    }

    private static IOException Failure(string path) => new($"the pipe {path} cannot be made: {ChildSpawn.Reason(Marshal.GetLastPInvokeError())}");
}
