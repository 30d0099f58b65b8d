using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>Standard input of a child that somebody types into while it runs. Safe from any thread.</summary>
internal sealed class InputPipe : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int WouldBlock = 11;
    private readonly Lock _gate = new();
    private int _writing = -1;

    /// <summary>Makes the pipe.</summary>
    /// <returns>The reading end, for the child; -1 with the error set when there is none.</returns>
    public unsafe int Open()
    {
        var ends = stackalloc int[2];
        if (ProcessCalls.Pipe(ends, ProcessCalls.CloseOnExec) < 0) return -1;
        lock (_gate) _writing = ends[1];
        _ = ProcessCalls.SetFlags(ends[1], 4, NonBlocking);
        return ends[0];
    }

    /// <summary>Writes bytes. Never waits: what a child that does not read has no room for is not written.</summary>
    /// <returns>How many were written; -1 when nobody reads any more.</returns>
    public unsafe int Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_writing < 0) return -1;
            int done = 0;
            fixed (byte* start = bytes)
            {
                while (done < bytes.Length)
                {
                    nint count = ProcessCalls.Write(_writing, start + done, (nuint)(bytes.Length - done));
                    if (count < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted) continue;
                    if (count < 0) return Marshal.GetLastPInvokeError() == WouldBlock ? done : -1;
                    done += (int)count;
                }
            }

            return done;
        }
    }

    /// <summary>Ends the input: the child reads the end of file.</summary>
    /// <returns><see langword="false"/> when it had ended already.</returns>
    public bool Close()
    {
        lock (_gate)
        {
            if (_writing < 0) return false;
            _ = ProcessCalls.Close(_writing);
            _writing = -1;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();
}
