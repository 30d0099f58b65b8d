using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.AgentTests;

/// <summary>Streams that break before they bring anything, and the limits that a call has.</summary>
public class TransportTests
{
    [Test]
    [Arguments(ApiMode.ChatCompletions, false)]
    [Arguments(ApiMode.ChatCompletions, true)]
    [Arguments(ApiMode.AnthropicMessages, false)]
    [Arguments(ApiMode.CodexResponses, false)]
    internal async Task A_stream_that_brings_nothing_is_asked_for_again_at_once(ApiMode format, bool unframed)
    {
        await using var server = new ScriptedServer(e => BreakAsync(e, unframed), e => BreakAsync(e, unframed), Answer(format));
        using var harness = new Harness(server.BaseUrl, format);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("fine");
        await Assert.That(harness.Waits).IsEmpty();
        await Assert.That(harness.Events.Statuses).IsEmpty();
        await Assert.That(harness.Events.Log.Count(entry => entry == "call")).IsEqualTo(1);
        await Assert.That(server.Exchanges.Select(exchange => exchange.Body).Distinct().Count()).IsEqualTo(1);
        await Assert.That(server.Exchanges.Count).IsEqualTo(3);
        await Assert.That(result.Usage.Input).IsEqualTo(0);
    }

    [Test]
    [Arguments(2, 3, 6)]
    [Arguments(0, 3, 2)]
    public async Task After_that_it_is_an_attempt_like_any_other(int retries, int attempts, int requests)
    {
        Func<Exchange, Task> broken = e => BreakAsync(e, false);
        await using var server = new ScriptedServer([.. Enumerable.Repeat(broken, requests), Chat.Answer("fine")]);
        using var harness = new Harness(server.BaseUrl) { Settings = new AgentSettings { ApiMaxRetries = attempts } };
        harness.Endpoint = harness.Endpoint with { StreamRetries = retries };
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("fine");
        await Assert.That(harness.Waits.Count).IsEqualTo(2);
        await Assert.That(server.Exchanges.Count).IsEqualTo(requests + 1);
    }

    [Test]
    public async Task What_has_brought_reasoning_is_not_asked_for_again_under_the_hand()
    {
        await using var server = new ScriptedServer(
            async e =>
            {
                await e.StartAsync();
                await e.SendAsync($"data: {Chat.Delta("""{"reasoning":"hm"}""")}\n\n");
            },
            Chat.Answer("fine"));
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("fine");
        await Assert.That(harness.Waits.Count).IsEqualTo(1);
    }

    [Test]
    public async Task A_broken_connection_is_told_from_others()
    {
        await using var server = new ScriptedServer(e =>
        {
            e.Reset();
            return Task.CompletedTask;
        });
        var dropped = await FailAsync(server.BaseUrl);
        await Assert.That(dropped.Kind).IsEqualTo(ModelErrorKind.Timeout);
        await Assert.That(dropped.Disconnected).IsTrue();
        await Assert.That(dropped.StreamBroke).IsFalse();
        var refused = await FailAsync("http://127.0.0.1:1/v1");
        await Assert.That(refused.Kind).IsEqualTo(ModelErrorKind.Timeout);
        await Assert.That(refused.Disconnected).IsFalse();
    }

    [Test]
    public async Task A_model_that_answers_may_take_longer_than_the_request_may()
    {
        var time = new ManualTime();
        var events = new RecordedEvents();
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync();
            await e.SendAsync($"data: {Chat.Text("so ")}\n\n");
            await events.FirstText;

            // Time has to pass behind the end of the event, not only behind its text.
            await e.SendAsync($"data: {Chat.Text("very ")}\n\n");
            while (events.Text != "so very ") await Task.Yield();
            time.Advance(TimeSpan.FromSeconds(100));
            await e.SendAsync($"data: {Chat.Text("slow")}\n\ndata: {Chat.Stop}\n\ndata: [DONE]\n\n");
            await e.EndAsync();
        });
        using var http = new ModelHttp(time);
        var endpoint = new ModelEndpoint("custom", "m", server.BaseUrl, "k", ApiMode.ChatCompletions) { RequestTimeout = TimeSpan.FromSeconds(10) };
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "x")], [], new AgentSettings());
        await new ChatCompletionsClient(http).StreamAsync(request, new ReplyAssembler(events, _ => false), default);
        await Assert.That(events.Text).IsEqualTo("so very slow");
    }

    [Test]
    [Arguments("", "", 180)]
    [Arguments("HERMES_STREAM_STALE_TIMEOUT=60", "", 60)]
    [Arguments("HERMES_STREAM_STALE_TIMEOUT=soon", "", 180)]
    [Arguments("HERMES_STREAM_STALE_TIMEOUT=60", "stale_timeout_seconds: 90", 90)]
    [Arguments("", "staleTimeoutSeconds: 90, models: {m: {stale_timeout_seconds: 30.5}}", 30.5)]
    [Arguments("", "stale_timeout_seconds: -1, models: {other: {stale_timeout_seconds: 30}}", 180)]
    public async Task The_longest_stretch_without_an_event_is_configured(string variable, string entry, double seconds)
    {
        using var home = new ConfigTestHome();
        string[] pair = variable.Split('=');
        var environment = pair.Length == 2 ? home.Environment((pair[0], pair[1])) : home.Environment();
        foreach (var (url, local) in ((string, bool)[])[("https://p.example/v1", false), ("http://127.0.0.1:1/v1", true)])
        {
            var config = ConfigTestHome.Parse($"providers: {{p: {{api: '{url}'{(entry.Length == 0 ? "" : ", " + entry)}}}}}");
            var endpoint = ModelResolver.Resolve(environment, config, "m", "p").Endpoint!;
            await Assert.That(endpoint.StaleTimeout).IsEqualTo(local && seconds == 180 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds));
        }
    }

    [Test]
    [Arguments("", 2)]
    [Arguments("0", 0)]
    [Arguments("5", 5)]
    [Arguments("1000", 10)]
    [Arguments("-1", 2)]
    [Arguments("many", 2)]
    public async Task How_often_is_a_variable(string value, int expected)
    {
        using var home = new ConfigTestHome();
        var environment = home.Environment(("HERMES_STREAM_RETRIES", value));
        var endpoint = ModelResolver.Resolve(environment, ConfigTestHome.Parse("model: {default: m, provider: custom, base_url: 'http://127.0.0.1:1/v1'}")).Endpoint!;
        await Assert.That(endpoint.StreamRetries).IsEqualTo(expected);
    }

    [Test]
    public async Task The_whole_request_limit_ends_with_the_first_event()
    {
        var time = new ManualTime();
        using var clock = new CallClock(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan, TimeSpan.FromSeconds(60), time, CancellationToken.None);
        clock.Progressed();
        time.Advance(TimeSpan.FromSeconds(20));
        await Assert.That(clock.Expired()).IsNull();
        clock.Pause();
        time.Advance(TimeSpan.FromSeconds(100));
        clock.Resume();
        time.Advance(TimeSpan.FromSeconds(59));
        await Assert.That(clock.Expired()).IsNull();
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.That(clock.Expired()!.Message).Contains("stopped sending");
        using var silent = new CallClock(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, time, CancellationToken.None);
        silent.Heard();
        time.Advance(TimeSpan.FromSeconds(11));
        await Assert.That(silent.Expired()!.Message).Contains("in time");
    }

    private static async Task<ModelError> FailAsync(string url)
    {
        using var http = new ModelHttp(TimeProvider.System);
        var endpoint = new ModelEndpoint("custom", "m", url, "k", ApiMode.ChatCompletions);
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "x")], [], new AgentSettings());
        var failure = await Assert.ThrowsAsync<ModelException>(() => new ChatCompletionsClient(http).StreamAsync(request, new ReplyAssembler(new RecordedEvents(), _ => false), default));
        return failure!.Error;
    }

    private static async Task BreakAsync(Exchange e, bool unframed)
    {
        if (unframed)
        {
            await e.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n: hello\n\n");
            return;
        }

        await e.StartAsync();
        await e.SendAsync("data: {\"usage\":{\"prompt_tokens\":7}}\n\n");
    }

    private static Func<Exchange, Task> Answer(ApiMode format) => format switch
    {
        ApiMode.AnthropicMessages => e => e.EventsAsync(
            """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""",
            """{"type":"message_stop"}"""),
        ApiMode.CodexResponses => e => e.EventsAsync(
            """{"type":"response.output_text.delta","delta":"fine"}""",
            """{"type":"response.completed","response":{"status":"completed"}}"""),
        _ => Chat.Answer("fine"),
    };
}
