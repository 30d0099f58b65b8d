using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>What is read from Responses endpoints.</summary>
public class ResponsesReaderTests
{
    private const string Item = """{"id":"rs_1","type":"reasoning","encrypted_content":"enc==","summary":[{"type":"summary_text","text":"let me see"}]}""";

    private static readonly string[] ToolStream =
    [
        """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","output":[],"usage":null,"error":null}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}""",
        """{"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}""",
        """{"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"let me ","obfuscation":"x"}""",
        """{"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"see"}""",
        """{"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":0,"text":"let me see"}""",
        """{"type":"response.output_item.done","output_index":0,"item":""" + Item + "}",
        """{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}}""",
        """{"type":"response.content_part.added","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}""",
        """{"delta":"Look","type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"logprobs":[]}""",
        """{"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"ing"}""",
        """{"type":"response.output_text.done","item_id":"msg_1","output_index":1,"content_index":0,"text":"Looking"}""",
        """{"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","status":"completed","content":[{"type":"output_text","text":"Looking","annotations":[]}],"role":"assistant"}}""",
        """{"type":"response.output_item.added","output_index":2,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"terminal"}}""",
        """{"type":"response.output_item.added","output_index":3,"item":{"id":"fc_2","type":"function_call","status":"in_progress","arguments":"","call_id":"call_2","name":"terminal"}}""",
        """{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":"{\"command\":"}""",
        """{"type":"response.function_call_arguments.delta","item_id":"fc_2","output_index":3,"delta":"{}"}""",
        """{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":"\"ls\"}"}""",
        """{"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":2,"arguments":"{\"command\":\"ls\"}"}""",
        """{"type":"response.output_item.done","output_index":2,"item":{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"command\":\"ls\"}","call_id":"call_1","name":"terminal"}}""",
        """{"type":"response.output_item.done","output_index":3,"item":{"id":"fc_2","type":"function_call","status":"completed","arguments":"{}","call_id":"call_2","name":"terminal"}}""",
        """{"type":"response.completed","response":{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"output":[{"type":"message","content":[{"type":"output_text","text":"again"}]}],"usage":{"input_tokens":16,"input_tokens_details":{"cached_tokens":4,"cache_creation_tokens":2},"output_tokens":17,"output_tokens_details":{"reasoning_tokens":9},"total_tokens":33}}}""",
    ];

    [Test]
    public async Task A_stream_becomes_text_reasoning_calls_and_usage()
    {
        var (reply, events, error, done) = Feed(ToolStream);
        await Assert.That(error).IsNull();
        await Assert.That(done).IsTrue();
        await Assert.That(reply.Text).IsEqualTo("Looking");
        await Assert.That(events.Deltas).IsEquivalentTo(["Look", "ing"], CollectionOrdering.Matching);
        await Assert.That(events.Reasoning).IsEqualTo("let me see");
        await Assert.That(events.Log).IsEquivalentTo(["generating terminal", "generating terminal"], CollectionOrdering.Matching);
        await Assert.That(reply.ToolCalls).IsEquivalentTo(
            [
                new ReplyToolCall("call_1", "terminal", """{"command":"ls"}""") { ResponseItemId = "fc_1" },
                new ReplyToolCall("call_2", "terminal", "{}") { ResponseItemId = "fc_2" },
            ],
            CollectionOrdering.Matching);
        await Assert.That(reply.FinishReason).IsEqualTo("tool_calls");
        await Assert.That(reply.Usage).IsEqualTo(new TokenUsage(10, 17, 4, 2, 9, 1, 16));
        await Assert.That(reply.ReasoningDetailsJson).IsEqualTo(
            """[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"let me see"}],"encrypted_content":"enc==","_issuer_kind":"other:https://maker/v1"}]""");
    }

    [Test]
    public async Task A_whole_response_is_understood_too()
    {
        var (reply, _, _, done) = Feed(
            """{"id":"r","object":"response","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},"output":[""" + Item
            + """,{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi "},{"type":"refusal","refusal":"no"}]},{"type":"function_call","id":"fc_9","call_id":"c","name":"terminal","arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":2}}""");
        await Assert.That(done).IsTrue();
        await Assert.That(reply.Text).IsEqualTo("Hi no");
        await Assert.That(reply.Reasoning).IsEqualTo("let me see");
        await Assert.That(reply.ReasoningDetailsJson).Contains("enc==");
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("c", "terminal", "{}") { ResponseItemId = "fc_9" }], CollectionOrdering.Matching);
        await Assert.That(reply.FinishReason).IsEqualTo("length");
        await Assert.That(reply.Usage).IsEqualTo(new TokenUsage(3, 2, 0, 0, 0, 1, 3));
    }

    [Test]
    public async Task Items_that_come_without_deltas_indices_or_beginnings_are_taken_once()
    {
        var (reply, events, _, _) = Feed(
            """{"type":"response.output_item.done","item":{"type":"reasoning","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}]}}""",
            """{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"first"}]}}""",
            """{"type":"response.output_item.added","item":{"type":"message"}}""",
            """{"type":"response.output_text.delta","delta":"second"}""",
            """{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"second"}]}}""",
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"a","name":"terminal"}}""",
            """{"type":"response.function_call_arguments.delta","delta":"{\"x\":"}""",
            """{"type":"response.function_call_arguments.delta","delta":"1}"}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"a","name":"terminal","arguments":"{\"x\":1}"}}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"b","name":"terminal","arguments":"{\"y\":2}"}}""",
            """{"type":"response.web_search_call.searching","item_id":"ws"}""",
            """{"type":"response.completed","response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"first"}]}]}}""");
        await Assert.That(events.Reasoning).IsEqualTo("one\n\ntwo");
        await Assert.That(reply.Text).IsEqualTo("first\n\nsecond");
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("a", "terminal", """{"x":1}"""), new ReplyToolCall("b", "terminal", """{"y":2}""")], CollectionOrdering.Matching);
        await Assert.That(reply.ReasoningDetailsJson).IsNull();
    }

    [Test]
    public async Task Parts_of_a_summary_are_paragraphs()
    {
        var (_, events, _, _) = Feed(
            """{"type":"response.reasoning_summary_part.added","summary_index":0}""",
            """{"type":"response.reasoning_summary_text.delta","delta":"one"}""",
            """{"type":"response.reasoning_summary_part.added","summary_index":1}""",
            """{"type":"response.reasoning_summary_text.delta","delta":"two"}""",
            """{"type":"response.reasoning_text.delta","delta":" more"}""");
        await Assert.That(events.Reasoning).IsEqualTo("one\n\ntwo more");
    }

    [Test]
    [Arguments("completed", "null", "stop")]
    [Arguments("incomplete", """{"reason":"max_output_tokens"}""", "incomplete")]
    [Arguments("incomplete", """{"reason":"content_filter"}""", "content_filter")]
    [Arguments("incomplete", "null", "incomplete")]
    public async Task The_status_says_why_a_reply_ends(string status, string details, string finish)
    {
        var (reply, _, error, done) = Feed(
            """{"type":"response.output_text.delta","delta":"x"}""",
            $$$"""{"type":"response.{{{status}}}","response":{"status":"{{{status}}}","error":null,"incomplete_details":{{{details}}} } }""");
        await Assert.That(error).IsNull();
        await Assert.That(done).IsTrue();
        await Assert.That(reply.FinishReason).IsEqualTo(finish);
    }

    [Test]
    [Arguments("""{"type":"error","code":"rate_limit_exceeded","message":"Slow down sk-0123456789","param":null}""", ModelErrorKind.RateLimit, "Slow down [redacted]")]
    [Arguments("""{"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"Too much"}}""", ModelErrorKind.ContextOverflow, "Too much")]
    [Arguments("""{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"Broken"}}}""", ModelErrorKind.Server, "Broken")]
    [Arguments("""{"type":"response.failed","response":{"status":"failed","error":{"code":"invalid_prompt","message":"Blocked"}}}""", ModelErrorKind.Format, "Blocked")]
    [Arguments("""{"type":"response.failed","response":{"status":"failed","error":null}}""", ModelErrorKind.Unknown, "The provider reported an error.")]
    [Arguments("""{"error":{"code":"invalid_encrypted_content","message":"Could not verify"}}""", ModelErrorKind.ThinkingSignature, "Could not verify")]
    internal async Task Errors_are_classified(string data, ModelErrorKind kind, string message)
    {
        var (_, _, error, _) = Feed(data);
        await Assert.That(error!.Kind).IsEqualTo(kind);
        await Assert.That(error.Message).IsEqualTo(message);
    }

    [Test]
    [Arguments("null")]
    [Arguments("[]")]
    [Arguments("nonsense")]
    [Arguments("""{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"\ud800"}]}}""")]
    public async Task Data_that_is_no_event_is_refused(string data) =>
        await Assert.That(() => Feed(data)).ThrowsException().And.Satisfies(thrown => thrown is JsonException or InvalidOperationException);

    [Test]
    [Arguments("{}")]
    [Arguments("""{"type":"response.output_item.done"}""")]
    [Arguments("""{"type":"response.output_item.added","item":7}""")]
    [Arguments("""{"type":"response.output_item.done","item":{"type":"reasoning","summary":"x","encrypted_content":null}}""")]
    [Arguments("""{"type":"response.function_call_arguments.done","arguments":7}""")]
    [Arguments("""{"type":"response.completed","response":null}""")]
    [Arguments("""{"type":"response.output_text.delta","delta":{"a":1}}""")]
    public async Task Odd_events_leave_nothing(string data)
    {
        var (reply, events, error, done) = Feed(data);
        await Assert.That(error).IsNull();
        await Assert.That(done).IsFalse();
        await Assert.That(reply.Text.Length + reply.ToolCalls.Count + events.Deltas.Count).IsEqualTo(0);
        await Assert.That(reply.ReasoningDetailsJson).IsNull();
    }

    [Test]
    public async Task Reasoning_without_end_is_cut_off()
    {
        var item = $$$"""{"type":"response.output_item.done","item":{"type":"reasoning","summary":[],"encrypted_content":"{{{new string('e', 4 << 20)}}}"}}""";
        await Assert.That(() => Feed(Enumerable.Repeat(item, 9).ToArray())).Throws<ModelException>();
    }

    [Test]
    public async Task A_text_delta_allocates_next_to_nothing()
    {
        var reply = new ReplyAssembler(new SilentEvents(null), _ => false);
        using var reader = new ResponsesEventReader(reply, "i", "");
        var chunk = Encoding.UTF8.GetBytes(
            """{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"some \"text\" with a <tag> and\nso on","logprobs":[],"obfuscation":"abc"}""");
        for (var i = 0; i < 2000; i++)
        {
            reader.Read(chunk);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            reader.Read(chunk);
        }

        // What is left is the collected text itself, two bytes a character.
        var perDelta = (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000.0;
        await Assert.That(perDelta).IsLessThan(34 * 2 * 2);
        await Assert.That(reply.Text.Length).IsGreaterThan(12_000 * 30);
    }

    private static (ModelReply Reply, RecordedEvents Events, ModelError? Error, bool Done) Feed(params string[] data)
    {
        var events = new RecordedEvents();
        var reply = new ReplyAssembler(events, _ => true);
        using var reader = new ResponsesEventReader(reply, "other:https://maker/v1", "sk-0123456789");
        foreach (var item in data)
        {
            reader.Read(Encoding.UTF8.GetBytes(item));
        }

        reader.Finish();
        reply.Complete();
        return (reply.ToReply(() => "new"), events, reader.Error, reader.Done);
    }
}

/// <summary>What is sent to Responses endpoints.</summary>
public class ResponsesRequestTests
{
    private const string OpenAi = "https://api.openai.com/v1";
    private const string Ours = """[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"mine","_issuer_kind":"other:https://api.openai.com/v1"}]""";

    private static readonly ConversationMessage[] Plain = [new(Role.User, "a")];

    [Test]
    public async Task The_whole_body_of_a_conversation_with_calls()
    {
        ConversationMessage[] history =
        [
            new(Role.User, "a") { ImageUrls = ["data:image/png;base64,AAAA", "https://x/y.png"] },
            new(Role.Assistant, "looking")
            {
                ReasoningDetailsJson = Ours,
                ToolCalls = [new StoredToolCall("call_1|fc_1", "t", """{"k":"é"}""") { ResponseItemId = "fc_1" }, new StoredToolCall("call_2", "t", "{}")],
            },
            new(Role.Tool, "") { ToolCallId = "call_1|fc_1" },
            new(Role.Tool, "orphan") { ToolCallId = "nobody" },
            new(Role.Assistant, "only thought") { ReasoningDetailsJson = """[{"type":"thinking","thinking":"x","signature":"s"}]""" },
            new(Role.User, "b"),
        ];
        var body = Body(history, tools: [new FakeTool("t")], settings: new AgentSettings { ReasoningEffort = "minimal", ServiceTier = "priority" }, cap: 8192);
        await Assert.That(body).IsEqualTo(
            """{"model":"gpt-5","instructions":"sys","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"},{"type":"input_image","image_url":"https://x/y.png"}]},"""
            + """{"type":"reasoning","summary":[],"encrypted_content":"mine"},{"role":"assistant","content":"looking"},"""
            + """{"type":"function_call","call_id":"call_1","name":"t","arguments":"{\"k\":\"é\"}"},{"type":"function_call","call_id":"call_2","name":"t","arguments":"{}"},"""
            + """{"type":"function_call_output","call_id":"call_1","output":""},{"type":"function_call_output","call_id":"call_2","output":"[Result unavailable — see context summary above]"},"""
            + """{"role":"assistant","content":"only thought"},{"role":"user","content":"b"}]"""
            + ""","tools":[{"type":"function","name":"t","description":"A tool.","strict":false,"parameters":{"type":"object","properties":{}}}],"tool_choice":"auto","parallel_tool_calls":true"""
            + ""","store":false,"stream":true,"prompt_cache_key":"20250101_000000_abcdef","reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"],"max_output_tokens":8192,"service_tier":"priority"}""");
        await Assert.That(Body(history, tools: [new FakeTool("t")], settings: new AgentSettings { ReasoningEffort = "minimal", ServiceTier = "priority" }, cap: 8192)).IsEqualTo(body);
        using var forbidden = JsonDocument.Parse(Body(Plain, tools: [new FakeTool("t")], forbidden: true));
        await Assert.That(forbidden.RootElement.GetProperty("tool_choice").GetString()).IsEqualTo("none");
        await Assert.That(forbidden.RootElement.GetProperty("tools").GetArrayLength()).IsEqualTo(1);
    }

    [Test]
    [Arguments("custom", OpenAi, "gpt-5", "", """{"effort":"medium","summary":"auto"}""", true)]
    [Arguments("custom", OpenAi, "openai/o4-mini", "xhigh", """{"effort":"xhigh","summary":"auto"}""", true)]
    [Arguments("custom", OpenAi, "gpt-5.1", "none", null, true)]
    [Arguments("custom", OpenAi, "gpt-4.1-mini", "high", null, false)]
    [Arguments("custom", OpenAi, "gpt-5.2-chat-latest", "high", null, false)]
    [Arguments("custom", "http://127.0.0.1:1/v1", "my-model", "high", """{"effort":"high","summary":"auto"}""", true)]
    [Arguments("xai", "https://api.x.ai/v1", "grok-4", "high", null, true)]
    [Arguments("custom", "https://api.x.ai/v1", "grok-4", "", null, true)]
    public async Task Reasoning_options_follow_the_endpoint_and_the_model(string provider, string url, string model, string effort, string? reasoning, bool encrypted)
    {
        using var body = JsonDocument.Parse(Body(Plain, url, model, provider, new AgentSettings { ReasoningEffort = effort }));
        await Assert.That(body.RootElement.TryGetProperty("reasoning", out var value) ? value.GetRawText() : null).IsEqualTo(reasoning);
        await Assert.That(body.RootElement.TryGetProperty("include", out var include) ? include.GetRawText() : null)
            .IsEqualTo(encrypted ? """["reasoning.encrypted_content"]""" : null);
    }

    [Test]
    [Arguments(OpenAi, "gpt-5", 10, 4096)]
    [Arguments(OpenAi, "gpt-5", 16384, 16384)]
    [Arguments(OpenAi, "gpt-4o", 10, 16)]
    [Arguments(OpenAi, "gpt-4o", 500, 500)]
    [Arguments("https://chatgpt.com/backend-api/codex", "gpt-5-codex", 500, null)]
    public async Task A_cap_leaves_room_for_reasoning(string url, string model, int cap, int? expected)
    {
        using var body = JsonDocument.Parse(Body(Plain, url, model, cap: cap));
        await Assert.That(body.RootElement.TryGetProperty("max_output_tokens", out var value) ? value.GetInt32() : (int?)null).IsEqualTo(expected);
    }

    [Test]
    [Arguments(OpenAi, Ours, true)]
    [Arguments("https://api.openai.com/v1/", Ours, true)]
    [Arguments("https://api.x.ai/v1", Ours, false)]
    [Arguments("https://z/openai/v1", Ours, false)]
    [Arguments("https://api.x.ai/v1", """[{"type":"reasoning","summary":[],"encrypted_content":"mine","_issuer_kind":"xai_responses"}]""", true)]
    [Arguments(OpenAi, """[{"type":"reasoning","id":"rs","summary":null,"encrypted_content":"mine","status":null}]""", true)]
    [Arguments(OpenAi, """[{"type":"reasoning","summary":[],"encrypted_content":""},{"type":"message"},7]""", false)]
    [Arguments(OpenAi, """{"type":"reasoning"}""", false)]
    [Arguments(OpenAi, "[broken", false)]
    public async Task Reasoning_returns_only_to_the_endpoint_that_made_it(string url, string items, bool expected)
    {
        ConversationMessage[] history = [new(Role.User, "a"), new(Role.Assistant, "one") { ReasoningDetailsJson = items }, new(Role.User, "b")];
        const string sent = """{"type":"reasoning","summary":[],"encrypted_content":"mine"},{"role":"assistant","content":"one"}""";
        var body = Body(history, url);
        await Assert.That(body.Contains(sent, StringComparison.Ordinal)).IsEqualTo(expected);
        await Assert.That(body.Contains("\"type\":\"reasoning\"", StringComparison.Ordinal)).IsEqualTo(expected);
        var without = Body(history, url, omit: true);
        await Assert.That(without).DoesNotContain("\"type\":\"reasoning\"");
        await Assert.That(without).DoesNotContain("include");
    }

    [Test]
    public async Task Its_reasoning_items_mean_nothing_to_other_formats()
    {
        ConversationMessage[] history = [new(Role.User, "a"), new(Role.Assistant, "one") { ReasoningDetailsJson = Ours }, new(Role.User, "b")];
        var anthropic = new ModelEndpoint("anthropic", "claude-sonnet-4-5", "https://api.anthropic.com", "k", ApiMode.AnthropicMessages);
        var chat = new ModelEndpoint("custom", "gpt-5", OpenAi, "k", ApiMode.ChatCompletions);
        await Assert.That(Encoding.UTF8.GetString(AnthropicRequestWriter.Write(new ModelRequest(anthropic, "sys", history, [], new AgentSettings())).Span)).DoesNotContain("mine");
        await Assert.That(Encoding.UTF8.GetString(ChatRequestWriter.Write(new ModelRequest(chat, "sys", history, [], new AgentSettings())).Span)).DoesNotContain("mine");
    }

    [Test]
    public async Task Ids_are_short_enough_and_pairs_stay_pairs()
    {
        var longId = "call_" + new string('x', 80);
        await Assert.That(ResponsesInput.CallId("call_1")).IsEqualTo("call_1");
        await Assert.That(ResponsesInput.CallId("toolu|1")).IsEqualTo("toolu|1");
        await Assert.That(ResponsesInput.CallId(longId).Length).IsEqualTo(64);
        await Assert.That(ResponsesInput.CallId(longId)).IsEqualTo(ResponsesInput.CallId(longId + "|fc_1"));
        await Assert.That(ResponsesInput.CallId(longId)).IsNotEqualTo(ResponsesInput.CallId(longId + "y"));
        await Assert.That(Body(Plain, key: new string('k', 70))).Contains($"\"prompt_cache_key\":\"{new string('k', 64)}\"");
        await Assert.That(Body(Plain, key: null)).DoesNotContain("prompt_cache_key");
    }

    [Test]
    [Arguments("https://user:secret@h:8443/v1/?key=secret", "other:https://h:8443/v1")]
    [Arguments("https://api.openai.com/v1", "other:https://api.openai.com/v1")]
    [Arguments("https://api.x.ai/v1", "xai_responses")]
    [Arguments("nonsense", "other:")]
    public async Task The_mark_of_an_endpoint_holds_no_secret(string url, string mark) =>
        await Assert.That(ResponsesReasoning.IssuerOf(new ModelEndpoint("custom", "m", url, "k", ApiMode.CodexResponses))).IsEqualTo(mark);

    private static string Body(
        ConversationMessage[] history,
        string url = OpenAi,
        string model = "gpt-5",
        string provider = "custom",
        AgentSettings? settings = null,
        IReadOnlyList<ITool>? tools = null,
        int? cap = null,
        bool forbidden = false,
        bool omit = false,
        string? key = "20250101_000000_abcdef")
    {
        var endpoint = new ModelEndpoint(provider, model, url, "k", ApiMode.CodexResponses);
        var request = new ModelRequest(endpoint, "sys", history, tools ?? [], settings ?? new AgentSettings())
        {
            OutputCap = cap,
            ToolsForbidden = forbidden,
            OmitReasoningDetails = omit,
            SessionKey = key,
        };
        return Encoding.UTF8.GetString(ResponsesRequestWriter.Write(request).Span);
    }
}
