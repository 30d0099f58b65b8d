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

/// <summary>One line from the client, without its newline. Its bytes are only valid until the next line is read.</summary>
/// <param name="Memory">The bytes; empty when the line was skipped.</param>
/// <param name="Fault">Why the line was skipped, if it was.</param>
/// <param name="Limit">For <see cref="LineFault.TooLong"/>: the longest line in bytes.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Memory, LineFault Fault = LineFault.None, int Limit = 0)
{
    /// <summary>The bytes of the line.</summary>
    public ReadOnlySpan<byte> Bytes => Memory.Span;
}
