namespace Gateway.Transport;

/// <summary>Somebody who gets a copy of every frame that went to the client, as far as they can keep up.</summary>
internal interface IFrameTap
{
    /// <summary>Takes a copy of a frame or drops it; never waits, never throws for the peer's sake. Safe from any thread.</summary>
    /// <param name="frame">The frame, newline included.</param>
    void Offer(ReadOnlySpan<byte> frame);

    /// <summary>Takes no more frames and passes on those it holds, then lets go of its peer. Idempotent.</summary>
    /// <param name="limit">How long that may take; what is left then is dropped.</param>
    void Close(TimeSpan limit);
}
