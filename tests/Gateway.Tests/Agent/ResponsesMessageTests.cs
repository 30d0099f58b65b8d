using System.Text;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;

namespace Gateway.Tests.AgentTests;

/// <summary>The phases of message items: kept, stored, and returned to the endpoint that named them.</summary>
public class ResponsesMessageTests
{
    private const string OpenAi = "https://api.openai.com/v1";
    private const string Kept =
        """[{"type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Looking."}],"phase":"commentary","_issuer_kind":"other:https://api.openai.com/v1"},"""
        + """{"type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Done."}],"phase":"final_answer","_issuer_kind":"other:https://api.openai.com/v1"}]""";

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Phases_are_kept_with_the_text_they_are_of(bool streamed)
    {
        const string first = """{"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"Looking."}]}""";
        const string second = """{"type":"message","id":"msg_2","role":"assistant","phase":"final_answer","content":[{"type":"output_text","text":"Do"},{"type":"output_text","text":"ne."}]}""";
        var reply = streamed
            ? Feed(
                """{"type":"response.output_item.added","output_index":0,"item":{"type":"message","phase":"commentary"}}""",
                """{"type":"response.output_text.delta","output_index":0,"delta":"Looking."}""",
                $$"""{"type":"response.output_item.done","output_index":0,"item":{{first}}}""",
                $$"""{"type":"response.output_item.done","output_index":1,"item":{{second}}}""",
                """{"type":"response.completed","response":{"status":"completed"}}""")
            : Feed($$"""{"status":"completed","output":[{{first}},{{second}}]}""");
        await Assert.That(reply.Text).IsEqualTo(streamed ? "Looking.Done." : "Looking.\n\nDone.");
        await Assert.That(reply.MessageItemsJson).IsEqualTo(Kept);
    }

    [Test]
    [Arguments("""{"type":"message","content":[{"type":"output_text","text":"x"}]}""")]
    [Arguments("""{"type":"message","phase":null,"content":[{"type":"output_text","text":"x"}]}""")]
    [Arguments("""{"type":"message","phase":3,"content":[{"type":"output_text","text":"x"}]}""")]
    public async Task Items_that_say_no_more_than_the_text_are_not_kept(string item) =>
        await Assert.That(Feed($$"""{"status":"completed","output":[{{item}}]}""").MessageItemsJson).IsNull();

    [Test]
    [Arguments(OpenAi, Kept, "Looking.\n\nDone.", """{"role":"assistant","content":"Looking.","phase":"commentary"},{"role":"assistant","content":"Done.","phase":"final_answer"}""")]
    [Arguments(OpenAi, Kept, "Shortened", """{"role":"assistant","content":"Shortened","phase":"final_answer"}""")]
    [Arguments("https://api.x.ai/v1", Kept, "Looking.\n\nDone.", """{"role":"assistant","content":"Looking.\n\nDone."}""")]
    [Arguments(OpenAi, """[{"type":"message","content":[{"type":"output_text","text":"Hi"}],"phase":"final_answer"}]""", "Hi", """{"role":"assistant","content":"Hi","phase":"final_answer"}""")]
    [Arguments(OpenAi, """[{"type":"reasoning"},7,{"type":"message","phase":"x"},{"type":"message","content":[3],"phase":"x"}]""", "Hi", """{"role":"assistant","content":"Hi"}""")]
    [Arguments(OpenAi, """{"type":"message"}""", "Hi", """{"role":"assistant","content":"Hi"}""")]
    [Arguments(OpenAi, "[broken", "Hi", """{"role":"assistant","content":"Hi"}""")]
    [Arguments(OpenAi, null, "Hi", """{"role":"assistant","content":"Hi"}""")]
    public async Task Phases_go_back_to_the_endpoint_that_named_them(string url, string? items, string text, string expected)
    {
        var endpoint = new ModelEndpoint("custom", "gpt-5.3-codex", url, "k", ApiMode.CodexResponses);
        ConversationMessage[] history = [new(Role.User, "a"), new(Role.Assistant, text) { MessageItemsJson = items }, new(Role.User, "b")];
        var request = new ModelRequest(endpoint, "", history, [], new AgentSettings());
        await Assert.That(Encoding.UTF8.GetString(ResponsesRequestWriter.Write(request).Span))
            .Contains($$"""{"role":"user","content":"a"},{{expected}},{"role":"user","content":"b"}""");
    }

    private static ModelReply Feed(params string[] events)
    {
        var reply = new ReplyAssembler(new RecordedEvents(), _ => false);
        using var reader = new ResponsesEventReader(reply, "other:" + OpenAi, "");
        foreach (var data in events) reader.Read(Encoding.UTF8.GetBytes(data));
        reader.Finish();
        reply.Complete();
        return reply.ToReply(() => "id");
    }
}
