namespace Gateway.Transport;

/// <summary>One peer that whole frames can be sent to (WIRE 5.1).</summary>
internal interface ITransport
{
    /// <summary>Sends one frame, its newline included, all or nothing. Safe from any thread; frames never interleave.</summary>
    /// <returns><see langword="false"/> only when the peer is gone.</returns>
    /// <exception cref="IOException">The host failed (disk full, I/O error); not the peer's doing.</exception>
    bool Write(ReadOnlySpan<byte> frame);

    /// <summary>Stops sending. Idempotent.</summary>
    void Close();
}
