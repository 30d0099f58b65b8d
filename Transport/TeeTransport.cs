using System.Diagnostics;

namespace Gateway.Transport;

/// <summary>One client and those who listen in. The client comes first and alone decides result, room and errors;
/// listeners get what the client took, in the same order, best effort (WIRE 5.3).</summary>
internal sealed class TeeTransport : ITransport
{
    private readonly Lock _order = new();
    private readonly ITransport _primary;
    private readonly IFrameTap[] _taps;

    /// <summary>Creates a tee, which owns what it joins.</summary>
    /// <param name="primary">The client.</param>
    /// <param name="taps">Who listens in.</param>
    public TeeTransport(ITransport primary, params IFrameTap[] taps)
    {
        _primary = primary;
        _taps = taps;
    }

    /// <inheritdoc/>
    public bool Crowded => _primary.Crowded;

    /// <inheritdoc/>
    public bool Write(in OutgoingFrame frame)
    {
        // Frames of two threads must not change places between the client and the listeners.
        lock (_order)
        {
            if (!_primary.Write(frame)) return false;
            foreach (var tap in _taps)
            {
                try
                {
                    tap.Offer(frame.Bytes);
                }
                catch (Exception)
                {
                    // A listener's trouble is its own; the client has the frame.
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => _primary.RoomAsync(cancellationToken);

    /// <summary>Closes the client's side, then gives the listeners what is left of the time.</summary>
    /// <inheritdoc/>
    public bool Close(TimeSpan patience)
    {
        // No lock: a writer may be held up inside, and closing is what frees it.
        long start = Stopwatch.GetTimestamp();
        bool sent = _primary.Close(patience);
        foreach (var tap in _taps)
        {
            var left = patience - Stopwatch.GetElapsedTime(start);
            try
            {
                tap.Close(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (Exception)
            {
                // Whether a listener leaves in good order does not change how the client was served.
            }
        }

        return sent;
    }
}
