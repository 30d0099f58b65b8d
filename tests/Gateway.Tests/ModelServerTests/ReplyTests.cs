using System.Net;
using System.Text;
using System.Text.Json;

namespace Gateway.Tests.ModelServerTests;

/// <summary>What replies look like on the wire, beyond what the providers' clients show.</summary>
public class ReplyTests
{
    [Test]
    public async Task Chat_usage_is_sent_only_when_asked_for()
    {
        await using ModelClient client = await ModelClient.NamedAsync("text");
        string unasked = await (await client.ChatAsync()).Content.ReadAsStringAsync();
        string asked = await (await client.PostAsync("/v1/chat/completions",
            """{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"?"}]}"""))
            .Content.ReadAsStringAsync();
        await Assert.That(unasked).DoesNotContain("usage");
        JsonElement last = ModelClient.Data(asked)[^1];
        await Assert.That(last.GetProperty("choices").GetArrayLength()).IsEqualTo(0);
        await Assert.That(last.GetProperty("usage").GetProperty("total_tokens").GetInt32()).IsEqualTo(18);
        await Assert.That(asked).EndsWith("data: [DONE]\n\n");
    }

    [Test]
    [Arguments("reasoning-content", """{"reasoning_content":"Let m"}""")]
    [Arguments("reasoning-plain", """{"reasoning":"Let m"}""")]
    [Arguments("reasoning-details", """{"reasoning_details":[{"type":"reasoning.text","text":"Let m","index":0}]}""")]
    [Arguments("openrouter", """{"reasoning":"Let m","reasoning_details":[{"type":"reasoning.text","text":"Let m","index":0}]}""")]
    [Arguments("think-tags", """{"content":"<think>Let m"}""")]
    public async Task Reasoning_has_the_spelling_asked_for(string model, string delta)
    {
        await using ModelClient client = await ModelClient.NamedAsync("reasoning");
        string stream = await (await client.ChatAsync(model: model)).Content.ReadAsStringAsync();
        await Assert.That(stream).Contains($"\"delta\":{delta}");
    }

    [Test]
    public async Task Anthropic_events_come_in_order()
    {
        await using ModelClient client = await ModelClient.NamedAsync("reasoning");
        string stream = await (await client.MessagesAsync()).Content.ReadAsStringAsync();
        string[] events = [.. stream.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..])];
        string[] once = [.. events.Where((name, index) => index == 0 || events[index - 1] != name)];
        await Assert.That(string.Join(' ', once)).IsEqualTo(
            "message_start ping content_block_start content_block_delta content_block_stop"
            + " content_block_start content_block_delta content_block_stop message_delta message_stop");
        await Assert.That(stream).Contains("signature_delta");
    }

    [Test]
    public async Task Events_of_a_response_come_in_order_and_are_numbered()
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """{"fallback":{"steps":[{"reasoning":"Hm.","signature":"sealed"},{"text":"Hi.","chunk":1},{"tool_call":{"id":"a","name":"t","arguments":{"k":1}}}]}}""");
        string stream = await (await client.ResponsesAsync(",\"include\":[\"reasoning.encrypted_content\"]")).Content.ReadAsStringAsync();
        IReadOnlyList<JsonElement> events = ModelClient.Data(stream);
        string[] names = [.. events.Select(item => item.GetProperty("type").GetString()![9..])];
        string[] once = [.. names.Where((name, index) => index == 0 || names[index - 1] != name)];
        await Assert.That(string.Join(' ', once)).IsEqualTo(
            "created in_progress"
            + " output_item.added reasoning_summary_part.added reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done output_item.done"
            + " output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done"
            + " output_item.added function_call_arguments.delta function_call_arguments.done output_item.done completed");
        await Assert.That(events.Select(item => item.GetProperty("sequence_number").GetInt32())).IsEquivalentTo(Enumerable.Range(0, events.Count));
        await Assert.That(stream).Contains("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",");
        JsonElement output = events[^1].GetProperty("response").GetProperty("output");
        await Assert.That(output.GetRawText()).IsEqualTo(
            """[{"id":"rs_scripted_1_0","type":"reasoning","encrypted_content":"sealed","summary":[{"type":"summary_text","text":"Hm."}]},"""
            + """{"id":"msg_scripted_1_1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi."}],"role":"assistant"},"""
            + """{"id":"fc_scripted_1_2","type":"function_call","status":"completed","arguments":"{\"k\":1}","call_id":"a","name":"t"}]""");

        JsonElement whole = ModelClient.Parse(await (await client.ResponsesAsync(stream: false)).Content.ReadAsStringAsync());
        await Assert.That(whole.GetProperty("output").GetArrayLength()).IsEqualTo(3);
        await Assert.That(whole.GetProperty("output").GetRawText()).DoesNotContain("sealed");
    }

    [Test]
    [Arguments("length", "incomplete", "max_output_tokens")]
    [Arguments("content_filter", "incomplete", "content_filter")]
    [Arguments("stop", "completed", null)]
    public async Task A_response_says_why_it_is_incomplete(string finish, string status, string? reason)
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"text":"Hi."},{"finish":"HOW"}]}}""".Replace("HOW", finish));
        JsonElement last = ModelClient.Data(await (await client.ResponsesAsync()).Content.ReadAsStringAsync())[^1];
        await Assert.That(last.GetProperty("type").GetString()).IsEqualTo("response." + status);
        JsonElement details = last.GetProperty("response").GetProperty("incomplete_details");
        await Assert.That(details.ValueKind == JsonValueKind.Null ? null : details.GetProperty("reason").GetString()).IsEqualTo(reason);
    }

    [Test]
    public async Task A_call_sent_whole_is_one_chunk_and_malformed_arguments_pass()
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """{"fallback":{"steps":[{"tool_call":{"id":"a","name":"terminal","arguments_text":"{\"command\": ","whole":true,"index":0}}]}}""");
        IReadOnlyList<JsonElement> chunks = ModelClient.Data(await (await client.ChatAsync()).Content.ReadAsStringAsync());
        await Assert.That(chunks.Count).IsEqualTo(3);
        await Assert.That(chunks[1].GetRawText()).Contains("""[{"index":0,"id":"a","type":"function","function":{"name":"terminal","arguments":"{\"command\": "}}]""");
        await Assert.That(chunks[2].GetRawText()).Contains("\"finish_reason\":\"tool_calls\"");
    }

    [Test]
    public async Task Templates_are_filled_in_text_and_arguments()
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """
            {
              "replies": [{ "when": { "last_role": "tool" }, "steps": [{ "text": "{{tool_result.output}}|{{tool_result.nothing}}|{{call}}" }] }],
              "fallback": { "steps": [{ "tool_call": { "id": "a", "name": "t", "arguments": { "say": "{{last_user_text}} to {{model}}" } } }] }
            }
            """);
        string called = await (await client.ChatAsync(user: "a \\\"b\\\"", stream: false)).Content.ReadAsStringAsync();
        string arguments = ModelClient.Parse(called).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0]
            .GetProperty("function").GetProperty("arguments").GetString()!;
        await Assert.That(ModelClient.Parse(arguments).GetProperty("say").GetString()).IsEqualTo("a \"b\" to m");

        HttpResponseMessage answered = await client.PostAsync("/chat/completions",
            """
            {"model":"m","stream":true,"messages":[{"role":"user","content":"?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"t","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"a","content":"{\"output\":\"done\"}"}]}
            """);
        await Assert.That(await ModelClient.ChatTextAsync(answered)).IsEqualTo("done||2");
    }

    [Test]
    public async Task Raw_bytes_are_the_whole_reply_when_nothing_else_is_said()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"raw":"data: grüße\r\n\r\n","chunk":1}]}}""");
        byte[] bytes = await (await client.ChatAsync()).Content.ReadAsByteArrayAsync();
        await Assert.That(Encoding.UTF8.GetString(bytes)).IsEqualTo("data: grüße\r\n\r\n");
    }

    [Test]
    public async Task Writes_cut_into_single_bytes_add_up_to_the_same()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"bytes_per_write":1,"steps":[{"text":"grüße 🙂"}]}}""");
        await Assert.That(await ModelClient.ChatTextAsync(await client.ChatAsync())).IsEqualTo("grüße 🙂");
    }

    [Test]
    public async Task Repeat_counts()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"repeat":3,"steps":[{"text":"{{n}} "},{"keep_alive":1}]}]}}""");
        await Assert.That(await ModelClient.ChatTextAsync(await client.ChatAsync())).IsEqualTo("1 2 3 ");
    }

    [Test]
    public async Task A_missing_finish_ends_the_stream_without_a_last_word()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"text":"half"},{"finish":"missing"}]}}""");
        string stream = await (await client.ChatAsync()).Content.ReadAsStringAsync();
        await Assert.That(stream).Contains("half").And.DoesNotContain("[DONE]").And.DoesNotContain("\"finish_reason\":\"");
    }

    [Test]
    public async Task Errors_have_the_providers_shape_and_their_headers()
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """
            {"replies":[
              {"steps":[{"status":429,"retry_after":7}]},
              {"steps":[{"status":529}]},
              {"steps":[{"status":502,"body":"<html>","content_type":"text/html","headers":{"x-made-up":"yes"}}]}]}
            """);
        HttpResponseMessage limited = await client.ChatAsync(), overloaded = await client.MessagesAsync(), page = await client.ChatAsync();
        await Assert.That(limited.StatusCode).IsEqualTo(HttpStatusCode.TooManyRequests);
        await Assert.That(limited.Headers.GetValues("retry-after")).IsEquivalentTo(["7"]);
        await Assert.That(await limited.Content.ReadAsStringAsync()).Contains("\"code\":\"rate_limit_exceeded\"");
        await Assert.That((int)overloaded.StatusCode).IsEqualTo(529);
        await Assert.That(await overloaded.Content.ReadAsStringAsync()).StartsWith("""{"type":"error","error":{"type":"overloaded_error",""");
        await Assert.That(await page.Content.ReadAsStringAsync()).IsEqualTo("<html>");
        await Assert.That(page.Headers.GetValues("x-made-up")).IsEquivalentTo(["yes"]);
    }
}
