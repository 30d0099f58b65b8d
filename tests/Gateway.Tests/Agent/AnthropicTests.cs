using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

public class AnthropicTests
{
    private static readonly string[] ToolStream =
    [
        """{"type":"message_start","message":{"id":"m","usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"let me "}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"see"}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig=="}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"opaque"}}""",
        """{"type":"ping"}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Looking"}}""",
        """{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"terminal","input":{}}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"command\":"}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"ls\"}"}}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":17}}""",
        """{"type":"message_stop"}""",
    ];

    [Test]
    public async Task A_stream_becomes_text_reasoning_calls_and_usage()
    {
        var (reply, events, error) = Feed(ToolStream);
        await Assert.That(error).IsNull();
        await Assert.That(reply.Text).IsEqualTo("Looking");
        await Assert.That(events.Deltas).IsEquivalentTo(["Looking"], CollectionOrdering.Matching);
        await Assert.That(events.Reasoning).IsEqualTo("let me see");
        await Assert.That(events.Log).IsEquivalentTo(["generating terminal"], CollectionOrdering.Matching);
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("toolu_1", "terminal", """{"command":"ls"}""")], CollectionOrdering.Matching);
        await Assert.That(reply.FinishReason).IsEqualTo("tool_calls");
        await Assert.That(reply.Usage).IsEqualTo(new TokenUsage(10, 17, 4, 2, 0, 1, 16));
        await Assert.That(reply.ReasoningDetailsJson).IsEqualTo(
            """[{"type":"thinking","thinking":"let me see","signature":"sig=="},{"type":"redacted_thinking","data":"opaque"}]""");
    }

    [Test]
    public async Task A_whole_message_is_understood_too()
    {
        var (reply, _, _) = Feed(
            """{"type":"message","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"terminal","input":{}}],"stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":2}}""");
        await Assert.That(reply.Text).IsEqualTo("Hi");
        await Assert.That(reply.Reasoning).IsEqualTo("hm");
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("t", "terminal", "{}")], CollectionOrdering.Matching);
        await Assert.That(reply.FinishReason).IsEqualTo("length");
    }

    [Test]
    [Arguments("overloaded_error", "Overloaded", ModelErrorKind.Server)]
    [Arguments("rate_limit_error", "Slow", ModelErrorKind.RateLimit)]
    [Arguments("authentication_error", "Who", ModelErrorKind.Auth)]
    internal async Task Error_events_are_classified(string type, string message, ModelErrorKind kind)
    {
        var (_, _, error) = Feed($$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}"}}""");
        await Assert.That(error!.Kind).IsEqualTo(kind);
        await Assert.That(error.Message).IsEqualTo(message);
    }

    [Test]
    public async Task Signed_reasoning_returns_only_on_the_last_assistant_message_and_only_to_anthropic()
    {
        ConversationMessage[] history =
        [
            new(Role.User, "a"),
            new(Role.Assistant, "one") { ReasoningDetailsJson = """[{"type":"thinking","thinking":"x","signature":"first"}]""" },
            new(Role.User, "b"),
            new(Role.Assistant, "two") { ReasoningDetailsJson = """[{"type":"thinking","thinking":"y","signature":"second"},{"type":"thinking","thinking":"loose"}]""" },
            new(Role.User, "c"),
        ];
        var native = Body(history, "https://api.anthropic.com", "claude-sonnet-4-5");
        await Assert.That(native).DoesNotContain("first");
        await Assert.That(native).Contains("""{"type":"thinking","thinking":"y","signature":"second"},{"type":"text","text":"loose"},{"type":"text","text":"two""");
        await Assert.That(Body(history, "https://example.com/anthropic", "claude-sonnet-4-5")).DoesNotContain("second");
    }

    [Test]
    public async Task Neighbours_are_merged_results_are_the_users_and_the_last_three_messages_are_marked()
    {
        ConversationMessage[] history =
        [
            new(Role.User, "a"), new(Role.User, "b"),
            new(Role.Assistant, null) { ToolCalls = [new StoredToolCall("x!1", "t", """{"k":1}"""), new StoredToolCall("x2", "t", "{}")] },
            new(Role.Tool, "") { ToolCallId = "x!1" },
            new(Role.Tool, "orphan") { ToolCallId = "nobody" },
            new(Role.User, "c"),
        ];
        using var body = JsonDocument.Parse(Body(history, "https://api.anthropic.com", "claude-opus-4-5"));
        var messages = body.RootElement.GetProperty("messages").GetRawText();
        const string mark = ""","cache_control":{"type":"ephemeral"}""";
        await Assert.That(messages).IsEqualTo(
            $$$"""[{"role":"user","content":[{"type":"text","text":"a\n\nb"{{{mark}}}}]},{"role":"assistant","content":[{"type":"tool_use","id":"call_x_1","name":"t","input":{"k":1}},{"type":"tool_use","id":"x2","name":"t","input":{}{{{mark}}}}]},"""
            + $$$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_x_1","content":"(no output)"},{"type":"tool_result","tool_use_id":"x2","content":"[Result unavailable — see context summary above]"},{"type":"text","text":"c"{{{mark}}}}]}]""");
        await Assert.That(body.RootElement.GetProperty("system").GetRawText()).Contains("cache_control");
        await Assert.That(body.RootElement.GetProperty("max_tokens").GetInt32()).IsEqualTo(64_000);
    }

    [Test]
    [Arguments("claude-opus-4-7", "xhigh", """{"type":"adaptive","display":"summarized"}""", "xhigh", 128_000)]
    [Arguments("claude-opus-4.6", "xhigh", """{"type":"adaptive","display":"summarized"}""", "max", 128_000)]
    [Arguments("claude-sonnet-4-6", "minimal", """{"type":"adaptive","display":"summarized"}""", "low", 64_000)]
    [Arguments("claude-sonnet-4-5", "high", """{"type":"enabled","budget_tokens":16000}""", null, 64_000)]
    [Arguments("claude-3-5-sonnet", "high", """{"type":"enabled","budget_tokens":16000}""", null, 20_096)]
    [Arguments("claude-haiku-4-5", "high", null, null, 64_000)]
    [Arguments("claude-opus-4-7", "", null, null, 128_000)]
    [Arguments("claude-opus-4-7", "none", null, null, 128_000)]
    public async Task Thinking_follows_the_model(string model, string effort, string? thinking, string? outputEffort, int maxTokens)
    {
        using var body = JsonDocument.Parse(Body([new(Role.User, "a")], "https://api.anthropic.com", model, effort));
        var root = body.RootElement;
        await Assert.That(root.TryGetProperty("thinking", out var t) ? t.GetRawText() : null).IsEqualTo(thinking);
        await Assert.That(root.TryGetProperty("output_config", out var o) ? o.GetProperty("effort").GetString() : null).IsEqualTo(outputEffort);
        await Assert.That(root.GetProperty("max_tokens").GetInt32()).IsEqualTo(maxTokens);
    }

    [Test]
    [Arguments("sk-ant-api03-x", false)]
    [Arguments("sk-ant-oat01-x", true)]
    [Arguments("eyJhbGciOi", true)]
    [Arguments("cc-x", true)]
    [Arguments("something", false)]
    public async Task Token_kinds(string key, bool oauth) => await Assert.That(AnthropicMessagesClient.IsOAuthToken(key)).IsEqualTo(oauth);

    [Test]
    public async Task A_turn_works_over_this_wire()
    {
        await using var server = new ScriptedServer(
            async e =>
            {
                await e.StartAsync();
                foreach (var data in ToolStream)
                {
                    await e.SendAsync($"event: x\ndata: {data}\n\n");
                }

                await e.EndAsync();
            },
            e => e.EventsAsync(
                """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Done"}}""",
                """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3,"input_tokens":20}}""",
                """{"type":"message_stop"}"""));
        using var harness = new Harness(server.BaseUrl, ApiMode.AnthropicMessages);
        harness.Tools.Add(new FakeTool("terminal"));
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("Done");
        await Assert.That(result.Usage).IsEqualTo(new TokenUsage(30, 20, 4, 2, 0, 2, 20) { Unpriced = 2 });
        await Assert.That(harness.Events.Text).IsEqualTo("Looking\n\nDone");
        await Assert.That(server.Exchanges[0].Head).StartsWith("POST /v1/messages HTTP/1.1");
        await Assert.That(server.Exchanges[0].Header("x-api-key")).IsEqualTo(Harness.Key);
        await Assert.That(server.Exchanges[0].Header("anthropic-version")).IsEqualTo("2023-06-01");
        await Assert.That(server.Exchanges[1].Body).Contains("""{"type":"tool_result","tool_use_id":"toolu_1","content":"{\"ok\":true}""");
    }

    private static string Body(ConversationMessage[] history, string baseUrl, string model, string effort = "")
    {
        var endpoint = new ModelEndpoint("anthropic", model, baseUrl, "k", ApiMode.AnthropicMessages);
        var request = new ModelRequest(endpoint, "sys", history, [], new AgentSettings { ReasoningEffort = effort });
        return Encoding.UTF8.GetString(AnthropicRequestWriter.Write(request).Span);
    }

    private static (ModelReply Reply, RecordedEvents Events, ModelError? Error) Feed(params string[] data)
    {
        var events = new RecordedEvents();
        var reply = new ReplyAssembler(events, _ => true);
        using var reader = new AnthropicEventReader(reply, "");
        foreach (var item in data)
        {
            reader.Read(Encoding.UTF8.GetBytes(item));
        }

        reader.Finish();
        reply.Complete();
        return (reply.ToReply(() => "new"), events, reader.Error);
    }
}
