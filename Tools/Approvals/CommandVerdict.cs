namespace Gateway.Tools.Approvals;

/// <summary>What the patterns say about a command.</summary>
/// <param name="Hardline">Description of the hardline rule it breaks; null: none. Such a command never runs.</param>
/// <param name="Findings">Keys (which are the descriptions) of the dangerous patterns it matches, the contract's first
/// match in front. Filled for hardline commands too.</param>
internal sealed record CommandVerdict(string? Hardline, IReadOnlyList<string> Findings)
{
    /// <summary>Whether no pattern matches.</summary>
    public bool IsSafe => Hardline is null && Findings.Count == 0;

    /// <summary>The one description to tell when a command is refused outright, as <c>shell.exec</c> does (WIRE 16.1): the
    /// first dangerous pattern, else the hardline rule; null when safe.</summary>
    public string? Reason => Findings.Count > 0 ? Findings[0] : Hardline;
}
