namespace Gateway.Transport;

/// <summary>Where the lines of one client come from.</summary>
internal interface ILineSource
{
    /// <summary>Whether the client has closed its end, although lines that it sent may still wait.</summary>
    bool PeerClosed { get; }

    /// <summary>Waits for the next line.</summary>
    /// <param name="line">The line; its bytes are valid until the next call.</param>
    /// <returns><see langword="false"/> when there will be none: the input ended, failed or was stopped.</returns>
    bool TryRead(out Line line);

    /// <summary>Waits for the source to be stopped.</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <returns>Whether it was stopped.</returns>
    bool WaitForStop(int milliseconds);
}
