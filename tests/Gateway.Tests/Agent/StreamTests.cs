using Gateway.Agent;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>What can arrive on the connection, from the network's side.</summary>
public class StreamTests
{
    [Test]
    [Arguments("plain", "data: {0}\n\ndata: {1}\n\ndata: [DONE]\n\n")]
    [Arguments("crlf", "data: {0}\r\n\r\ndata: {1}\r\n\r\ndata: [DONE]\r\n\r\n")]
    [Arguments("byte order mark", "\uFEFFdata: {0}\n\ndata: {1}\n\ndata: [DONE]\n\n")]
    [Arguments("comments", ": keep-alive\n\n: PROCESSING\n\ndata: {0}\n\n:\n\ndata: {1}\n\ndata: [DONE]\n\n")]
    [Arguments("event and id lines", "event: message\nid: 7\nretry: 5\ndata: {0}\n\nevent: message\ndata: {1}\n\ndata: [DONE]\n\n")]
    [Arguments("no space", "data:{0}\n\ndata:{1}\n\ndata:[DONE]\n\n")]
    [Arguments("no done", "data: {0}\n\ndata: {1}\n\n")]
    [Arguments("empty data", "data: {0}\n\ndata:\n\ndata: {1}\n\ndata: [DONE]\n\n")]
    public async Task Event_streams_are_read_however_they_are_written_and_cut(string variant, string format)
    {
        var stream = string.Format(format, Chat.Text("Grüße"), Chat.Stop);
        foreach (var size in new[] { 1, 7, 4096 })
        {
            await using var server = new ScriptedServer(async e =>
            {
                await e.StartAsync();
                var bytes = System.Text.Encoding.UTF8.GetBytes(stream);
                for (var i = 0; i < bytes.Length; i += size)
                {
                    // Latin-1 keeps bytes as they are, so that characters can be cut too.
                    var piece = bytes.AsMemory(i, Math.Min(size, bytes.Length - i));
                    await e.RawBytesAsync(piece);
                }

                await e.EndAsync();
            });
            using var harness = new Harness(server.BaseUrl);
            var result = await harness.RunAsync();
            await Assert.That(result.Text).IsEqualTo("Grüße").Because($"{variant}, {size}: {result.Error}");
            await Assert.That(harness.Events.Text).IsEqualTo("Grüße");
        }
    }

    [Test]
    [Arguments("application/json")]
    [Arguments("text/plain")]
    [Arguments("application/octet-stream")]
    public async Task A_server_that_does_not_stream_is_understood(string type)
    {
        const string answer = """
            {
              "id": "x",
              "choices": [ { "index": 0, "message": { "role": "assistant", "content": "<think>hm</think>Hello", "reasoning_content": null }, "finish_reason": "stop" } ],
              "usage": { "prompt_tokens": 7, "completion_tokens": 2 }
            }
            """;
        await using var server = new ScriptedServer(e => e.JsonAsync(200, answer, type: type));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("Hello");
        await Assert.That(result.Reasoning).IsEqualTo("hm");
        await Assert.That(result.Usage).IsEqualTo(new TokenUsage(7, 2, Calls: 1, LastPrompt: 7) { Unpriced = 1 });
        await Assert.That(result.NewMessages[1].FinishReason).IsEqualTo("stop");
    }

    [Test]
    public async Task A_stream_under_another_content_type_is_read_as_a_stream()
    {
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync("text/plain");
            await e.SendAsync($"\n: hi\ndata: {Chat.Text("ok")}\n\ndata: {Chat.Stop}\n\n");
            await e.EndAsync();
        });
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("ok");
    }

    // Alone: other tests measure what the whole process allocates.
    [Test]
    [NotInParallel]
    [Arguments("text/event-stream", "data: ", "")]
    [Arguments("text/event-stream", "", "data: x\n")]
    [Arguments("application/json", "{", "")]
    public async Task One_endless_piece_is_refused_and_not_asked_for_again(string type, string start, string lines)
    {
        var piece = System.Text.Encoding.UTF8.GetBytes(lines.Length == 0
            ? new string('x', 1 << 20)
            : string.Concat(Enumerable.Repeat(lines, (1 << 20) / lines.Length)));
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync(type);
            await e.RawBytesAsync(System.Text.Encoding.UTF8.GetBytes(start.Length == 0 ? ": hi\n" : start));
            for (var i = 0; i < 64; i++)
            {
                await e.RawBytesAsync(piece);
            }

            await e.EndAsync();
        });
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Error).IsEqualTo("The endpoint sent more than 16 MiB in one piece, which is no model's answer.");
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    // Alone: other tests measure what the whole process allocates.
    [Test]
    [NotInParallel]
    public async Task A_long_stream_of_usual_events_is_no_endless_piece()
    {
        var text = new string('x', 1 << 20);
        await using var server = new ScriptedServer(e => e.EventsAsync([.. Enumerable.Repeat(Chat.Text(text), 20), Chat.Stop, "[DONE]"]));
        using var harness = new Harness(server.BaseUrl);
        await Assert.That((await harness.RunAsync()).Text!.Length).IsEqualTo(20 << 20);
    }

    // Alone: other tests measure what the whole process allocates.
    [Test]
    [NotInParallel]
    [Arguments("content")]
    [Arguments("reasoning")]
    [Arguments("arguments")]
    public async Task A_reply_without_end_is_cut_off(string what)
    {
        var reply = new Gateway.Agent.Models.ReplyAssembler(new RecordedEvents(), _ => true);
        var piece = new string('x', 1 << 20);
        var slot = reply.Tools.Locate(0, "c", hasName: true);
        var error = Assert.Throws<Gateway.Agent.Models.ModelException>(() =>
        {
            for (var i = 0; i < 33; i++)
            {
                if (what == "content") reply.AppendContent(piece);
                else if (what == "reasoning") reply.AppendReasoning(piece);
                else reply.Tools.AddArguments(slot, piece);
            }
        });
        await Assert.That(error.Error.Kind).IsEqualTo(Gateway.Agent.Models.ModelErrorKind.Oversized);
        await Assert.That(error.Error.Retryable).IsFalse();
    }

    [Test]
    public async Task A_web_page_is_not_an_answer()
    {
        await using var server = new ScriptedServer(e => e.JsonAsync(200, "<html>Welcome</html>", type: "text/html"));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.Error).Contains("web page");
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    [Arguments("reset")]
    [Arguments("cut")]
    [Arguments("garbage")]
    [Arguments("nothing")]
    [Arguments("stream error")]
    public async Task What_breaks_before_any_text_is_tried_again(string how)
    {
        await using var server = new ScriptedServer(
            async e =>
            {
                switch (how)
                {
                    case "reset":
                        e.Reset();
                        break;
                    case "cut":
                        await e.StartAsync();
                        await e.SendAsync($"data: {Chat.Delta("""{"reasoning":"hm"}""")}\n\ndata: {{\"choi");
                        break;
                    case "garbage":
                        await e.EventsAsync("oops {");
                        break;
                    case "nothing":
                        await e.EventsAsync();
                        break;
                    default:
                        await e.EventsAsync("""{"error":{"message":"upstream overloaded","code":502}}""");
                        break;
                }
            },
            Chat.Answer("fine"));
        using var harness = new Harness(server.BaseUrl);
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Complete);
        await Assert.That(result.Text).IsEqualTo("fine");
        await Assert.That(harness.Events.Text).IsEqualTo("fine");
        await Assert.That(harness.Waits.Count).IsEqualTo(1);
        var seconds = how is "garbage" or "nothing" ? "5.0" : "2.0";
        await Assert.That(harness.Events.Statuses).IsEquivalentTo([$"lifecycle: ⏳ Retrying in {seconds}s (attempt 1/3)..."], CollectionOrdering.Matching);
        await Assert.That(harness.Events.Log).IsEquivalentTo(["call", "end", "call", "end", "reply fine"], CollectionOrdering.Matching);
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task What_breaks_after_text_was_shown_is_a_partial_answer(bool reset)
    {
        Harness? client = null;
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync();
            await e.SendAsync($"data: {Chat.Text("Half an ans")}\n\ndata: {Chat.Call("a", "terminal", "{\"comm")}\n\n");
            if (reset)
            {
                await client!.Events.FirstText;
                e.Reset();
            }
        });
        using var harness = client = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("terminal"));
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Complete);
        await Assert.That(result.Text).IsEqualTo("Half an ans");
        await Assert.That(result.Warning).Contains("partial");
        await Assert.That(result.NewMessages.Count).IsEqualTo(2);
        await Assert.That(result.NewMessages[1].FinishReason).IsEqualTo("incomplete");
        await Assert.That(result.NewMessages[1].ToolCalls).IsEmpty();
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task A_silent_server_times_out_and_is_asked_again(bool sendsHeaders)
    {
        Func<Exchange, Task> silent = async e =>
        {
            if (sendsHeaders)
            {
                await e.StartAsync();
            }

            await e.DisconnectedAsync();
        };
        await using var server = new ScriptedServer(silent, silent);
        using var harness = new Harness(server.BaseUrl);
        harness.Endpoint = harness.Endpoint with { ReadTimeout = TimeSpan.FromMilliseconds(100) };
        harness.Settings = new() { ApiMaxRetries = 2 };
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.Error).Contains("stopped sending");
        await Assert.That(result.Text).IsEqualTo("API call failed after 2 retries: " + result.Error);
        await Assert.That(harness.Events.Statuses[^1]).IsEqualTo("lifecycle: ❌ API failed after 2 retries — " + result.Error);
        await Assert.That(server.Exchanges.Count).IsEqualTo(2);
    }

    [Test]
    public async Task A_server_that_only_keeps_alive_is_given_up()
    {
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync();
            var gone = e.DisconnectedAsync();
            while (!gone.IsCompleted)
            {
                await e.SendAsync(": keep-alive\n\n");
                await Task.WhenAny(gone, Task.Delay(20));
            }
        });
        using var harness = new Harness(server.BaseUrl);
        harness.Endpoint = harness.Endpoint with { StaleTimeout = TimeSpan.FromMilliseconds(400) };
        harness.Settings = new() { ApiMaxRetries = 1 };
        var result = await harness.RunAsync();
        await Assert.That(result.Error).Contains("stopped sending");
    }

    [Test]
    public async Task The_whole_request_has_a_limit_too()
    {
        await using var server = new ScriptedServer(async e =>
        {
            await e.StartAsync();
            var gone = e.DisconnectedAsync();
            while (!gone.IsCompleted)
            {
                await e.SendAsync(": thinking\n\n");
                await Task.WhenAny(gone, Task.Delay(20));
            }
        });
        using var harness = new Harness(server.BaseUrl);
        harness.Endpoint = harness.Endpoint with { RequestTimeout = TimeSpan.FromMilliseconds(400) };
        harness.Settings = new() { ApiMaxRetries = 1 };
        var result = await harness.RunAsync();
        await Assert.That(result.Error).Contains("in time");
    }
}
