namespace Gateway.Tools.Approvals;

/// <summary>Whether a command may run.</summary>
/// <param name="Refusal">What the model is told when it may not; null: it may.</param>
/// <param name="Note">For the result of an allowed command that the user was asked about (<c>approval</c>); else null.</param>
internal sealed record ApprovalDecision(string? Refusal, string? Note)
{
    /// <summary>Whether the command may run.</summary>
    public bool IsAllowed => Refusal is null;
}

/// <summary>Decides about commands of the agent (AGENT.md 8.1). Thread-safe.</summary>
/// <remarks>Two deliberate differences. A command may match several patterns; all that are not granted yet are put to the
/// user, where the original stops at the first, so that a grant for one danger does not let another one pass. And what
/// approvals.mode smart would put to a model is put to the user.</remarks>
internal sealed class ApprovalGate(DangerousCommands patterns)
{
    private static readonly ApprovalDecision Allowed = new(null, null);

    /// <summary>Decides, asking the user if need be.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted while the question was open.</exception>
    public async Task<ApprovalDecision> CheckAsync(string command, IApprovals approvals, CancellationToken cancellationToken)
    {
        var verdict = patterns.Check(command);
        if (verdict.Hardline is { } rule)
        {
            return new ApprovalDecision(
                $"BLOCKED (hardline): {rule}. This command is on the unconditional blocklist and cannot be executed via the agent — not even with --yolo, /yolo, approvals.mode=off, or cron approve mode. If you genuinely need to run it, run it yourself in a terminal outside the agent.",
                null);
        }

        if (approvals.AllowsEverything) return Allowed;

        string[] open = [.. verdict.Findings.Where(key => !approvals.IsGranted(key))];
        if (open.Length == 0) return Allowed;

        var description = string.Join("; ", open);
        var choice = await approvals.AskAsync(new ApprovalRequest(command, open, description), cancellationToken);
        return choice switch
        {
            ApprovalChoice.Once or ApprovalChoice.Session or ApprovalChoice.Always =>
                new ApprovalDecision(null, $"Command required approval ({description}) and was approved by the user."),
            ApprovalChoice.TimedOut => new ApprovalDecision("BLOCKED: Command timed out. Do NOT retry this command.", null),
            _ => new ApprovalDecision("BLOCKED: Command denied by user. Do NOT retry this command.", null),
        };
    }
}
