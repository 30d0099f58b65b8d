namespace Gateway.Tools;

/// <summary>What a tool may know and do of the session it runs for.</summary>
/// <param name="SessionKey">Stored key of the session (WIRE 7.1): approvals and background processes belong to it.</param>
/// <param name="WorkingDirectory">Absolute directory that the session started in.</param>
/// <param name="Approvals">Where a dangerous command is put to the user.</param>
internal sealed record ToolContext(string SessionKey, string WorkingDirectory, IApprovals Approvals)
{
    /// <summary>What the tools remember between calls of this conversation.</summary>
    public ToolState State { get; init; } = new(WorkingDirectory);

    /// <summary>Absolute directory that <c>~</c> stands for.</summary>
    public string UserHome { get; init; } = "/";

    /// <summary>Where the user can be asked; null where no user listens.</summary>
    public IUserQuestions? Questions { get; init; }

    /// <summary>Models for side tasks; null when there is none.</summary>
    public IAuxiliaryModel? Auxiliary { get; init; }

    /// <summary>The tools this turn may use, sorted by name; for tools that call others.</summary>
    public IReadOnlyList<ITool> Tools { get; init; } = [];

    /// <summary>Whether known secrets are masked in what tools answer (security.redact_secrets).</summary>
    public bool RedactsSecrets { get; init; } = true;

    /// <summary>Runs helpers; null where nothing may be delegated.</summary>
    public ISubagents? Subagents { get; init; }
}
