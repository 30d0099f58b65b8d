using Gateway.Agent;
using Gateway.Agent.Models;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

public class ChatChunkReaderTests
{
    [Test]
    [Arguments("""{"reasoning":"why"}""")]
    [Arguments("""{"reasoning_content":"why"}""")]
    [Arguments("""{"reasoning_text":"why"}""")]
    [Arguments("""{"reasoning_details":[{"type":"reasoning.text","text":"why","format":null}]}""")]
    [Arguments("""{"reasoning_details":[{"type":"reasoning.summary","summary":"why"}]}""")]
    [Arguments("""{"reasoning":"why","reasoning_details":[{"type":"reasoning.text","text":"why"}]}""")]
    [Arguments("""{"reasoning_details":[{"type":"reasoning.text","text":"why"}],"reasoning":"why"}""")]
    [Arguments("""{"content":null,"reasoning":null,"reasoning_content":"why"}""")]
    [Arguments("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"why"}]}]}""")]
    [Arguments("""{"content":"<think>why</think>"}""")]
    [Arguments("""{"content":"<THINKING>why</THINKING>"}""")]
    [Arguments("""{"content":"<reasoning>why</reasoning>"}""")]
    [Arguments("""{"content":"<thought>why</thought>"}""")]
    [Arguments("""{"content":"<REASONING_SCRATCHPAD>why</REASONING_SCRATCHPAD>"}""")]
    public async Task Reasoning_is_understood_in_every_spelling(string delta)
    {
        var (reply, events, _) = Chat.Feed([Chat.Delta(delta), Chat.Text("Answer"), Chat.Stop]);
        await Assert.That(reply.Reasoning).IsEqualTo("why");
        await Assert.That(events.Reasoning).IsEqualTo("why");
        await Assert.That(reply.Text).IsEqualTo("Answer");
        await Assert.That(events.Text).IsEqualTo("Answer");
    }

    [Test]
    public async Task Text_arrives_in_the_pieces_it_was_sent_in_without_leading_line_breaks()
    {
        var (reply, events, _) = Chat.Feed([Chat.Text("\n\n"), Chat.Text("\nHel"), Chat.Text("lo \"x\"\n"), Chat.Stop]);
        await Assert.That(events.Deltas).IsEquivalentTo(["Hel", "lo \"x\"\n"], CollectionOrdering.Matching);
        await Assert.That(reply.Text).IsEqualTo("Hello \"x\"\n");
        await Assert.That(reply.FinishReason).IsEqualTo("stop");
    }

    [Test]
    public async Task Surrogate_pairs_cut_by_the_server_come_out_whole_and_lone_ones_are_replaced()
    {
        var (reply, events, _) = Chat.Feed(
        [
            Chat.Delta("""{"content":"a\ud83d"}"""), Chat.Delta("""{"content":"\ude00b"}"""), Chat.Delta("""{"content":"\ud83dx"}"""), Chat.Delta("""{"content":"\udead"}"""), Chat.Delta("""{"content":"\ud83d"}"""), Chat.Stop,
        ]);
        await Assert.That(reply.Text).IsEqualTo("a😀b\uFFFDx\uFFFD\uFFFD");
        await Assert.That(JsonText.WithoutLoneSurrogates(events.Text)).IsEqualTo(reply.Text);
    }

    [Test]
    [Arguments("whole", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"terminal","arguments":"{\"command\":\"ls\"}"}}]}""")]
    [Arguments("no index", """{"tool_calls":[{"id":"a","function":{"name":"terminal","arguments":"{\"command\":\"ls\"}"}}]}""")]
    [Arguments("arguments in pieces", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"terminal","arguments":""}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"{\"comm"}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"and\":\"ls\"}"}}]}""")]
    [Arguments("pieces without index", """{"tool_calls":[{"id":"a","function":{"name":"terminal"}}]}""", """{"tool_calls":[{"function":{"arguments":"{\"command\":"}}]}""", """{"tool_calls":[{"function":{"arguments":"\"ls\"}"}}]}""")]
    [Arguments("name in pieces", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"term"}}]}""", """{"tool_calls":[{"index":0,"function":{"name":"inal","arguments":"{\"command\":\"ls\"}"}}]}""")]
    [Arguments("name repeated", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"terminal","arguments":"{\"command\":"}}]}""", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"terminal","arguments":"\"ls\"}"}}]}""")]
    [Arguments("id empty later", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"terminal","arguments":"{\"command\":"}}]}""", """{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":"\"ls\"}"}}]}""")]
    [Arguments("arguments as object", """{"tool_calls":[{"index":0,"id":"a","function":{"arguments":{"command":"ls"},"name":"terminal"}}]}""")]
    public async Task A_tool_call_is_put_together(string variant, params string[] deltas)
    {
        var (reply, events, _) = Chat.Feed([.. deltas.Select(Chat.Delta), Chat.ToolStop]);
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("a", "terminal", """{"command":"ls"}""")], CollectionOrdering.Matching).Because(variant);
        await Assert.That(events.Log).IsEquivalentTo(["generating terminal"], CollectionOrdering.Matching);
    }

    [Test]
    [Arguments("by index", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}},{"index":1,"id":"b","function":{"name":"two","arguments":"{}"}}]}""")]
    [Arguments("index reused", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}]}""", """{"tool_calls":[{"index":0,"id":"b","function":{"name":"two","arguments":"{}"}}]}""")]
    [Arguments("no index", """{"tool_calls":[{"id":"a","function":{"name":"one","arguments":"{}"}},{"id":"b","function":{"name":"two","arguments":"{}"}}]}""")]
    [Arguments("interleaved", """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{"}},{"index":1,"id":"b","function":{"name":"two","arguments":"{"}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"}"}},{"index":1,"function":{"arguments":"}"}}]}""")]
    public async Task Two_calls_stay_apart(string variant, params string[] deltas)
    {
        var (reply, events, _) = Chat.Feed([.. deltas.Select(Chat.Delta), Chat.ToolStop]);
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("a", "one", "{}"), new ReplyToolCall("b", "two", "{}")], CollectionOrdering.Matching).Because(variant);
        await Assert.That(events.Log).IsEquivalentTo(["generating one", "generating two"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task Calls_without_ids_get_ids()
    {
        var (reply, _, _) = Chat.Feed([Chat.Delta("""{"tool_calls":[{"function":{"name":"one","arguments":{"a":1}}},{"function":{"name":"two","arguments":{}}}]}""")]);
        await Assert.That(reply.ToolCalls).IsEquivalentTo([new ReplyToolCall("new1", "one", """{"a":1}"""), new ReplyToolCall("new2", "two", "{}")], CollectionOrdering.Matching);
    }

    [Test]
    public async Task Extra_content_travels_with_the_call()
    {
        var (reply, _, _) = Chat.Feed([Chat.Delta("""{"tool_calls":[{"index":0,"id":"a","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"one","arguments":"{}"}}]}""")]);
        await Assert.That(reply.ToolCalls[0].ExtraContentJson).IsEqualTo("""{"google":{"thought_signature":"s"}}""");
    }

    [Test]
    public async Task Text_behind_a_tool_call_is_kept_but_not_streamed()
    {
        var (reply, events, _) = Chat.Feed([Chat.Text("before"), Chat.Call("a", "one", "{}"), Chat.Text(" after"), Chat.ToolStop]);
        await Assert.That(events.Text).IsEqualTo("before");
        await Assert.That(reply.Text).IsEqualTo("before after");
    }

    [Test]
    [Arguments("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}""", 3, 4, 6, 1, 2)]
    [Arguments("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":null}}""", 10, 4, 0, 0, 0)]
    [Arguments("""{"usage":{"prompt_tokens":3.0,"completion_tokens":"x","cache_read_input_tokens":9,"extra":{"a":[1]}}}""", 0, 0, 9, 0, 0)]
    [Arguments("""{"choices":[],"usage":null,"x_groq":{"usage":{"prompt_tokens":5,"completion_tokens":1}}}""", 5, 1, 0, 0, 0)]
    public async Task Usage_is_read_into_the_buckets(string chunk, long input, long output, long read, long written, long reasoning)
    {
        var (reply, _, _) = Chat.Feed([Chat.Text("x"), chunk]);
        await Assert.That(reply.Usage).IsEqualTo(new TokenUsage(input, output, read, written, reasoning, 1, input + read + written));
    }

    [Test]
    [Arguments("""{"error":{"message":"Overloaded","code":503}}""", ModelErrorKind.Server)]
    [Arguments("""{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", ModelErrorKind.RateLimit)]
    [Arguments("""{"error":"maximum context length is 5"}""", ModelErrorKind.ContextOverflow)]
    internal async Task Errors_inside_the_stream_are_classified(string chunk, ModelErrorKind kind)
    {
        var (_, _, error) = Chat.Feed([chunk]);
        await Assert.That(error!.Kind).IsEqualTo(kind);
    }

    [Test]
    public async Task A_text_delta_allocates_next_to_nothing()
    {
        var events = new NoEvents();
        var reply = new ReplyAssembler(events, _ => false);
        using var reader = new ChatChunkReader(reply, "");
        var chunk = System.Text.Encoding.UTF8.GetBytes(Chat.Text("some \"text\" with a <tag> and\nso on"));
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
        await Assert.That(events.Count).IsGreaterThan(10_000);
    }

    private sealed class NoEvents : IAgentEvents
    {
        public ValueTask RoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public int Count { get; private set; }

        public void ModelCallStarted() { }

        public void ModelCallEnded() { }

        public void TextDelta(ReadOnlySpan<char> text) => Count++;

        public void ReasoningDelta(ReadOnlySpan<char> text) { }

        public void ReplyText(string text) { }

        public void ToolGenerating(string name) { }

        public void ToolStarted(Tools.ToolCall call, string preview) { }

        public void ToolCompleted(Tools.ToolCall call, Tools.ToolResult result, TimeSpan duration) { }

        public void Status(string kind, string text) { }
    }
}
