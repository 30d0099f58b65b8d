namespace Gateway.Tools;

/// <summary>What a tool may know and do of the session it runs for.</summary>
/// <param name="SessionKey">Stored key of the session (WIRE 7.1): approvals belong to it.</param>
/// <param name="WorkingDirectory">Absolute directory that the session started in.</param>
/// <param name="Approvals">Where a dangerous command is put to the user.</param>
internal sealed record ToolContext(string SessionKey, string WorkingDirectory, IApprovals Approvals)
{
    /// <summary>What the tools remember between calls of this conversation.</summary>
    public ToolState State { get; init; } = new(WorkingDirectory);

    /// <summary>Absolute directory that <c>~</c> stands for.</summary>
    public string UserHome { get; init; } = "/";

    /// <summary>How diffs look that the client shows.</summary>
    public Files.DiffColours DiffColours { get; init; } = Files.DiffColours.Default;

    /// <summary>Where the user can be asked; null where no user listens.</summary>
    public IUserQuestions? Questions { get; init; }

    /// <summary>Models for side tasks; null when there is none.</summary>
    public IAuxiliaryModel? Auxiliary { get; init; }

    /// <summary>The tools this turn may use, sorted by name; for tools that call others.</summary>
    public IReadOnlyList<ITool> Tools { get; init; } = [];

    /// <summary>Whether known secrets are masked in what tools answer (security.redact_secrets).</summary>
    public bool RedactsSecrets { get; init; } = true;

    /// <summary>Values of secrets that the process was given, longest first; masked wherever they stand in a result.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>All <see cref="Secrets"/>, with those that the user typed in during this conversation.</summary>
    public IReadOnlyList<string> KnownSecrets()
    {
        string[] typed = [.. State.Skills.Variables.Values, .. State.SudoPassword is { } password ? [password] : Array.Empty<string>()];
        return typed.Length == 0 ? Secrets : Config.KnownSecrets.InOrder(Secrets.Concat(typed));
    }

    /// <summary>Runs helpers; null where nothing may be delegated.</summary>
    public ISubagents? Subagents { get; init; }
}
