namespace Gateway.Tools.Approvals;

/// <summary>Leaves a scanner alone for a while that does not answer again and again: otherwise every command would wait for it. Other settings
/// begin anew. Thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class TirithPause(TimeProvider time)
{
    /// <summary>How often in a row it may stay silent.</summary>
    public const int MostSilences = 3;

    private readonly Lock _gate = new();
    private TirithSettings? _settings;
    private int _silences;
    private long _since;

    /// <summary>How long it is left alone.</summary>
    public static TimeSpan Length => TimeSpan.FromMinutes(5);

    /// <summary>Whether it is left alone now.</summary>
    public bool IsOn(TirithSettings settings)
    {
        lock (_gate) return _settings == settings && _silences >= MostSilences && time.GetElapsedTime(_since) < Length;
    }

    /// <summary>It did not answer in time. After a pause, one such time begins the next.</summary>
    /// <returns>Whether it is left alone from now on.</returns>
    public bool Silent(TirithSettings settings)
    {
        lock (_gate)
        {
            if (_settings != settings) _silences = 0;
            _settings = settings;
            _since = time.GetTimestamp();
            return ++_silences >= MostSilences;
        }
    }

    /// <summary>It answered, or failed in another way.</summary>
    public void Answered()
    {
        lock (_gate) _silences = 0;
    }
}
