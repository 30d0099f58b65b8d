namespace Gateway.Tools.Terminal;

/// <summary>Limits of the terminal tool.</summary>
internal sealed record TerminalSettings
{
    /// <summary>Seconds that a command may take when the call names none (<c>terminal.timeout</c>, TERMINAL_TIMEOUT).
    /// Default 180.</summary>
    public int TimeoutSeconds { get; init; } = 180;

    /// <summary>Most seconds that a call may ask for (TERMINAL_MAX_FOREGROUND_TIMEOUT). Default 600. The default timeout may
    /// be longer.</summary>
    public int MaxTimeoutSeconds { get; init; } = 600;

    /// <summary>Most characters of output in a result (<c>tool_output.max_bytes</c>). Default 50 000.</summary>
    public int MaxOutputChars { get; init; } = 50_000;

    /// <summary>Credentials to give to commands all the same (<c>terminal.env_passthrough</c>). Default none.</summary>
    public IReadOnlyCollection<string> EnvironmentPassThrough { get; init; } = [];
}
