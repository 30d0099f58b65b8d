using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Sessions;
using Gateway.Tests.AgentTests;
using Gateway.Tests.Shared;
using Gateway.Tests.ToolsTests;
using ModelServer.Script;

namespace Gateway.Tests.StorageTests;

/// <summary>Compressing a conversation while its agent works: when no summary can be had, and what the agent is told afterwards.</summary>
public class CompactionTests
{
    private readonly ManualTime _time = new();

    [Test]
    [Arguments(401, 600)]
    [Arguments(500, 60)]
    public async Task After_a_failure_no_summary_is_asked_for_until_it_may_work_again(int status, int seconds)
    {
        await using var server = new ScriptedServer(
            e => e.JsonAsync(status, """{"error":{"message":"no"}}"""), e => e.EventsAsync(Chat.Text("## Active Task\nGo on."), Chat.Stop, "[DONE]"));
        using var stage = new ToolStage("agent: {api_max_retries: 1}");
        var (compaction, events) = (Compaction(stage), new RecordedEvents());
        var endpoint = Endpoint(server);
        long threshold = compaction.Threshold(endpoint);
        var shorter = await compaction.CompactAsync(Conversation(), endpoint, events, CancellationToken.None);
        await Assert.That(shorter!.Any(message => message.Content!.Contains("No summary could be made"))).IsTrue();
        await Assert.That(events.Statuses[^1]).StartsWith("warn: ⚠ Compression summary failed: ").And.EndsWith("Inserted a fallback context marker.");

        // Nothing is thrown away on the way, but what the provider refuses has to be.
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await Assert.That(compaction.Threshold(endpoint)).IsEqualTo(long.MaxValue);
        shorter = await compaction.CompactAsync(Conversation(), endpoint, events, CancellationToken.None);
        await Assert.That(shorter!.Any(message => message.Content!.Contains("No summary could be made"))).IsTrue();
        await Assert.That(server.Exchanges.Count).IsEqualTo(1);

        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.That(compaction.Threshold(endpoint)).IsEqualTo(threshold);
        shorter = await compaction.CompactAsync(Conversation(), endpoint, events, CancellationToken.None);
        await Assert.That(shorter!.Any(message => message.Content!.Contains("Go on."))).IsTrue();
    }

    [Test]
    public async Task A_summary_model_that_cannot_be_called_leaves_the_conversation_alone()
    {
        using var stage = new ToolStage("auxiliary: {compression: {provider: nowhere}}");
        var (compaction, events) = (Compaction(stage), new RecordedEvents());
        var endpoint = new ModelEndpoint("custom", "m", "http://127.0.0.1:9/v1", "k", ApiMode.ChatCompletions);
        await Assert.That(await compaction.CompactAsync(Conversation(), endpoint, events, CancellationToken.None)).IsNull();
        await Assert.That(compaction.Threshold(endpoint)).IsEqualTo(long.MaxValue);
    }

    [Test]
    [Arguments("", 20)]
    [Arguments("compression: {protect_last_n: 4}", 4)]
    [Arguments("compression: {protect_last_n: -1}", 20)]
    [Arguments("compression: {protect_last_n: many}", 20)]
    public async Task The_newest_messages_go_to_the_summary_with_whole_results(string config, int expected)
    {
        using var stage = new ToolStage(config);
        var endpoint = new ModelEndpoint("custom", "m", "http://127.0.0.1:9/v1", "k", ApiMode.ChatCompletions);
        await Assert.That(CompressionLimits.Of(endpoint, stage.Kit.Settings).Unpruned).IsEqualTo(expected);
    }

    [Test]
    public async Task After_a_compression_inside_a_turn_the_instructions_are_new_and_stored_with_the_child()
    {
        const string script = """
            {"replies":[
              {"when":{"last_user_contains":"under these headings"},"steps":[{"text":"## Active Task\nGo on."}]},
              {"when":{"last_role":"user","last_user_contains":"start"},"times":1,"steps":[{"tool_call":{"name":"memory","arguments":{"action":"add","target":"memory","content":"The user likes sealing wax."}}}]},
              {"when":{"last_role":"tool","last_user_contains":"start"},"times":4,"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"head -c 4900{{call}} /dev/zero | tr '\\0' a"}}}]},
              {"when":{"last_role":"tool"},"times":1,"steps":[{"status":400,"body":"{\"error\":{\"message\":\"maximum context length is 50000 tokens\"}}"}]}
            ],"fallback":{"steps":[{"text":"went on"}]}}
            """;
        await using var stage = await Stage.SetAsync(ModelScript.Parse(script));
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        gateway.Send($$$"""{"id":"p","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"start"}}""");
        int end = await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");
        await Assert.That(gateway.Conversation.Frames[end].GetRawText()).Contains("went on");

        using var database = ForeignDatabase.Open(stage);
        var prompts = database.Rows("SELECT COALESCE(system_prompt, 'none') FROM sessions ORDER BY parent_session_id IS NOT NULL");
        await Assert.That(prompts.Count).IsEqualTo(2);
        await Assert.That(prompts[0]).DoesNotContain("sealing wax");
        await Assert.That(prompts[1]).Contains("sealing wax");
        await Assert.That(stage.Model!.ModelCalls[^1].BodyText).Contains("sealing wax");
    }

    [Test]
    public async Task A_conversation_that_another_program_compressed_goes_on_with_that_programs_instructions()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"fine"}]}}"""));
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await Turn("one");
        using (var database = ForeignDatabase.Open(stage))
        {
            string key = database.Rows("SELECT id FROM sessions").Single();
            database.Run($"UPDATE sessions SET ended_at = started_at, end_reason = 'compression' WHERE id = '{key}'");
            database.Run($"INSERT INTO sessions (id, source, started_at, parent_session_id, system_prompt) SELECT 'other', 'tui', started_at + 1, id, 'You are theirs.' FROM sessions WHERE id = '{key}'");
            database.Run("INSERT INTO messages (session_id, role, content, timestamp) SELECT 'other', 'user', 'what they kept', started_at FROM sessions WHERE id = 'other'");
        }

        await Turn("two");
        await Assert.That(stage.Model!.ModelCalls[^1].BodyText).Contains("You are theirs.").And.Contains("what they kept");

        async Task Turn(string text)
        {
            int from = gateway.Conversation.Frames.Count;
            gateway.Send($$$"""{"id":"{{{text}}}","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"{{{text}}}"}}""");
            await gateway.Conversation.WaitForAsync(from, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");
        }
    }

    private InMemoryCompaction Compaction(ToolStage stage) => new(
        new Compressor(
            Gateway.Agent.Models.ModelClients.Over(new Gateway.Agent.Models.ModelHttp(TimeProvider.System)),
            new RetryPolicy(TimeProvider.System, () => 0, (_, _) => Task.CompletedTask),
            TimeProvider.System),
        stage.Kit with { Time = _time });

    private static ModelEndpoint Endpoint(ScriptedServer server) => new("custom", "m", server.BaseUrl, "k", ApiMode.ChatCompletions);

    private static IReadOnlyList<ConversationMessage> Conversation() =>
        [.. Enumerable.Range(0, 60).Select(i => new ConversationMessage(i % 2 == 0 ? Role.User : Role.Assistant, new string('x', 8000)))];
}
