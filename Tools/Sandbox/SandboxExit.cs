namespace Gateway.Tools.Sandbox;

/// <summary>The way out of the sandbox: the user's word, also where commands run unasked otherwise.</summary>
internal static class SandboxExit
{
    /// <summary>What an answer for the session is remembered under; never for good.</summary>
    public const string Key = "run outside the sandbox";

    /// <summary>Asks whether a command may run unconfined.</summary>
    /// <returns>Why it may not; null when it may.</returns>
    /// <exception cref="OperationCanceledException">The turn was interrupted while the question was open.</exception>
    public static async Task<string?> RefusalAsync(string command, IApprovals approvals, CancellationToken cancellationToken)
    {
        if (approvals.IsGranted(Key)) return null;
        return await approvals.AskAsync(new ApprovalRequest(command, [Key], Key) { PermanentKeys = [] }, cancellationToken) switch
        {
            ApprovalChoice.Once or ApprovalChoice.Session or ApprovalChoice.Always => null,
            ApprovalChoice.TimedOut => "BLOCKED: nobody answered whether the command may run outside the sandbox. Do NOT retry this command.",
            _ => "BLOCKED: the user does not want the command to run outside the sandbox. Do NOT retry it there.",
        };
    }
}
