namespace Gateway.Tools;

/// <summary>The user's (or the configuration's) decision on one dangerous command (WIRE 12.3).</summary>
internal enum ApprovalChoice
{
    /// <summary>Do not run it. Also what an unknown answer means.</summary>
    Deny,

    /// <summary>Run it this time.</summary>
    Once,

    /// <summary>Run it and do not ask again for these keys in this session.</summary>
    Session,

    /// <summary>Run it and never ask again for these keys.</summary>
    Always,

    /// <summary>Nobody answered in time; not run.</summary>
    TimedOut,
}

/// <summary>A command that needs the user's word.</summary>
/// <param name="Command">The full command, as it will run.</param>
/// <param name="PatternKeys">Keys an approval is remembered under (descriptions, AGENT.md 8.2); at least one.</param>
/// <param name="Description">What is dangerous about it, descriptions joined by "; ".</param>
internal sealed record ApprovalRequest(string Command, IReadOnlyList<string> PatternKeys, string Description)
{
    /// <summary>Those of the keys that may be remembered for good; the others are for the session at most (WIRE 12.3). Default: all.</summary>
    public IReadOnlyList<string> PermanentKeys { get; init; } = PatternKeys;
}

/// <summary>Puts dangerous commands of one session to its user, one at a time, and remembers what was granted.</summary>
internal interface IApprovals
{
    /// <summary>Whether every command but the hardline ones runs unasked (yolo, approvals.mode off).</summary>
    bool AllowsEverything { get; }

    /// <summary>Whether a model is asked before the user (approvals.mode smart).</summary>
    bool AsksModelFirst => false;

    /// <summary>Remembers keys for the session, without a question.</summary>
    void Grant(IReadOnlyList<string> patternKeys)
    {
    }

    /// <summary>Whether the user has granted this key for the session or for good.</summary>
    bool IsGranted(string patternKey);

    /// <summary>Asks and waits for the answer; grants of <see cref="ApprovalChoice.Session"/> and
    /// <see cref="ApprovalChoice.Always"/> are remembered before it returns.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted while the question was open.</exception>
    Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken);
}
