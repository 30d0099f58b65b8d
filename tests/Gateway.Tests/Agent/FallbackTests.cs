using Gateway.Agent;
using Gateway.Config;

namespace Gateway.Tests.AgentTests;

/// <summary>Which model is asked when one of them fails, in this turn and in the next.</summary>
public class FallbackTests
{
    private static readonly Func<Exchange, Task> TooMany = e => e.JsonAsync(429, """{"error":{"message":"Too many requests"}}""");

    [Test]
    public async Task A_model_that_refused_for_too_many_requests_is_left_alone_for_a_minute()
    {
        await using var server = new ScriptedServer(TooMany, Chat.Answer("a"), Chat.Answer("b"), Chat.Answer("c"));
        var time = new ManualTime();
        using var harness = new Harness(server.BaseUrl, time: time);
        harness.Fallbacks = [harness.Endpoint with { Model = "second" }];
        await harness.RunAsync();
        await harness.RunAsync();
        time.Advance(TimeSpan.FromSeconds(61));
        await harness.RunAsync();
        await Assert.That(Models(server)).IsEqualTo("test-model second second test-model");
        await Assert.That(harness.Events.Statuses[1]).IsEqualTo("lifecycle: 🔄 test-model failed (rate limited a moment ago), going on with second of custom");
    }

    [Test]
    public async Task Without_another_model_it_is_asked_again()
    {
        await using var server = new ScriptedServer(TooMany, Chat.Answer("a"));
        using var harness = new Harness(server.BaseUrl, time: new ManualTime()) { Settings = new AgentSettings { ApiMaxRetries = 1 } };
        await Assert.That((await harness.RunAsync()).Status).IsEqualTo(TurnStatus.Error);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("a");
    }

    [Test]
    public async Task Other_failures_do_not_keep_it_from_being_asked_at_the_next_turn()
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(402, """{"error":{"message":"insufficient credits"}}"""), Chat.Answer("a"), Chat.Answer("b"));
        using var harness = new Harness(server.BaseUrl, time: new ManualTime());
        harness.Fallbacks = [harness.Endpoint with { Model = "second" }];
        await harness.RunAsync();
        await harness.RunAsync();
        await Assert.That(Models(server)).IsEqualTo("test-model second test-model");
    }

    [Test]
    [Arguments(404, "No endpoints found matching your data policy")]
    [Arguments(400, "No endpoints available matching your guardrail restrictions and data policy")]
    public async Task What_the_users_data_policy_forbids_no_other_model_gets(int status, string message)
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(status, $$$"""{"error":{"message":"{{{message}}}"}}"""), Chat.Answer("never"));
        using var harness = new Harness(server.BaseUrl);
        harness.Fallbacks = [harness.Endpoint with { Model = "second" }];
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
        await Assert.That(harness.Events.Statuses[^1]).StartsWith($"lifecycle: ❌ Non-retryable error (HTTP {status}): {message}");
    }

    private static string Models(ScriptedServer server) =>
        string.Join(' ', server.Exchanges.Select(exchange => exchange.Body.Contains("\"second\"", StringComparison.Ordinal) ? "second" : "test-model"));
}
