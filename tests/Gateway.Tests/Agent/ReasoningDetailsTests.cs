using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;

namespace Gateway.Tests.AgentTests;

/// <summary>reasoning_details and reasoning_content: what is kept of them, and to whom it goes back.</summary>
public class ReasoningDetailsTests
{
    private const string OpenRouter = "https://openrouter.ai/api/v1";
    private const string Elements = """[{"type":"reasoning.text","text":"Hm.","signature":"s","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"sealed","index":1}]""";

    [Test]
    public async Task Pieces_of_one_element_are_joined_and_everything_else_is_kept()
    {
        var (reply, events, _) = Chat.Feed(
        [
            Chat.Delta("""{"reasoning":"Let ","reasoning_details":[{"type":"reasoning.text","text":"Let ","format":"anthropic-claude-v1","index":0}]}"""),
            Chat.Delta("""{"reasoning":"me \"see\".","reasoning_details":[{"type":"reasoning.text","text":"me \"see\".","format":"anthropic-claude-v1","index":0}]}"""),
            Chat.Delta("""{"reasoning":"","reasoning_details":[{"type":"reasoning.text","text":"","signature":"sig==","index":0},{"type":"reasoning.encrypted","data":"one","id":"rs_1","index":1}]}"""),
            Chat.Delta("""{"reasoning_details":[{"type":"reasoning.encrypted","data":"two","id":"rs_2","index":1},{"type":"reasoning.summary","summary":"é","index":1,"extra":{"n":1.50}}]}"""),
            Chat.Text("Answer"),
            Chat.Stop,
        ]);
        await Assert.That(reply.ReasoningDetailsJson).IsEqualTo(
            """[{"type":"reasoning.text","text":"Let me \"see\".","format":"anthropic-claude-v1","index":0,"signature":"sig=="},"""
            + """{"type":"reasoning.encrypted","data":"one","id":"rs_1","index":1},{"type":"reasoning.encrypted","data":"two","id":"rs_2","index":1},"""
            + """{"type":"reasoning.summary","summary":"é","index":1,"extra":{"n":1.50}}]""");
        await Assert.That(events.Reasoning).IsEqualTo("Let me \"see\".é");
        await Assert.That(reply.ReasoningContent).IsNull();
    }

    [Test]
    public async Task Elements_and_members_without_end_are_left_out()
    {
        string elements = string.Join(',', Enumerable.Range(0, 5000).Select(index => $$"""{"type":"t","index":{{index}}}"""));
        string members = string.Join(',', Enumerable.Range(0, 5000).Select(index => $"\"m{index}\":{index}"));
        var (many, _, _) = Chat.Feed([Chat.Delta($$"""{"reasoning_details":[{{elements}}]}"""), Chat.Text("Answer"), Chat.Stop]);
        var (wide, _, _) = Chat.Feed([Chat.Delta("{\"reasoning_details\":[{" + members + "}]}"), Chat.Text("Answer"), Chat.Stop]);
        using var kept = JsonDocument.Parse(many.ReasoningDetailsJson!);
        await Assert.That(kept.RootElement.GetArrayLength()).IsEqualTo(2048);
        using var one = JsonDocument.Parse(wide.ReasoningDetailsJson!);
        await Assert.That(one.RootElement[0].EnumerateObject().Count()).IsEqualTo(64);
        await Assert.That(wide.Text).IsEqualTo("Answer");
    }

    [Test]
    [Arguments("""[{"type":"reasoning.text","text":"a"},{"type":"reasoning.text","text":"b","signature":null},{"text":"c"}]""", """[{"type":"reasoning.text","text":"abc","signature":null}]""", "abc")]
    [Arguments("""[{"type":"reasoning.text","text":"a"},{"type":"reasoning.summary","summary":"b"},{"type":"reasoning.text","text":"c"}]""",
        """[{"type":"reasoning.text","text":"a"},{"type":"reasoning.summary","summary":"b"},{"type":"reasoning.text","text":"c"}]""", "abc")]
    [Arguments("""[{"type":"reasoning.text","text":null,"signature":"s"},{"type":"reasoning.text","text":"late","signature":"other"}]""", """[{"type":"reasoning.text","text":"late","signature":"s"}]""", "late")]
    [Arguments("""[{"type":"reasoning.encrypted","data":null},{"type":"reasoning.encrypted","data":"d"}]""", """[{"type":"reasoning.encrypted","data":null},{"type":"reasoning.encrypted","data":"d"}]""", "")]
    [Arguments("""[7,"x",null,[{}],{"index":"one","type":3}]""", """[{"index":"one","type":3}]""", "")]
    [Arguments("[]", null, "")]
    [Arguments("null", null, "")]
    [Arguments("\"text\"", null, "")]
    public async Task Odd_elements_do_no_harm(string details, string? kept, string shown)
    {
        var (reply, events, error) = Chat.Feed([Chat.Delta($$"""{"reasoning_details":{{details}}}"""), Chat.Text("ok"), Chat.Stop]);
        await Assert.That(error).IsNull();
        await Assert.That(reply.Text).IsEqualTo("ok");
        await Assert.That(reply.ReasoningDetailsJson).IsEqualTo(kept);
        await Assert.That(events.Reasoning).IsEqualTo(shown);
    }

    [Test]
    public async Task Reading_a_piece_allocates_nothing()
    {
        var events = new SilentEvents(null);
        var reply = new ReplyAssembler(events, _ => false);
        using var reader = new ChatChunkReader(reply, "");
        byte[] piece = Encoding.UTF8.GetBytes(Chat.Delta("""{"reasoning":"x","reasoning_details":[{"type":"reasoning.text","text":"x","format":"f","index":0}]}"""));
        for (int i = 0; i < 10_000; i++) reader.Read(piece);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) reader.Read(piece);

        // What is kept grows: two characters of two bytes each, in chunks of the builders.
        await Assert.That(GC.GetAllocatedBytesForCurrentThread() - before).IsLessThan(10_000 * 2 * sizeof(char) * 3L);
        reader.Finish();
        await Assert.That(reply.ReasoningDetailsJson!.Length).IsGreaterThan(20_000);
    }

    [Test]
    [Arguments("openrouter", OpenRouter, false, Elements)]
    [Arguments("custom", OpenRouter, false, Elements)]
    [Arguments("nous", "https://inference-api.nousresearch.com/v1", false, Elements)]
    [Arguments("openrouter", OpenRouter, true, null)]
    [Arguments("custom", "http://127.0.0.1:1/v1", false, null)]
    [Arguments("deepseek", "https://api.deepseek.com/v1", false, null)]
    public async Task Elements_go_back_to_those_who_translate_between_providers(string provider, string url, bool refused, string? expected)
    {
        using var body = Body(provider, url, "m", new ConversationMessage(Role.Assistant, "b") { ReasoningDetailsJson = Elements }, refused);
        await Assert.That(Member(body, "reasoning_details")).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""[{"type":"thinking","thinking":"x","signature":"s"},{"type":"redacted_thinking","data":"d"}]""", null)]
    [Arguments("""[{"type":"reasoning","summary":[],"encrypted_content":"enc"}]""", null)]
    [Arguments("""[{"type":"thinking","thinking":"x"},{"type":"reasoning.text","text":"t"},7]""", """[{"type":"reasoning.text","text":"t"}]""")]
    [Arguments("""{"type":"reasoning.text"}""", null)]
    [Arguments("[broken", null)]
    [Arguments("[]", null)]
    public async Task Blocks_of_other_formats_stay_here(string stored, string? expected)
    {
        using var body = Body("openrouter", OpenRouter, "m", new ConversationMessage(Role.Assistant, "b") { ReasoningDetailsJson = stored });
        await Assert.That(Member(body, "reasoning_details")).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""[{"type":"thinking","thinking":"x","signature":"s","cache_control":{"type":"ephemeral"}}]""", """[{"type":"thinking","thinking":"x","signature":"s"},""")]
    [Arguments("""[{"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"loose"}]""", """[{"type":"redacted_thinking","data":"d"},{"type":"text","text":"loose"},""")]
    [Arguments("""[{"type":"thinking","thinking":"x","signature":""}]""", """[{"type":"text","text":"x"},""")]
    [Arguments(Elements, "[")]
    [Arguments("""[{"type":"reasoning.text","text":"t","signature":"s"},{"data":"d"},{"signature":"s"},{"type":"thinking","thinking":7,"signature":"s"},{"type":"redacted_thinking"}]""", "[")]
    public async Task Anthropic_gets_its_own_blocks_alone(string stored, string expected)
    {
        var endpoint = new ModelEndpoint("anthropic", "claude-sonnet-4-5", "https://api.anthropic.com", "k", ApiMode.AnthropicMessages);
        ConversationMessage[] history = [new(Role.User, "a"), new(Role.Assistant, "b") { ReasoningDetailsJson = stored }, new(Role.User, "c")];
        using var body = JsonDocument.Parse(Encoding.UTF8.GetString(AnthropicRequestWriter.Write(new ModelRequest(endpoint, "", history, [], new AgentSettings())).Span));
        await Assert.That(body.RootElement.GetProperty("messages")[1].GetProperty("content").GetRawText())
            .IsEqualTo(expected + """{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]""");
    }

    [Test]
    [Arguments("deepseek", "deepseek-chat", true, "stored", "other", "stored")]
    [Arguments("deepseek", "deepseek-chat", true, "", "other", "")]
    [Arguments("deepseek", "deepseek-chat", true, null, "other", "other")]
    [Arguments("kimi-coding", "kimi-k2", true, null, null, "")]
    [Arguments("openrouter", "moonshotai/kimi-k2", true, null, "r\ud800", "r\ufffd")]
    [Arguments("deepseek", "deepseek-chat", false, "stored", "other", "stored")]
    [Arguments("deepseek", "deepseek-chat", false, null, "other", null)]
    [Arguments("custom", "m", true, "stored", "other", null)]
    public async Task Stored_reasoning_content_wins_where_a_provider_wants_it(string provider, string model, bool calls, string? stored, string? reasoning, string? expected)
    {
        var message = new ConversationMessage(Role.Assistant, "b") { ReasoningContent = stored, Reasoning = reasoning, ToolCalls = calls ? [new StoredToolCall("1", "t", "{}")] : [] };
        using var body = Body(provider, "https://x/v1", model, message);
        await Assert.That(body.RootElement.GetProperty("messages")[1].TryGetProperty("reasoning_content", out var sent) ? sent.GetString() : null).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""{"reasoning_content":" why "}""", "why")]
    [Arguments("""{"reasoning":"why"}""", null)]
    [Arguments("""{"reasoning_content":""}""", null)]
    [Arguments("""{"reasoning_content":7,"reasoning":"why"}""", null)]
    public async Task Reasoning_content_is_kept_as_such(string delta, string? expected)
    {
        var (reply, _, _) = Chat.Feed([Chat.Delta(delta), Chat.Text("ok"), Chat.Stop]);
        await Assert.That(reply.ReasoningContent).IsEqualTo(expected);
    }

    private static string? Member(JsonDocument body, string name) =>
        body.RootElement.GetProperty("messages")[1].TryGetProperty(name, out var member) ? member.GetRawText() : null;

    private static JsonDocument Body(string provider, string url, string model, ConversationMessage message, bool refused = false)
    {
        var endpoint = new ModelEndpoint(provider, model, url, "k", ApiMode.ChatCompletions);
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "a"), message], [], new AgentSettings()) { OmitReasoningDetails = refused };
        return JsonDocument.Parse(Encoding.UTF8.GetString(ChatRequestWriter.Write(request).Span));
    }
}
