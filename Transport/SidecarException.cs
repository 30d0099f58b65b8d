namespace Gateway.Transport;

/// <summary>There is no connection to the sidecar's server, or no longer.</summary>
/// <param name="reason">Why, in a few words without any secret.</param>
/// <param name="pointless">Whether the server refuses us in a way that another attempt will not change.</param>
internal sealed class SidecarException(string reason, bool pointless = false) : Exception(reason)
{
    /// <summary>Whether another attempt is pointless.</summary>
    public bool Pointless { get; } = pointless;
}
