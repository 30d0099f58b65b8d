namespace Gateway.Transport;

/// <summary>One line from the client, without its newline, in a pooled array that the taker gives back.</summary>
/// <param name="Buffer">Holds the bytes; rented from the shared pool.</param>
/// <param name="Length">How many of them belong to the line.</param>
/// <param name="TooLong">The line exceeded the limit: its bytes were dropped, the buffer is empty.</param>
internal readonly record struct Line(byte[] Buffer, int Length, bool TooLong = false)
{
    /// <summary>The bytes of the line.</summary>
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
}
