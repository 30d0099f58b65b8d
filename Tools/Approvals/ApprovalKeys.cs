namespace Gateway.Tools.Approvals;

/// <summary>Reads lists of granted keys (<c>command_allowlist</c>).</summary>
internal static class ApprovalKeys
{
    /// <summary>Whether the list grants the key, under its own name or one that earlier versions stored. Earlier names are
    /// not unique (several rules were called <c>find</c>); such an entry grants them all, as it always did.</summary>
    public static bool IsGranted(string key, IEnumerable<string> allowlist)
    {
        HashSet<string> accepted = [key, .. CommandRules.Dangerous.Where(rule => rule.Key == key).Select(rule => rule.LegacyKey)];
        return allowlist.Any(accepted.Contains);
    }
}
