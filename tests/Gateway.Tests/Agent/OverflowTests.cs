using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.AgentTests;

/// <summary>Turns whose requests are refused as too large, and turns that would not end.</summary>
public class OverflowTests
{
    private static Func<Exchange, Task> Refusal(string message, int status = 400) => e => e.JsonAsync(status, $$$"""{"error":{"message":{{{Chat.Quote(message)}}}}}""");

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task An_answer_that_is_too_long_is_asked_for_shorter_and_nothing_is_compressed(bool anthropic)
    {
        var mode = anthropic ? ApiMode.AnthropicMessages : ApiMode.ChatCompletions;
        await using var server = new ScriptedServer(
            Refusal("input length and `max_tokens` exceed context limit: 9000 + 128000 > 12000"),
            e => e.JsonAsync(500, "{}"));
        using var harness = new Harness(anthropic ? server.BaseUrl[..^3] : server.BaseUrl, mode) { Compaction = new Compaction(), Settings = new AgentSettings { ApiMaxRetries = 1, ReasoningEffort = "high" } };
        await harness.RunAsync();
        await Assert.That(Cap(server.Exchanges[1].Body)).IsEqualTo(12_000 - 9000 - 64);
        await Assert.That(server.Exchanges[1].Body).DoesNotContain("budget_tokens");
        await Assert.That(((Compaction)harness.Compaction).Asked).IsEqualTo(0);
    }

    [Test]
    public async Task A_smaller_window_than_assumed_is_learned_before_the_conversation_is_compressed()
    {
        await using var server = new ScriptedServer(Refusal("This model's maximum context length is 8192 tokens."), Chat.Answer("done"));
        var compaction = new Compaction();
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(compaction.Learnt).IsEquivalentTo(["8192 stated"]);
        await Assert.That(compaction.Windows).IsEquivalentTo([8192]);
        await Assert.That(server.Exchanges[1].Body).Contains("shorter");
    }

    [Test]
    public async Task Without_a_number_the_window_is_stepped_down_and_after_three_times_the_turn_fails()
    {
        var refusal = Refusal("too many tokens");
        await using var server = new ScriptedServer(refusal, refusal, refusal, refusal);
        var compaction = new Compaction();
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(compaction.Learnt).IsEquivalentTo(["128000 guessed", "64000 guessed", "32000 guessed"], CollectionOrdering.Matching);
        await Assert.That(harness.Events.Statuses[^1]).StartsWith("lifecycle: ❌ Non-retryable error (HTTP 400): too many tokens");
    }

    [Test]
    [Arguments(true, 3)]
    [Arguments(false, 0)]
    public async Task What_cannot_be_made_small_enough_goes_to_the_next_model_that_takes_more(bool compresses, int compressions)
    {
        var refusal = Refusal("too many tokens");
        await using var server = new ScriptedServer([.. Enumerable.Repeat(refusal, compressions + 1), Chat.Answer("done")]);
        var compaction = compresses ? new Compaction() : null;
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        harness.Endpoint = harness.Endpoint with { ContextLength = 100_000 };
        harness.Fallbacks = [harness.Endpoint with { Model = "as-small", ContextLength = compresses ? 8000 : 100_000 }, harness.Endpoint with { Model = "larger", ContextLength = 200_000 }];
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(compaction?.Asked ?? 0).IsEqualTo(compressions);
        await Assert.That(server.Exchanges[^1].Body).Contains("\"model\":\"larger\"");
        await Assert.That(harness.Events.Statuses[^1]).IsEqualTo("lifecycle: 🔄 test-model failed (HTTP 400: too many tokens), going on with larger of custom");
    }

    [Test]
    [Arguments(100_000, 400)]
    [Arguments(200_000, 413)]
    public async Task No_other_model_is_asked_that_would_not_take_it_either(int window, int status)
    {
        await using var server = new ScriptedServer(Refusal("too many tokens", status), Chat.Answer("never"));
        using var harness = new Harness(server.BaseUrl);
        harness.Endpoint = harness.Endpoint with { ContextLength = 100_000 };
        harness.Fallbacks = [harness.Endpoint with { Model = "other", ContextLength = window }];
        await Assert.That((await harness.RunAsync()).Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    [Arguments(100, 1)]
    [Arguments(4, 0)]
    public async Task A_bare_refusal_of_a_large_conversation_counts_as_too_large(int messages, int compressions)
    {
        await using var server = new ScriptedServer(Refusal("Bad Request"), Chat.Answer("done"));
        var compaction = new Compaction();
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        for (int i = 0; i < messages; i++) harness.History.Add(new ConversationMessage(i % 2 == 0 ? Role.User : Role.Assistant, "x"));
        var result = await harness.RunAsync();
        await Assert.That(compaction.Asked).IsEqualTo(compressions);
        await Assert.That(result.Status).IsEqualTo(compressions == 1 ? TurnStatus.Complete : TurnStatus.Error);
    }

    [Test]
    public async Task The_long_context_tier_that_is_not_paid_for_is_left()
    {
        await using var server = new ScriptedServer(Refusal("Extra usage is required for long context requests.", 429), Chat.Answer("done"));
        var compaction = new Compaction();
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(compaction.Learnt).IsEquivalentTo(["200000 guessed"]);

        // The pause behind a compression, and no back-off.
        await Assert.That(harness.Waits).IsEquivalentTo([TimeSpan.FromSeconds(2)]);
    }

    [Test]
    [Arguments(201, "", true, 1)]
    [Arguments(4, "", true, 0)]
    [Arguments(201, """{"choices":[{"index":0,"delta":{"reasoning":"hm"},"finish_reason":null}]}""", true, 0)]
    [Arguments(201, "", false, 0)]
    public async Task A_large_conversation_that_is_hung_up_on_counts_as_too_large(int messages, string begun, bool on, int compressions)
    {
        await using var server = new ScriptedServer(
            async e =>
            {
                if (begun.Length > 0)
                {
                    await e.StartAsync();
                    await e.SendAsync($"data: {begun}\n\n");
                }

                e.Reset();
            },
            Chat.Answer("done"),
            Chat.Answer("done"));
        var compaction = new Compaction { IsOn = on };
        using var harness = new Harness(server.BaseUrl) { Compaction = compaction };
        for (int i = 0; i < messages; i++) harness.History.Add(new ConversationMessage(i % 2 == 0 ? Role.User : Role.Assistant, "x"));
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("done");
        await Assert.That(compaction.Asked).IsEqualTo(compressions);
    }

    [Test]
    public async Task An_interrupt_in_the_pause_behind_a_compression_ends_the_turn()
    {
        await using var server = new ScriptedServer(Refusal("too many tokens"));
        using var interrupt = new CancellationTokenSource();
        using var harness = new Harness(server.BaseUrl) { Compaction = new Compaction(), WaitForever = true };
        harness.Events.OnStatus = text =>
        {
            if (text.StartsWith("🗜️ Compressed", StringComparison.Ordinal)) interrupt.Cancel();
        };
        var result = await harness.RunAsync(cancellationToken: interrupt.Token);
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Interrupted);
        await Assert.That(result.Text).IsEqualTo("Operation interrupted: handling API error (HTTP 400: too many tokens).");
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);
    }

    [Test]
    public async Task After_a_compression_the_rest_of_the_turn_has_the_new_instructions()
    {
        await using var server = new ScriptedServer(Refusal("too many tokens"), Chat.Answer("done"));
        using var harness = new Harness(server.BaseUrl) { Compaction = new Compaction { Instructions = "Be briefer." } };
        await harness.RunAsync();
        await Assert.That(server.Exchanges[0].Body).Contains("Be brief.");
        await Assert.That(server.Exchanges[1].Body).Contains("Be briefer.");
    }

    [Test]
    [Arguments(80, 400, true)]
    [Arguments(79, 400, false)]
    [Arguments(200, 401, false)]
    public async Task A_large_request_that_is_refused_as_invalid_is_not_kept(int messages, int status, bool unkept)
    {
        await using var server = new ScriptedServer(Refusal("The field messages has something in it that this model does not take", status));
        using var harness = new Harness(server.BaseUrl);
        for (int i = 0; i < messages; i++) harness.History.Add(new ConversationMessage(i % 2 == 0 ? Role.User : Role.Assistant, "x"));
        var result = await harness.RunAsync();
        await Assert.That(result.Status).IsEqualTo(TurnStatus.Error);
        await Assert.That(result.Unkept).IsEqualTo(unkept);
    }

    [Test]
    public async Task A_model_that_only_runs_scripts_comes_to_an_end()
    {
        var script = Chat.Calls(Chat.Call("a", "execute_code", """{"code":"1"}"""));
        await using var server = new ScriptedServer([.. Enumerable.Repeat(script, 6), Chat.Answer("summary")]);
        using var harness = new Harness(server.BaseUrl) { Settings = new AgentSettings { MaxTurns = 3 } };
        harness.Tools.Add(new FakeTool("execute_code"));
        var result = await harness.RunAsync();
        await Assert.That(result.Text).IsEqualTo("summary");
        await Assert.That(result.OutOfBudget).IsTrue();
        await Assert.That(server.Exchanges.Count).IsEqualTo(7);
    }

    [Test]
    public async Task What_was_said_beside_an_earlier_step_is_not_the_answer()
    {
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Text("Let me look."), Chat.Call("a", "terminal", "{}")),
            Chat.Calls(Chat.Call("b", "todo", "{}")),
            e => e.EventsAsync(Chat.Stop, "[DONE]"),
            Chat.Answer("The real one."));
        using var harness = new Harness(server.BaseUrl);
        harness.Tools.Add(new FakeTool("terminal"));
        harness.Tools.Add(new FakeTool("todo"));
        await Assert.That((await harness.RunAsync()).Text).IsEqualTo("The real one.");
    }

    [Test]
    public async Task A_side_question_is_capped_and_carries_no_reasoning_options()
    {
        var settings = new AgentSettings { ReasoningEffort = "high" };
        var endpoint = new ModelEndpoint("openrouter", "anthropic/claude-sonnet-4", "https://openrouter.ai/api/v1", "k", ApiMode.ChatCompletions);
        ModelRequest Ask(bool aside) => new(endpoint, "s", [new ConversationMessage(Role.User, "q")], [], settings) { OutputCap = 500, IsAside = aside };
        using var beside = JsonDocument.Parse(ChatRequestWriter.Write(Ask(true)));
        using var within = JsonDocument.Parse(ChatRequestWriter.Write(Ask(false)));
        await Assert.That(beside.RootElement.GetProperty("max_tokens").GetInt32()).IsEqualTo(500);
        await Assert.That(beside.RootElement.TryGetProperty("reasoning", out _)).IsFalse();
        await Assert.That(within.RootElement.GetProperty("max_tokens").GetInt32()).IsEqualTo(64_000);
        await Assert.That(within.RootElement.TryGetProperty("reasoning", out _)).IsTrue();
        using var anthropic = JsonDocument.Parse(AnthropicRequestWriter.Write(Ask(true) with { Endpoint = endpoint with { ApiMode = ApiMode.AnthropicMessages } }));
        await Assert.That(anthropic.RootElement.GetProperty("max_tokens").GetInt32()).IsEqualTo(500);
        await Assert.That(anthropic.RootElement.TryGetProperty("thinking", out _)).IsFalse();
    }

    private static int Cap(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("max_tokens").GetInt32();
    }

    private sealed class Compaction : ITurnCompaction
    {
        public List<string> Learnt { get; } = [];

        public List<int> Windows { get; } = [];

        public int Asked { get; private set; }

        public bool IsOn { get; init; } = true;

        public string? Instructions { get; init; }

        public long Threshold(ModelEndpoint endpoint) => long.MaxValue;

        public void Learned(ModelEndpoint endpoint, bool stated) => Learnt.Add($"{endpoint.ContextLength} {(stated ? "stated" : "guessed")}");

        public Task<IReadOnlyList<ConversationMessage>?> CompactAsync(
            IReadOnlyList<ConversationMessage> messages, ModelEndpoint endpoint, IAgentEvents events, CancellationToken cancellationToken)
        {
            Asked++;
            if (endpoint.ContextLength is { } window) Windows.Add(window);
            return Task.FromResult<IReadOnlyList<ConversationMessage>?>([new ConversationMessage(Role.User, "shorter")]);
        }
    }
}
