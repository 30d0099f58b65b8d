using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>What a child gets as standard input. Never the gateway's own: that is the protocol.</summary>
internal static class ChildInput
{
    /// <summary>A descriptor from which the bytes and then the end of file can be read: /dev/null, or a file in memory,
    /// which unlike a pipe takes any amount at once and needs nobody to feed it. -1 with the error set when there is none.</summary>
    public static unsafe int Open(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* name = bytes.IsEmpty ? "/dev/null\0"u8 : "child-input\0"u8)
        {
            if (bytes.IsEmpty) return ProcessCalls.Open(name, ProcessCalls.CloseOnExec);

            var file = ProcessCalls.MemoryFile(name, ProcessCalls.MemfdCloseOnExec);
            if (file < 0) return file;
            if (WriteAll(file, bytes) && ProcessCalls.Seek(file, 0, 0) == 0) return file;

            var error = Marshal.GetLastPInvokeError();
            _ = ProcessCalls.Close(file);
            Marshal.SetLastPInvokeError(error);
            return -1;
        }
    }

    private static unsafe bool WriteAll(int file, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                var written = ProcessCalls.Write(file, start, (nuint)bytes.Length);
                if (written < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted) continue;
                if (written <= 0) return false;
                bytes = bytes[(int)written..];
            }
        }

        return true;
    }
}
