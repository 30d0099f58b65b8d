namespace Gateway.Tests.ModelServerTests;

/// <summary>The scripted server is like the real providers as far as the providers' own clients can tell.</summary>
[ClassDataSource<SdkReading>(Shared = SharedType.PerTestSession)]
public class SdkFidelityTests(SdkReading read)
{
    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task Streamed_text_arrives_whole(string api)
    {
        await Assert.That(read.Of($"{api}.text.text")).IsEqualTo("\"Hello from the script: grüße, 世界, 🙂.\"");
        await Assert.That(read.Of($"{api}.text.streamed")).IsEqualTo("true");
    }

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task Reasoning_comes_apart_from_the_text(string api)
    {
        await Assert.That(read.Of($"{api}.reasoning.reasoning")).IsEqualTo("\"Two and two make four.\"");
        await Assert.That(read.Of($"{api}.reasoning.text")).IsEqualTo("\"Four.\"");
    }

    [Test]
    [Arguments("messages.reasoning.signature")]
    [Arguments("responses.reasoning.encrypted")]
    public async Task Thinking_is_signed_or_encrypted(string place) =>
        await Assert.That(read.Of(place)).IsEqualTo("\"c2lnbmVkLWJ5LXNjcmlwdA==\"");

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task Fragments_of_parallel_calls_are_put_together(string api) =>
        await Assert.That(read.Of($"{api}.tools.calls")).IsEqualTo(
            """[{"id":"call_1","name":"terminal","arguments":{"command":"printf '%s\\n' \"grüße\" 🙂","timeout":5}},{"id":"call_2","name":"terminal","arguments":{}}]""");

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task Tool_results_are_accepted_in_the_clients_own_form(string api) =>
        await Assert.That(read.Of($"{api}.afterTools")).IsEqualTo("\"The tool said: result of call_2\"");

    [Test]
    [Arguments("chat.text", "stop")]
    [Arguments("chat.tools", "tool_calls")]
    [Arguments("messages.text", "end_turn")]
    [Arguments("messages.tools", "tool_use")]
    [Arguments("responses.tools", "completed")]
    public async Task Replies_say_why_they_end(string scene, string reason) =>
        await Assert.That(read.Of($"{scene}.finish")).IsEqualTo($"\"{reason}\"");

    [Test]
    [Arguments("chat.text", """{"prompt":19,"output":7,"cached":5,"reasoning":0}""")]
    [Arguments("chat.reasoning", """{"prompt":20,"output":14,"cached":0,"reasoning":10}""")]
    [Arguments("messages.text", """{"input":11,"output":7,"cached":5,"written":3}""")]
    [Arguments("responses.text", """{"input":19,"output":7,"cached":5,"reasoning":0}""")]
    [Arguments("responses.reasoning", """{"input":20,"output":14,"cached":0,"reasoning":10}""")]
    public async Task Usage_is_counted_the_providers_way(string scene, string usage) =>
        await Assert.That(read.Of($"{scene}.usage")).IsEqualTo(usage);

    [Test]
    [Arguments("chat", """{"text":"Hello from the script: grüße, 世界, 🙂.","finish":"stop","total":26}""")]
    [Arguments("messages", """{"text":"Hello from the script: grüße, 世界, 🙂.","finish":"end_turn","total":18}""")]
    [Arguments("responses", """{"text":"Hello from the script: grüße, 世界, 🙂.","finish":"completed","total":26}""")]
    public async Task A_reply_that_is_not_streamed_is_one_body(string api, string whole) =>
        await Assert.That(read.Of($"{api}.whole")).IsEqualTo(whole);

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task A_rate_limit_is_the_clients_rate_limit_error(string api)
    {
        await Assert.That(read.Of($"{api}.limited.error")).IsEqualTo("\"RateLimitError\"");
        await Assert.That(read.Of("retried")).IsEqualTo("\"Thank you for waiting.\"");
    }

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    [Arguments("responses")]
    public async Task An_error_in_the_stream_is_the_clients_error(string api)
    {
        await Assert.That(read.Of($"{api}.midway.error")).IsEqualTo("\"APIError\"");
        await Assert.That(read.Of($"{api}.midway.message")).Contains("Overloaded");
    }

    [Test]
    [Arguments("chat")]
    [Arguments("messages")]
    public async Task Models_are_listed(string api) =>
        await Assert.That(read.Of($"{api}.models")).IsEqualTo("""["text","reasoning","tools","limited","overloaded-midway"]""");

    [Test]
    public async Task Keys_arrive_the_way_the_clients_send_them()
    {
        read.Of("retried");
        // This version of Anthropic's client sends its key as a bearer token; earlier ones sent x-api-key.
        await Assert.That(read.Keys).IsEquivalentTo(["Bearer key-for-openai", "Bearer key-for-anthropic"]);
    }
}
