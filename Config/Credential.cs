namespace Gateway.Config;

/// <summary>How a credential is kept valid.</summary>
internal enum LoginKind
{
    /// <summary>It is a key as it stands.</summary>
    Key,

    /// <summary>A token of Anthropic's, renewed with its refresh token.</summary>
    Anthropic,

    /// <summary>A token of the ChatGPT login, renewed with its refresh token.</summary>
    Codex,

    /// <summary>A login to the Nous Portal: its token is the key, or buys one.</summary>
    Nous,

    /// <summary>A token of the Qwen login, renewed with its refresh token.</summary>
    Qwen,

    /// <summary>A GitHub token, which buys keys that last minutes.</summary>
    Copilot,
}

/// <summary>One of the credentials that a provider may be asked with (CONFIG.md 4.3, STATE.md 5). It never leaves the process except in a
/// request header and in the file it came from.</summary>
/// <param name="Key">What is shown to the provider.</param>
/// <param name="Source">Where it comes from, in the words of auth.json: <c>env:NAME</c>, <c>manual</c>, <c>device_code</c>, <c>claude_code</c>, …</param>
internal sealed record Credential(string Key, string Source)
{
    /// <summary>Its id in the pool of auth.json; null when it is not stored there.</summary>
    public string? Id { get; init; }

    /// <summary>The endpoint it belongs to; null for the provider's usual one.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>How it is kept valid.</summary>
    public LoginKind Login { get; init; }

    /// <summary>When it ends; null when nobody says.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Until when it rests because it is used up; null when it does not.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>The place in the pool: lower ones are used first.</summary>
    public int Priority { get; init; }

    /// <summary>How often it was taken, as far as anybody counted.</summary>
    public long Uses { get; init; }

    /// <summary>Whether its pool goes by how often each was taken.</summary>
    public bool IsCounted { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Source;
}
