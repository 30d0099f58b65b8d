namespace Gateway.Transport;

/// <summary>One peer that whole frames can be sent to (WIRE 5.1).</summary>
internal interface ITransport
{
    /// <summary>Whether so much waits to be sent that no further requests should be taken.</summary>
    bool Crowded { get; }

    /// <summary>Takes one frame, all or nothing, and never waits for the peer. Safe from any thread; frames never interleave.</summary>
    /// <returns><see langword="false"/> only when nothing more can be sent.</returns>
    bool Write(in OutgoingFrame frame);

    /// <summary>Completes when whoever produces frames in quantity may go on: at once while little waits to be sent, else when the
    /// peer has taken most of it, when nothing more can be sent, or when cancelled. Never throws.</summary>
    ValueTask RoomAsync(CancellationToken cancellationToken);

    /// <summary>Sends what waits as long as the peer goes on taking it, then accepts nothing more. Idempotent.</summary>
    /// <param name="patience">How long that may take.</param>
    /// <returns>Whether everything went out.</returns>
    bool Close(TimeSpan patience);
}
