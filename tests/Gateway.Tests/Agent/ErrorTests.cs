using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Diagnostics;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

public class ErrorTests
{
    [Test]
    [Arguments(401, """{"error":{"message":"Incorrect API key provided: sk-ant-api03-SECRETSECRETSECRET and sk-other12345678","type":"invalid_request_error"}}""", "❌ Non-retryable error (HTTP 401): Incorrect API key provided: [redacted] and ***")]
    [Arguments(402, """{"error":{"message":"Insufficient credits"}}""", "❌ Non-retryable error (HTTP 402): Insufficient credits")]
    [Arguments(400, """{"error":{"message":"maximum context length is 10"}}""", "❌ Non-retryable error (HTTP 400): maximum context length is 10")]
    [Arguments(404, """{"detail":"model not found"}""", "❌ Non-retryable error (HTTP 404): model not found")]
    [Arguments(413, "<html>too big</html>", "❌ Non-retryable error (HTTP 413): The request is too large for the endpoint.")]
    [Arguments(308, "", "❌ Non-retryable error (HTTP 308): The endpoint redirects to another address; check the base URL.")]
    public async Task Errors_that_cannot_pass_end_the_turn_at_once(int status, string body, string expected)
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(status, body, "Location: http://127.0.0.1:1/\r\n"));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(harness.Events.Statuses).IsEquivalentTo(["lifecycle: " + expected], CollectionOrdering.Matching);
        await Assert.That(result.Error).StartsWith($"HTTP {status}: ");
        await Assert.That(result.Error + string.Concat(harness.Events.Statuses)).DoesNotContain("SECRET");
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
        await Assert.That(result.NewMessages.Count).IsEqualTo(1);
    }

    [Test]
    [Arguments(500)]
    [Arguments(503)]
    [Arguments(529)]
    public async Task Server_errors_are_tried_again_with_growing_waits(int status)
    {
        Func<Exchange, Task> broken = e => e.JsonAsync(status, """{"error":{"message":"boom"}}""", "Retry-After: 77\r\n");
        await using var server = new ScriptedServer(broken, broken, broken);
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo($"API call failed after 3 retries: HTTP {status}: boom");
        await Assert.That(harness.Events.Statuses).IsEquivalentTo(
        [
            "lifecycle: ⏳ Retrying in 2.0s (attempt 1/3)...",
            "lifecycle: ⏳ Retrying in 4.0s (attempt 2/3)...",
            $"lifecycle: ❌ API failed after 3 retries — HTTP {status}: boom",
        ], CollectionOrdering.Matching);
        await Assert.That(server.Exchanges.Select(e => e.Body).Distinct().Count()).IsEqualTo(1);
    }

    [Test]
    [Arguments("Retry-After: 7", 7)]
    [Arguments("Retry-After: 7000", 120)]
    [Arguments("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", 0)]
    [Arguments("Retry-After: soon", 2)]
    [Arguments("X-Other: 1", 2)]
    public async Task Rate_limits_wait_as_long_as_the_provider_asks(string header, int seconds)
    {
        await using var server = new ScriptedServer(
            e => e.JsonAsync(429, """{"error":{"message":"slow down"}}""", header + "\r\n"), Chat.Answer("ok"));
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("ok");
        await Assert.That(harness.Waits).IsEquivalentTo([TimeSpan.FromSeconds(seconds)], CollectionOrdering.Matching);
        await Assert.That(harness.Events.Statuses).IsEquivalentTo([$"lifecycle: ⏱️ Rate limited. Waiting {seconds}.0s (attempt 1/3)..."], CollectionOrdering.Matching);
    }

    [Test]
    public async Task An_endpoint_that_is_not_there_is_named_without_framework_words()
    {
        using var harness = new Harness("http://127.0.0.1:1/v1");
        harness.Settings = new AgentSettings { ApiMaxRetries = 1 };
        var result = await harness.RunAsync();
        await Assert.That(result.Error).IsEqualTo("Nothing answers at 127.0.0.1 port 1 (connection refused).");
    }

    [Test]
    [Arguments("")]
    [Arguments("no address")]
    [Arguments("ftp://example.com")]
    public async Task An_unusable_address_is_reported(string baseUrl)
    {
        using var harness = new Harness(baseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Error).Contains("base URL");
    }

    [Test]
    [Arguments("", "127.0.0.1 does not know this address or the model test-model; check the base URL and the model's name.")]
    [Arguments("404 page not found", "127.0.0.1 does not know this address or the model test-model; check the base URL and the model's name. It says: 404 page not found")]
    public async Task A_wrong_path_is_reported_at_once_with_the_host(string body, string expected)
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(404, body));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Error).IsEqualTo("HTTP 404: " + expected);
        await Assert.That(harness.Events.Statuses).IsEquivalentTo(["lifecycle: ❌ Non-retryable error (HTTP 404): " + expected], CollectionOrdering.Matching);
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    public async Task A_key_with_line_breaks_is_reported_and_not_shown()
    {
        await using var server = new ScriptedServer();
        using var harness = new Harness(server.BaseUrl);
        harness.Endpoint = harness.Endpoint with { ApiKey = "SECRET\r\nX-Evil: 1" };
        var result = await harness.RunAsync();
        await Assert.That(result.Error).Contains("API key");
        await Assert.That(result.Error).DoesNotContain("SECRET");
        await Assert.That(server.Exchanges).IsEmpty();
    }

    [Test]
    public async Task Https_without_openssl_is_an_error_and_not_an_abort()
    {
        using var http = new ModelHttp(TimeProvider.System, new TlsLibrary(_ => false));
        var endpoint = new ModelEndpoint("custom", "m", "https://127.0.0.1:1/v1", "k", ApiMode.ChatCompletions);
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "x")], [], new AgentSettings());
        var reply = new ReplyAssembler(new RecordedEvents(), _ => false);
        var error = await Assert.ThrowsAsync<ModelException>(() => new ChatCompletionsClient(http).StreamAsync(request, reply, default));
        await Assert.That(error!.Error.Message).StartsWith("HTTPS needs the OpenSSL library (libssl)");
    }

    [Test]
    public async Task A_refused_reasoning_signature_is_left_out_and_the_call_repeated()
    {
        await using var server = new ScriptedServer(
            e => e.JsonAsync(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Invalid `signature` in `thinking` block"}}"""),
            e => e.EventsAsync(
                """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ok"}}""",
                """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""",
                """{"type":"message_stop"}"""));
        using var harness = new Harness(server.BaseUrl, ApiMode.AnthropicMessages);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("ok");
        await Assert.That(harness.Waits).IsEmpty();
    }

    [Test]
    [Arguments(null, "", "too many requests, try again in 5s", ModelErrorKind.RateLimit)]
    [Arguments(null, "", "your credit balance is too low", ModelErrorKind.Billing)]
    [Arguments(null, "", "Invalid API key", ModelErrorKind.Auth)]
    [Arguments(null, "", "no such model", ModelErrorKind.ModelNotFound)]
    [Arguments(null, "", "request entity too large", ModelErrorKind.Payload)]
    [Arguments(400, "", "messages.0.content.1: image exceeds 5 MB maximum, which exceeds the limit", ModelErrorKind.ImageTooLarge)]
    [Arguments(400, "image_too_large", "no", ModelErrorKind.ImageTooLarge)]
    [Arguments(null, "", "Image size exceeds what we take", ModelErrorKind.ImageTooLarge)]
    [Arguments(null, "", "hm", ModelErrorKind.Unknown)]
    [Arguments(400, "", "something is off", ModelErrorKind.Format)]
    [Arguments(400, "insufficient_quota", "no", ModelErrorKind.Billing)]
    [Arguments(402, "", "usage limit reached, try again tomorrow", ModelErrorKind.RateLimit)]
    [Arguments(403, "", "Key limit exceeded", ModelErrorKind.Billing)]
    [Arguments(404, "", "nothing here", ModelErrorKind.Unknown)]
    [Arguments(422, "", "x", ModelErrorKind.Format)]
    internal async Task Failures_are_sorted(int? status, string code, string message, ModelErrorKind kind) =>
        await Assert.That(ErrorClassifier.Classify(status, code, message)).IsEqualTo(kind);

    [Test]
    public async Task Provider_words_are_bounded_and_on_one_line()
    {
        var clean = Redaction.Clean("a\n\tb " + new string('x', 10_000), "");
        await Assert.That(clean.Length).IsEqualTo(500);
        await Assert.That(clean).StartsWith("a b xxx");
    }

    [Test]
    public async Task Back_off_doubles_has_a_cap_and_jitter()
    {
        var policy = new RetryPolicy(TimeProvider.System, () => 1);
        var server = new ModelError(ModelErrorKind.Server, "");
        await Assert.That(policy.DelayAfter(server, 1).TotalSeconds).IsEqualTo(3);
        await Assert.That(policy.DelayAfter(server, 2).TotalSeconds).IsEqualTo(6);
        await Assert.That(policy.DelayAfter(server, 50).TotalSeconds).IsEqualTo(90);
        await Assert.That(policy.DelayAfter(new ModelError(ModelErrorKind.Malformed, ""), 50).TotalSeconds).IsEqualTo(180);
    }
}
