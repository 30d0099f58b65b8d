using Gateway.Agent;
using Gateway.Config;
using ModelServer;
using ModelServer.Script;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>The same conversations over every wire format, against a server that refuses what the services refuse.</summary>
public class WireFormatTests
{
    [Test]
    [Arguments(ApiMode.ChatCompletions)]
    [Arguments(ApiMode.AnthropicMessages)]
    [Arguments(ApiMode.CodexResponses)]
    internal async Task A_turn_with_parallel_calls(ApiMode format)
    {
        await using var stage = await Talk.StartAsync(format, """
            {"replies":[
              {"steps":[
                {"reasoning":"Let me look.","chunk":4,"signature":"c2lnbmVk"},
                {"text":"Looking — 🙂.","chunk":2},
                {"tool_calls":[{"id":"call_a","name":"terminal","arguments":{"command":"ls \"é\""},"fragment":3},{"id":"call_b","name":"terminal","arguments":{},"fragment":0}]},
                {"usage":{"input":10,"output":17,"cached":4,"cache_written":2}}]},
              {"when":{"last_role":"tool"},"steps":[{"keep_alive":2},{"text":"It says {{tool_result}}.","chunk":3},{"usage":{"input":20,"output":3}}]}]}
            """);
        stage.Harness.Tools.Add(new FakeTool("terminal"));
        var result = await stage.Harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("""It says {"ok":true}.""");
        await Assert.That(result.Reasoning).IsEqualTo("Let me look.");
        await Assert.That(stage.Harness.Events.Text).IsEqualTo("Looking — 🙂.\n\nIt says {\"ok\":true}.");
        await Assert.That(((FakeTool)stage.Harness.Tools[0]).Calls).IsEquivalentTo(["""{"command":"ls \"é\""}""", "{}"], CollectionOrdering.Any);
        await Assert.That(result.Usage with { Cost = 0, Unpriced = 0 }).IsEqualTo(new TokenUsage(30, 20, 4, 2, 0, 2, 20));
        await Assert.That(result.NewMessages.Select(message => $"{message.Role} {message.FinishReason} {message.ToolCallId}")).IsEquivalentTo(
            ["User  ", "Assistant tool_calls ", "Tool  call_a", "Tool  call_b", "Assistant stop "], CollectionOrdering.Matching);
        await Assert.That(stage.Harness.Events.Statuses).IsEmpty();
    }

    [Test]
    [Arguments(ApiMode.ChatCompletions)]
    [Arguments(ApiMode.AnthropicMessages)]
    [Arguments(ApiMode.CodexResponses)]
    internal async Task A_reply_cut_off_by_its_length_is_continued(ApiMode format)
    {
        await using var stage = await Talk.StartAsync(format, """
            {"replies":[{"steps":[{"text":"Half "},{"finish":"length"}]},{"steps":[{"text":"and half."}]}]}
            """);
        var result = await stage.Harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("Half and half.");
        await Assert.That(stage.Server.ModelCalls.Count).IsEqualTo(2);
        if (format == ApiMode.CodexResponses) await Assert.That(stage.Server.ModelCalls[1].BodyText).Contains("\"max_output_tokens\":8192");
    }

    [Test]
    [Arguments(ApiMode.ChatCompletions)]
    [Arguments(ApiMode.AnthropicMessages)]
    [Arguments(ApiMode.CodexResponses)]
    internal async Task Refusals_and_failures_are_tried_again(ApiMode format)
    {
        await using var stage = await Talk.StartAsync(format, """
            {"replies":[{"steps":[{"status":429,"retry_after":7}]},{"steps":[{"error":{"type":"server_error","message":"Overloaded"}}]},{"steps":[{"text":"At last."}]}]}
            """);
        var result = await stage.Harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("At last.");
        await Assert.That(stage.Harness.Waits.Count).IsEqualTo(2);
        await Assert.That(stage.Harness.Waits[0]).IsEqualTo(TimeSpan.FromSeconds(7));
        await Assert.That(stage.Harness.Events.Statuses[1]).Contains("Retrying");
    }

    [Test]
    [Arguments(ApiMode.ChatCompletions)]
    [Arguments(ApiMode.AnthropicMessages)]
    [Arguments(ApiMode.CodexResponses)]
    internal async Task What_was_said_before_a_connection_broke_stands(ApiMode format)
    {
        await using var stage = await Talk.StartAsync(format, """{"replies":[{"steps":[{"text":"So far"},{"drop":"close"}]}]}""");
        var result = await stage.Harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Complete);
        await Assert.That(result.Text).IsEqualTo("So far");
        await Assert.That(result.Warning).StartsWith("The answer is partial");
        await Assert.That(result.NewMessages[^1].FinishReason).IsEqualTo("incomplete");
    }

    [Test]
    [Arguments(ApiMode.ChatCompletions)]
    [Arguments(ApiMode.AnthropicMessages)]
    [Arguments(ApiMode.CodexResponses)]
    internal async Task Arguments_that_are_no_JSON_are_asked_for_again(ApiMode format)
    {
        await using var stage = await Talk.StartAsync(format, """
            {"replies":[
              {"steps":[{"tool_call":{"id":"a","name":"terminal","arguments_text":"{\"command\":: 1}"}}]},
              {"steps":[{"tool_call":{"id":"b","name":"terminal","arguments":{"command":"ls"}}}]},
              {"when":{"last_role":"tool"},"steps":[{"text":"Done."}]}]}
            """);
        stage.Harness.Tools.Add(new FakeTool("terminal"));
        await Assert.That((await stage.Harness.RunAsync()).Text).IsEqualTo("Done.");
        await Assert.That(((FakeTool)stage.Harness.Tools[0]).Calls).IsEquivalentTo(["""{"command":"ls"}"""]);
    }

    [Test]
    public async Task Encrypted_reasoning_goes_back_with_the_conversation_and_the_prefix_stays_the_same()
    {
        await using var stage = await Talk.StartAsync(ApiMode.CodexResponses, """
            {"replies":[
              {"steps":[{"redacted_reasoning":"first-secret"},{"tool_call":{"id":"call_a","name":"terminal","arguments":{}}}]},
              {"steps":[{"reasoning":"Then this.","signature":"second-secret"},{"text":"One."}]},
              {"steps":[{"text":"Two."}]}]}
            """);
        stage.Harness.Tools.Add(new FakeTool("terminal"));
        await stage.Harness.RunAsync();
        await stage.Harness.RunAsync("more");
        string[] inputs = [.. stage.Server.ModelCalls.Select(call => call.Json().GetProperty("input").GetRawText())];
        await Assert.That(inputs[1]).StartsWith(inputs[0][..^1]);
        await Assert.That(inputs[2]).StartsWith(inputs[1][..^1]);
        await Assert.That(inputs[1]).Contains("""{"type":"reasoning","summary":[],"encrypted_content":"first-secret"},{"type":"function_call","call_id":"call_a",""");
        await Assert.That(inputs[2]).Contains("""{"type":"reasoning","summary":[{"type":"summary_text","text":"Then this."}],"encrypted_content":"second-secret"},{"role":"assistant","content":"One."}""");
        var request = stage.Server.ModelCalls[0];
        await Assert.That(request.Path).IsEqualTo("/v1/responses");
        await Assert.That(request.Headers["Authorization"]).IsEqualTo("Bearer " + Harness.Key);
        await Assert.That(request.Json().GetProperty("prompt_cache_key").GetString()).IsEqualTo("key");
        await Assert.That(request.Headers.ContainsKey("x-grok-conv-id")).IsFalse();
    }

    [Test]
    public async Task XAI_is_told_the_conversation_in_a_header()
    {
        await using var stage = await Talk.StartAsync(ApiMode.CodexResponses, """{"fallback":{"steps":[{"text":"Hi."}]}}""");
        stage.Harness.Endpoint = stage.Harness.Endpoint with { Provider = "xai" };
        await stage.Harness.RunAsync();
        await Assert.That(stage.Server.ModelCalls[0].Headers["x-grok-conv-id"]).IsEqualTo("key");
    }

    [Test]
    [Arguments("""{"status":400,"body":"{\"error\":{\"message\":\"The encrypted content gAAA could not be verified.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_encrypted_content\"}}"}""")]
    [Arguments("""{"status":400,"body":"{\"error\":{\"message\":\"Encrypted content is not supported with this model.\",\"type\":\"invalid_request_error\",\"param\":\"include\",\"code\":null}}"}""")]
    [Arguments("""{"error":{"type":"invalid_encrypted_content","message":"It could not be verified."}}""")]
    public async Task Refused_encrypted_reasoning_is_left_out_once(string refusal)
    {
        await using var stage = await Talk.StartAsync(
            ApiMode.CodexResponses, """{"replies":[{"steps":[REFUSAL]},{"steps":[{"text":"Fine."}]}]}""".Replace("REFUSAL", refusal));
        stage.Harness.History.AddRange(
            [new(Role.User, "a"), new(Role.Assistant, "b") { ReasoningDetailsJson = """[{"type":"reasoning","summary":[],"encrypted_content":"stale"}]""" }]);
        await Assert.That((await stage.Harness.RunAsync()).Text).IsEqualTo("Fine.");
        await Assert.That(stage.Server.ModelCalls[0].BodyText).Contains("stale");
        await Assert.That(stage.Server.ModelCalls[1].BodyText).DoesNotContain("encrypted_content");
        await Assert.That(stage.Harness.Waits).IsEmpty();
    }

    /// <summary>An engine and a server that speak one format.</summary>
    private sealed class Talk(ScriptedModelServer server, Harness harness) : IAsyncDisposable
    {
        public ScriptedModelServer Server => server;

        public Harness Harness => harness;

        public static async Task<Talk> StartAsync(ApiMode format, string script)
        {
            var server = await ScriptedModelServer.StartAsync(ModelScript.Parse(script));
            return new Talk(server, new Harness(server.Url + "/v1", format));
        }

        public ValueTask DisposeAsync()
        {
            harness.Dispose();
            return server.DisposeAsync();
        }
    }
}
