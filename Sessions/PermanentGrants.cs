namespace Gateway.Sessions;

/// <summary>Approvals that outlive the process: <c>command_allowlist</c> of config.yaml (WIRE 12.3).</summary>
/// <param name="Stored">Reads the stored keys; removing one from the file revokes it at once.</param>
/// <param name="Store">Adds keys to the file; throws <see cref="IOException"/> with a reason when it cannot.</param>
/// <param name="Covers">Whether stored keys cover a key, older spellings included.</param>
internal sealed record PermanentGrants(
    Func<IReadOnlyList<string>> Stored,
    Action<IReadOnlyList<string>> Store,
    Func<string, IReadOnlyList<string>, bool> Covers);
