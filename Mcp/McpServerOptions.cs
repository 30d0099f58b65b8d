namespace Gateway.Mcp;

/// <summary>How a server may use the model (CONFIG.md 6, sampling).</summary>
internal sealed record McpSamplingOptions
{
    /// <summary>Whether it may.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The model it gets; null for the one of auxiliary.mcp, else the main one.</summary>
    public string? Model { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public int MostTokens { get; init; } = 4096;

    /// <summary>Limit of an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most requests in a minute.</summary>
    public int MostPerMinute { get; init; } = 10;

    /// <summary>Models that it may ask for by name; with none, its wishes are passed over.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>How often in a row the model may call the server's own tools before it has to answer in words; 0 for never.</summary>
    public int MostToolRounds { get; init; } = 5;

    /// <summary>What is noted in mcp-stderr.log: debug or info for every request, warning for refusals only.</summary>
    public string LogLevel { get; init; } = "info";
}

/// <summary>Whether and how a server may ask the user.</summary>
internal sealed record McpElicitationOptions
{
    /// <summary>Whether it may; off unless the user switches it on.</summary>
    public bool Enabled { get; init; }

    /// <summary>How long the user has for one form.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);
}

/// <summary>How one logs in to a server (CONFIG.md 6, oauth).</summary>
internal sealed record McpOAuthOptions
{
    /// <summary>Name of a client that the server knows already; null to register one.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret; null for none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What is asked for where the server does not say what there is, separated by spaces; null for nothing.</summary>
    public string? Scope { get; init; }

    /// <summary>Port on this machine that the browser comes back to; 0 for any that is free.</summary>
    public int RedirectPort { get; init; }

    /// <summary>Name that the server shows its user.</summary>
    public string ClientName { get; init; } = "Hermes Agent";

    /// <summary>How long the user has to log in.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);
}
