using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Processes;

/// <summary>The reading end of one output stream of a child. Bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class ChildStream(OutputLimit limit, ChildOutputHandler? onOutput)
{
    private readonly OutputCapture _capture = new(limit);
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _text = [];

    /// <summary>The pipe, or -1 when there is none (any more).</summary>
    public int Descriptor { get; set; } = -1;

    /// <summary>Whether output may still come.</summary>
    public bool IsOpen => Descriptor >= 0;

    /// <summary>Takes what the pipe holds, at most one buffer full; closes at the end of file. Call only when poll says
    /// that there is something: the descriptor blocks.</summary>
    public unsafe void ReadAvailable(byte[] buffer)
    {
        nint count;
        fixed (byte* start = buffer)
        {
            count = ProcessCalls.Read(Descriptor, start, (nuint)buffer.Length);
        }

        if (count < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted) return;
        if (count <= 0)
        {
            Close();
            return;
        }

        Take(buffer.AsSpan(0, (int)count), flush: false);
    }

    /// <summary>Closes the pipe and completes the text; idempotent.</summary>
    public void Close()
    {
        if (!IsOpen) return;
        _ = ProcessCalls.Close(Descriptor);
        Descriptor = -1;
        Take([], flush: true);
    }

    /// <summary>What was printed.</summary>
    public CapturedText ToCaptured() => _capture.ToCaptured();

    private void Take(ReadOnlySpan<byte> bytes, bool flush)
    {
        var needed = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_text.Length < needed) _text = new char[needed];
        var count = _decoder.GetChars(bytes, _text, flush);
        if (count == 0) return;
        _capture.Append(_text.AsSpan(0, count));
        onOutput?.Invoke(_text.AsSpan(0, count));
    }
}
