namespace Gateway.Tools.Approvals;

/// <summary>Looks at commands beside the patterns. Thread-safe.</summary>
internal interface ICommandScanner
{
    /// <summary>Looks at a command; says nothing where there is no scanner.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted meanwhile.</exception>
    Task<ScanReport> ScanAsync(string command, CancellationToken cancellationToken);
}

/// <summary>One thing that a scanner found in a command.</summary>
/// <param name="Key">What an approval is remembered under, for the session at most.</param>
/// <param name="Text">What it is, for people; null when the scanner does not say.</param>
internal sealed record ScanFinding(string Key, string? Text);

/// <summary>What a scanner says of a command.</summary>
/// <param name="Findings">What it found; empty: nothing speaks against the command.</param>
/// <param name="Summary">What is said where no finding has a text.</param>
internal sealed record ScanReport(IReadOnlyList<ScanFinding> Findings, string Summary)
{
    private const int MostTexts = 10;

    /// <summary>Nothing speaks against the command.</summary>
    public static ScanReport Clean { get; } = new([], "");

    /// <summary>Describes findings for the user (WIRE 12.12).</summary>
    /// <param name="findings">Those that are still open.</param>
    public string Describe(IEnumerable<ScanFinding> findings)
    {
        string[] texts = [.. findings.Select(finding => finding.Text).OfType<string>().Distinct()];
        if (texts.Length == 0) return $"Security scan: {Summary}";
        string more = texts.Length > MostTexts ? $"; and {texts.Length - MostTexts} more" : "";
        return $"Security scan — {string.Join("; ", texts.Take(MostTexts))}{more}";
    }
}
