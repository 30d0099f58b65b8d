using System.Collections.Immutable;
using System.Net.Http.Headers;

namespace Gateway.Agent.Models;

/// <summary>Sorts failures into <see cref="ModelErrorKind"/> by status, code and words (AGENT.md 5.1).</summary>
internal static class ErrorClassifier
{
    private const double LargeShare = 0.4;
    private const int LargeTokens = 80_000;
    private const int LargeMessages = 80;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(120);

    private static readonly ImmutableArray<string> BillingWords =
    [
        "insufficient credits", "insufficient_quota", "insufficient balance", "credit balance", "credits have been exhausted",
        "top up your credits", "payment required", "billing hard limit", "exceeded your current quota", "account is deactivated",
        "plan does not include",
    ];

    private static readonly ImmutableArray<string> RateWords =
    [
        "rate limit", "rate_limit", "too many requests", "throttled", "requests per minute", "tokens per minute", "requests per day",
        "try again in", "please retry after", "resource_exhausted", "rate increased too quickly", "throttlingexception",
        "too many concurrent requests", "servicequotaexceededexception",
    ];

    private static readonly ImmutableArray<string> UsageWords = ["usage limit", "quota", "limit exceeded", "key limit exceeded"];

    private static readonly ImmutableArray<string> TransientWords =
        ["try again", "retry", "resets at", "reset in", "wait", "requests remaining", "periodic", "window"];

    private static readonly ImmutableArray<string> ContextWords =
    [
        "context length", "context size", "maximum context", "token limit", "too many tokens", "reduce the length", "exceeds the limit",
        "context window", "prompt is too long", "prompt exceeds max length", "max_tokens", "maximum number of tokens", "max_model_len",
        "prompt length", "input is too long", "maximum model length", "truncating input", "slot context", "n_ctx_slot", "超过最大长度",
        "上下文长度", "max input token", "input token",
    ];

    private static readonly ImmutableArray<string> PayloadWords = ["request entity too large", "payload too large", "error code: 413"];

    private static readonly ImmutableArray<string> ImageWords = ["image exceeds", "image too large", "image_too_large", "image size exceeds"];

    private static readonly ImmutableArray<string> ModelWords =
    [
        "is not a valid model", "invalid model", "model not found", "model_not_found", "does not exist", "no such model", "unknown model",
        "unsupported model",
    ];

    private static readonly ImmutableArray<string> PolicyWords =
    [
        "no endpoints available matching your guardrail", "no endpoints available matching your data policy",
        "no endpoints found matching your data policy",
    ];

    private static readonly ImmutableArray<string> AuthWords =
    [
        "invalid api key", "invalid_api_key", "authentication", "unauthorized", "forbidden", "invalid token", "token expired",
        "token revoked", "access denied",
    ];

    private static readonly ImmutableArray<string> TlsWords =
    [
        "bad record mac", "bad_record_mac", "ssl alert", "ssl_alert", "tls alert", "tls_alert", "ssl handshake failure", "ssl_handshake_failure",
        "tlsv1 alert", "tlsv1_alert", "sslv3 alert", "sslv3_alert", "[ssl:",
    ];

    private static readonly ImmutableArray<string> DisconnectWords =
    [
        "server disconnected", "peer closed connection", "connection reset by peer", "connection was closed", "network connection lost",
        "unexpected eof", "incomplete chunked read",
    ];

    private static readonly ImmutableArray<string> ServerWords = ["overloaded", "internal server error", "server_error", "api_error", "service unavailable"];

    /// <summary>The kind of a failure.</summary>
    /// <param name="status">HTTP status; null for errors inside a stream.</param>
    /// <param name="code">The provider's error code or type; "" when there is none.</param>
    /// <param name="message">The provider's message.</param>
    public static ModelErrorKind Classify(int? status, string code, string message)
    {
        var words = message.ToLowerInvariant();
        code = code.ToLowerInvariant();
        if (RefusesReasoning(status, code, words))
        {
            return ModelErrorKind.ThinkingSignature;
        }

        if (status == 429 && words.Contains("extra usage", StringComparison.Ordinal) && words.Contains("long context", StringComparison.Ordinal))
        {
            return ModelErrorKind.LongContextTier;
        }

        return status switch
        {
            401 => ModelErrorKind.Auth,
            402 => Has(words, UsageWords) && Has(words, TransientWords) ? ModelErrorKind.RateLimit : ModelErrorKind.Billing,
            403 => words.Contains("key limit exceeded", StringComparison.Ordinal) || words.Contains("spending limit", StringComparison.Ordinal)
                ? ModelErrorKind.Billing
                : ModelErrorKind.Auth,
            404 => Has(words, PolicyWords) ? ModelErrorKind.PolicyBlocked
                : Has(words, ModelWords) || ByCode(code) == ModelErrorKind.ModelNotFound ? ModelErrorKind.ModelNotFound
                : ModelErrorKind.Unknown,
            413 => ModelErrorKind.Payload,
            429 => ModelErrorKind.RateLimit,
            400 => BadRequest(code, words),
            >= 500 => ModelErrorKind.Server,
            >= 300 => ModelErrorKind.Format,
            _ => ByCode(code) ?? ByWords(words),
        };
    }

    /// <summary>Whether a message tells of a connection that broke off, and not of a TLS alert, which has nothing to do with the request's size.</summary>
    public static bool IsDisconnect(string message)
    {
        var words = message.ToLowerInvariant();
        return Has(words, DisconnectWords) && !Has(words, TlsWords);
    }

    /// <summary>How long the provider asks to wait: a number of seconds or a date, at most 120 s; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers, TimeProvider time)
    {
        TimeSpan? wait = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
        return wait switch
        {
            null => null,
            { Ticks: < 0 } => TimeSpan.Zero,
            { } asked => asked > LongestRetryAfter ? LongestRetryAfter : asked,
        };
    }

    /// <summary>A failure as it looks in view of the request: some servers say no more than "Bad Request" when a conversation has grown too
    /// large for them.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="tokens">About how many tokens were sent.</param>
    /// <param name="messages">How many messages were sent.</param>
    /// <param name="window">Tokens that the model takes.</param>
    public static ModelError InViewOf(ModelError error, long tokens, int messages, int window) =>
        error.IsVague && (tokens > window * LargeShare || tokens > LargeTokens || messages > LargeMessages)
            ? error with { Kind = ModelErrorKind.ContextOverflow }
            : error;

    // Signed blocks of Anthropic, or encrypted items of a Responses endpoint, which also says so for models that have none.
    private static bool RefusesReasoning(int? status, string code, string words) =>
        code == "invalid_encrypted_content"
        || (status == 400 && words.Contains("signature", StringComparison.Ordinal) && words.Contains("thinking", StringComparison.Ordinal))
        || (status is 400 or null
            && (words.Contains("encrypted content", StringComparison.Ordinal) || words.Contains("encrypted_content", StringComparison.Ordinal)));

    private static ModelErrorKind BadRequest(string code, string words)
    {
        // Before the words about context, which refusals of images contain too.
        if (Has(words, ImageWords) || code == "image_too_large")
        {
            return ModelErrorKind.ImageTooLarge;
        }

        if (Has(words, ContextWords) || ByCode(code) == ModelErrorKind.ContextOverflow)
        {
            return ModelErrorKind.ContextOverflow;
        }

        return Has(words, PolicyWords) ? ModelErrorKind.PolicyBlocked
            : Has(words, ModelWords) ? ModelErrorKind.ModelNotFound
            : Has(words, RateWords) ? ModelErrorKind.RateLimit
            : Has(words, BillingWords) ? ModelErrorKind.Billing
            : ByCode(code) ?? ModelErrorKind.Format;
    }

    private static ModelErrorKind? ByCode(string code) => code switch
    {
        "resource_exhausted" or "throttled" or "rate_limit_exceeded" or "rate_limit_error" or "429" => ModelErrorKind.RateLimit,
        "insufficient_quota" or "billing_not_active" or "payment_required" or "billing_error" or "402" => ModelErrorKind.Billing,
        "model_not_found" or "model_not_available" or "invalid_model" => ModelErrorKind.ModelNotFound,
        "context_length_exceeded" or "max_tokens_exceeded" => ModelErrorKind.ContextOverflow,
        "authentication_error" or "permission_error" or "invalid_api_key" or "401" or "403" => ModelErrorKind.Auth,
        "overloaded_error" or "api_error" or "server_error" or "internal_server_error" or "timeout_error"
            or "500" or "502" or "503" or "504" or "529" => ModelErrorKind.Server,
        "request_too_large" or "413" => ModelErrorKind.Payload,
        "invalid_prompt" => ModelErrorKind.Format,
        _ => null,
    };

    private static ModelErrorKind ByWords(string words)
    {
        if (Has(words, PayloadWords))
        {
            return ModelErrorKind.Payload;
        }

        if (Has(words, ImageWords))
        {
            return ModelErrorKind.ImageTooLarge;
        }

        if (Has(words, UsageWords))
        {
            return Has(words, TransientWords) ? ModelErrorKind.RateLimit : ModelErrorKind.Billing;
        }

        return Has(words, BillingWords) ? ModelErrorKind.Billing
            : Has(words, RateWords) ? ModelErrorKind.RateLimit
            : Has(words, ContextWords) ? ModelErrorKind.ContextOverflow
            : Has(words, AuthWords) ? ModelErrorKind.Auth
            : Has(words, PolicyWords) ? ModelErrorKind.PolicyBlocked
            : Has(words, ModelWords) ? ModelErrorKind.ModelNotFound
            : Has(words, TlsWords) || Has(words, DisconnectWords) ? ModelErrorKind.Timeout
            : Has(words, ServerWords) ? ModelErrorKind.Server
            : ModelErrorKind.Unknown;
    }

    private static bool Has(string text, ImmutableArray<string> words) => words.Any(word => text.Contains(word, StringComparison.Ordinal));
}
