using System.Text.Json;
using Gateway.Agent.Models;

namespace Gateway.Tests.AgentTests;

/// <summary>Every word of every list of AGENT.md 5.1, with and without a status.</summary>
public class ErrorWordsTests
{
    private const string Billing = "insufficient credits|insufficient_quota|insufficient balance|credit balance|credits have been exhausted|top up your credits|payment required|billing hard limit|exceeded your current quota|account is deactivated|plan does not include";
    private const string Rate = "rate limit|rate_limit|too many requests|throttled|requests per minute|tokens per minute|requests per day|try again in|please retry after|resource_exhausted|rate increased too quickly|throttlingexception|too many concurrent requests|servicequotaexceededexception";
    private const string Usage = "usage limit|quota|limit exceeded|key limit exceeded";
    private const string Transient = "try again|retry|resets at|reset in|wait|requests remaining|periodic|window";
    private const string Context = "context length|context size|maximum context|token limit|too many tokens|reduce the length|exceeds the limit|context window|prompt is too long|prompt exceeds max length|max_tokens|maximum number of tokens|max_model_len|exceeds the max_model_len|prompt length|input is too long|maximum model length|truncating input|slot context|n_ctx_slot|超过最大长度|上下文长度|max input token|input token";
    private const string Payload = "request entity too large|payload too large|error code: 413";
    private const string Image = "image exceeds|image too large|image_too_large|image size exceeds";
    private const string Model = "is not a valid model|invalid model|model not found|model_not_found|does not exist|no such model|unknown model|unsupported model";
    private const string Policy = "no endpoints available matching your guardrail|no endpoints available matching your data policy|no endpoints found matching your data policy";
    private const string Auth = "invalid api key|invalid_api_key|authentication|unauthorized|forbidden|invalid token|token expired|token revoked|access denied";
    private const string Disconnect = "server disconnected|peer closed connection|connection reset by peer|connection was closed|network connection lost|unexpected eof|incomplete chunked read";
    private const string Tls = "bad record mac|ssl alert|tls alert|ssl handshake failure|tlsv1 alert|sslv3 alert|bad_record_mac|ssl_alert|tls_alert|ssl_handshake_failure|tlsv1_alert|sslv3_alert|[ssl:";

    [Test]
    [Arguments(null, Payload, ModelErrorKind.Payload)]
    [Arguments(null, Image, ModelErrorKind.ImageTooLarge)]
    [Arguments(null, Usage, ModelErrorKind.Billing)]
    [Arguments(null, Billing, ModelErrorKind.Billing)]
    [Arguments(null, Context, ModelErrorKind.ContextOverflow)]
    [Arguments(null, Auth, ModelErrorKind.Auth)]
    [Arguments(null, Policy, ModelErrorKind.PolicyBlocked)]
    [Arguments(null, Model, ModelErrorKind.ModelNotFound)]
    [Arguments(null, Tls, ModelErrorKind.Timeout)]
    [Arguments(null, Disconnect, ModelErrorKind.Timeout)]
    [Arguments(400, Image, ModelErrorKind.ImageTooLarge)]
    [Arguments(400, Context, ModelErrorKind.ContextOverflow)]
    [Arguments(400, Policy, ModelErrorKind.PolicyBlocked)]
    [Arguments(400, Model, ModelErrorKind.ModelNotFound)]
    [Arguments(400, Rate, ModelErrorKind.RateLimit)]
    [Arguments(400, Billing, ModelErrorKind.Billing)]
    [Arguments(400, Tls, ModelErrorKind.Format)]
    [Arguments(400, Disconnect, ModelErrorKind.Format)]
    [Arguments(404, Policy, ModelErrorKind.PolicyBlocked)]
    [Arguments(404, Model, ModelErrorKind.ModelNotFound)]
    [Arguments(404, Auth, ModelErrorKind.Unknown)]
    [Arguments(402, Usage, ModelErrorKind.Billing)]
    [Arguments(402, Transient, ModelErrorKind.Billing)]
    [Arguments(401, Billing, ModelErrorKind.Auth)]
    [Arguments(403, Auth, ModelErrorKind.Auth)]
    [Arguments(413, Context, ModelErrorKind.Payload)]
    [Arguments(429, Billing, ModelErrorKind.RateLimit)]
    [Arguments(500, Context, ModelErrorKind.Server)]
    [Arguments(502, Auth, ModelErrorKind.Server)]
    [Arguments(503, Tls, ModelErrorKind.Server)]
    [Arguments(529, Rate, ModelErrorKind.Server)]
    [Arguments(504, Model, ModelErrorKind.Server)]
    [Arguments(422, Model, ModelErrorKind.Format)]
    internal async Task Each_word_leads_to_its_kind(int? status, string words, ModelErrorKind kind)
    {
        foreach (string word in words.Split('|'))
        {
            await Assert.That(ErrorClassifier.Classify(status, "", $"It says: {word}!")).IsEqualTo(kind).Because(word);
            await Assert.That(ErrorClassifier.Classify(status, "", word.ToUpperInvariant())).IsEqualTo(kind).Because(word);
        }
    }

    [Test]
    public async Task Rate_words_without_a_status_lead_to_waiting()
    {
        foreach (string word in Rate.Split('|'))
        {
            // One of them is a quota by its name; a usage limit without a word of waiting is one of money.
            var expected = word.Contains("quota", StringComparison.Ordinal) ? ModelErrorKind.Billing : ModelErrorKind.RateLimit;
            await Assert.That(ErrorClassifier.Classify(null, "", word)).IsEqualTo(expected).Because(word);
        }
    }

    [Test]
    [Arguments(402)]
    [Arguments(null)]
    public async Task A_limit_that_passes_is_waited_for(int? status)
    {
        foreach (string usage in Usage.Split('|'))
        {
            foreach (string transient in Transient.Split('|'))
                await Assert.That(ErrorClassifier.Classify(status, "", $"{usage}, {transient}")).IsEqualTo(ModelErrorKind.RateLimit).Because($"{usage}, {transient}");
        }
    }

    [Test]
    [Arguments(400, "invalid signature in thinking block", ModelErrorKind.ThinkingSignature)]
    [Arguments(500, "invalid signature in thinking block", ModelErrorKind.Server)]
    [Arguments(429, "Extra usage is required for long context requests", ModelErrorKind.LongContextTier)]
    [Arguments(400, "Extra usage is required for long context requests", ModelErrorKind.Format)]
    [Arguments(429, "extra usage", ModelErrorKind.RateLimit)]
    [Arguments(403, "Key limit exceeded", ModelErrorKind.Billing)]
    [Arguments(403, "over your spending limit", ModelErrorKind.Billing)]
    internal async Task Some_need_two_words_or_a_status(int status, string message, ModelErrorKind kind) =>
        await Assert.That(ErrorClassifier.Classify(status, "", message)).IsEqualTo(kind);

    [Test]
    [Arguments("resource_exhausted throttled rate_limit_exceeded", ModelErrorKind.RateLimit)]
    [Arguments("insufficient_quota billing_not_active payment_required", ModelErrorKind.Billing)]
    [Arguments("model_not_found model_not_available invalid_model", ModelErrorKind.ModelNotFound)]
    [Arguments("context_length_exceeded max_tokens_exceeded", ModelErrorKind.ContextOverflow)]
    internal async Task Codes_count_where_there_is_no_status(string codes, ModelErrorKind kind)
    {
        foreach (string code in codes.Split(' '))
            await Assert.That(ErrorClassifier.Classify(null, code.ToUpperInvariant(), "something")).IsEqualTo(kind).Because(code);
    }

    [Test]
    [Arguments("""{"error":{"code":404,"message":"No endpoints found matching your data policy"}}""", ModelErrorKind.PolicyBlocked, false)]
    [Arguments("""{"error":{"code":413,"message":"no"}}""", ModelErrorKind.Payload, false)]
    [Arguments("""{"error":{"code":429,"message":"x","metadata":{"raw":"{\"error\":{\"message\":\"extra usage needed for long context\"}}"}}}""", ModelErrorKind.LongContextTier, false)]
    [Arguments("""{"error":{"code":"70","message":"Server disconnected without sending a response"}}""", ModelErrorKind.Timeout, true)]
    [Arguments("""{"error":"[SSL: BAD_RECORD_MAC] connection was closed"}""", ModelErrorKind.Timeout, false)]
    [Arguments("""{"error":{"code":-1,"message":"hm"}}""", ModelErrorKind.Unknown, false)]
    internal async Task Errors_inside_a_stream_may_bring_the_status_of_another_server(string json, ModelErrorKind kind, bool disconnected)
    {
        using var document = JsonDocument.Parse(json);
        var error = ProviderError.InStream(document.RootElement, "");
        await Assert.That(error.Kind).IsEqualTo(kind);
        await Assert.That(error.Disconnected).IsEqualTo(disconnected);
    }

    [Test]
    [Arguments("", true)]
    [Arguments("""{"error":{"message":"Bad Request"}}""", true)]
    [Arguments("""{"error":{"message":"Bad Request: the field foo is not known here"}}""", false)]
    [Arguments("""{"error":{"message":"model not found"}}""", false)]
    public async Task A_refusal_that_says_nothing_is_marked(string body, bool vague)
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(400, body));
        using var http = new ModelHttp(TimeProvider.System);
        var endpoint = new Gateway.Config.ModelEndpoint("custom", "m", server.BaseUrl, "k", Gateway.Config.ApiMode.ChatCompletions);
        var request = new ModelRequest(endpoint, "", [new Gateway.Agent.ConversationMessage(Gateway.Agent.Role.User, "x")], [], new Gateway.Config.AgentSettings());
        var failure = await Assert.ThrowsAsync<ModelException>(() => new ChatCompletionsClient(http).StreamAsync(request, new ReplyAssembler(new RecordedEvents(), _ => false), default));
        await Assert.That(failure!.Error.IsVague).IsEqualTo(vague);
        await Assert.That(ErrorClassifier.InViewOf(failure.Error, 90_000, 3, 1_000_000).Kind == ModelErrorKind.ContextOverflow).IsEqualTo(vague);
        await Assert.That(ErrorClassifier.InViewOf(failure.Error, 9, 3, 1_000_000)).IsEqualTo(failure.Error);
    }

    [Test]
    [Arguments(ModelErrorKind.ContextOverflow, true, false)]
    [Arguments(ModelErrorKind.LongContextTier, true, false)]
    [Arguments(ModelErrorKind.Payload, true, false)]
    [Arguments(ModelErrorKind.PolicyBlocked, false, false)]
    [Arguments(ModelErrorKind.Billing, false, true)]
    [Arguments(ModelErrorKind.Format, false, true)]
    internal async Task What_helps_follows_from_the_kind(ModelErrorKind kind, bool smaller, bool another)
    {
        var error = new ModelError(kind, "x");
        await Assert.That(error.IsTooLarge).IsEqualTo(smaller);
        await Assert.That(Gateway.Agent.TurnModels.MayDoBetter(error)).IsEqualTo(another);
        await Assert.That(error.Retryable).IsFalse();
    }
}
