namespace Gateway.Agent.Models;

/// <summary>What kind of failure a model call ended with (AGENT.md 5.1).</summary>
internal enum ModelErrorKind
{
    /// <summary>Nothing we know; retried.</summary>
    Unknown,

    /// <summary>Too many requests; retried after the time the provider names.</summary>
    RateLimit,

    /// <summary>The provider is overloaded or broken; retried.</summary>
    Server,

    /// <summary>The credential was refused.</summary>
    Auth,

    /// <summary>No money or quota left.</summary>
    Billing,

    /// <summary>The conversation does not fit the model.</summary>
    ContextOverflow,

    /// <summary>The account's plan does not take conversations as long as the model would; a shorter one passes.</summary>
    LongContextTier,

    /// <summary>The request has too many bytes.</summary>
    Payload,

    /// <summary>The provider takes no image of this size.</summary>
    ImageTooLarge,

    /// <summary>The endpoint does not have this model.</summary>
    ModelNotFound,

    /// <summary>The provider refuses the request as it is.</summary>
    Format,

    /// <summary>The user's own rules about data leave no provider over; another model must not get the request either.</summary>
    PolicyBlocked,

    /// <summary>A signed or encrypted reasoning block was refused; retried once without them.</summary>
    ThinkingSignature,

    /// <summary>No connection, a connection that broke, or silence; retried.</summary>
    Timeout,

    /// <summary>An answer without content or not in the format; retried after a longer wait.</summary>
    Malformed,

    /// <summary>An answer larger than this process takes; the next attempt would bring the same.</summary>
    Oversized,

    /// <summary>This machine cannot make the call at all (no TLS library, an unusable address).</summary>
    Local,
}

/// <summary>A failed model call, in words that may be shown: no secrets, no framework texts.</summary>
/// <param name="Kind">What kind of failure.</param>
/// <param name="Message">What happened, at most 500 characters.</param>
/// <param name="Status">HTTP status; null when it did not come to one.</param>
/// <param name="RetryAfter">How long the provider asks to wait, at most 120 s; null when it does not say.</param>
internal sealed record ModelError(ModelErrorKind Kind, string Message, int? Status = null, TimeSpan? RetryAfter = null)
{
    /// <summary>One line for statuses and answers.</summary>
    public string Summary => Status is { } status ? $"HTTP {status}: {Message}" : Message;

    /// <summary>Whether the refusal says so little that a conversation which has grown too large may be its reason.</summary>
    public bool IsVague { get; init; }

    /// <summary>Whether the connection broke off, which can be the answer to a conversation that has grown too large.</summary>
    public bool Disconnected { get; init; }

    /// <summary>Whether it broke off after the answer had begun to arrive.</summary>
    public bool StreamBroke { get; init; }

    /// <summary>Whether the same request would pass if it were smaller.</summary>
    public bool IsTooLarge => Kind is ModelErrorKind.ContextOverflow or ModelErrorKind.LongContextTier or ModelErrorKind.Payload;

    /// <summary>Whether another attempt can help.</summary>
    public bool Retryable => Kind is ModelErrorKind.Unknown or ModelErrorKind.RateLimit or ModelErrorKind.Server
        or ModelErrorKind.Timeout or ModelErrorKind.Malformed;
}

/// <summary>Carries a <see cref="ModelError"/> to whoever decides about the next attempt.</summary>
internal sealed class ModelException(ModelError error) : Exception(error.Message)
{
    /// <summary>What happened.</summary>
    public ModelError Error { get; } = error;
}
