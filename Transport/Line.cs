namespace Gateway.Transport;

/// <summary>Why the bytes of a line are missing.</summary>
internal enum LineFault
{
    /// <summary>They are not: the line is whole.</summary>
    None,

    /// <summary>The line is longer than <see cref="Line.Limit"/>.</summary>
    TooLong,

    /// <summary>There was no memory to hold the line.</summary>
    OutOfMemory,
}

/// <summary>One line from the client, without its newline, in a buffer that the taker gives back.</summary>
/// <param name="Buffer">Holds the bytes; empty when the line was skipped.</param>
/// <param name="Length">How many of them belong to the line.</param>
/// <param name="Fault">Why the line was skipped, if it was.</param>
/// <param name="Limit">For <see cref="LineFault.TooLong"/>: the longest line in bytes.</param>
/// <param name="Owner">Where the buffer goes back to; null when it need not.</param>
internal readonly record struct Line(byte[] Buffer, int Length, LineFault Fault = LineFault.None, int Limit = 0, LineBuffers? Owner = null)
{
    /// <summary>The bytes of the line.</summary>
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
}
