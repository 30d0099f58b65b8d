using System.Globalization;

namespace Gateway.Transport;

/// <summary>What the sidecar says about itself in the log: enough to find out why nothing arrives, little enough for a
/// server that is away for weeks. Called by one thread at a time.</summary>
/// <param name="write">Takes one line.</param>
/// <param name="time">Clock.</param>
internal sealed class SidecarNotes(Action<string> write, TimeProvider time)
{
    private static readonly TimeSpan DropInterval = TimeSpan.FromMinutes(1);

    private bool _lastWasConnected;
    private bool _silent;
    private long _dropsNoted;
    private long _dropsNotedAt;

    /// <summary>There is a connection.</summary>
    /// <param name="endpoint">Address without query and user.</param>
    public void Connected(string endpoint)
    {
        // A server that accepts and closes again and again is worth one line.
        if (!_lastWasConnected) write($"sidecar: connected to {endpoint}");
        _lastWasConnected = true;
    }

    /// <summary>A connection was established and held; whatever follows is news.</summary>
    public void Held() => _silent = false;

    /// <summary>An attempt failed or a connection was lost, and there will be another attempt.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="next">How long until the next attempt.</param>
    /// <param name="last">Whether this goes on as it is: later ones are not noted until a connection holds.</param>
    public void Failed(string what, string reason, TimeSpan next, bool last)
    {
        if (_silent) return;
        _silent = last;
        _lastWasConnected = false;
        string more = last ? "; further ones are not noted" : "";
        write(string.Create(CultureInfo.InvariantCulture, $"sidecar: {what} ({reason}), next attempt in {next.TotalSeconds:0.#} s{more}"));
    }

    /// <summary>There will be no further attempt.</summary>
    public void GaveUp(string reason) => write($"sidecar: {reason}; no frames go there");

    /// <summary>Frames were dropped.</summary>
    /// <param name="total">How many since the start.</param>
    /// <param name="atOnce">Notes it now, where otherwise a minute has to lie between two such notes.</param>
    public void Dropped(long total, bool atOnce)
    {
        if (total == _dropsNoted) return;
        if (!atOnce && _dropsNoted > 0 && time.GetElapsedTime(_dropsNotedAt) < DropInterval) return;
        long count = total - _dropsNoted;
        _dropsNoted = total;
        _dropsNotedAt = time.GetTimestamp();
        write(string.Create(CultureInfo.InvariantCulture, $"sidecar: {count} {(count == 1 ? "frame was" : "frames were")} dropped"));
    }
}
