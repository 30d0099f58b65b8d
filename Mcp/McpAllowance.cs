namespace Gateway.Mcp;

/// <summary>So much at once, and so much a second after that. Safe from any thread.</summary>
/// <param name="atOnce">How much may come at once.</param>
/// <param name="perSecond">How much comes back in a second.</param>
/// <param name="time">The clock.</param>
internal sealed class McpAllowance(double atOnce, double perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _spent;
    private long? _seen;

    /// <summary>Takes some of it, even what is not there.</summary>
    /// <returns>False when there was not that much left.</returns>
    public bool TryTake(double amount)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _spent = Math.Max(0, _spent - (time.GetElapsedTime(_seen ?? now, now).TotalSeconds * perSecond)) + amount;
            _seen = now;
            return _spent <= atOnce;
        }
    }
}
