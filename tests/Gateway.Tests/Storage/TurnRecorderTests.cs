using Gateway.Agent;
using Gateway.Config;
using Gateway.Sessions;
using Gateway.Storage;
using Gateway.Tests.Shared;
using Gateway.Tools;

namespace Gateway.Tests.StorageTests;

/// <summary>What is on disk at each moment of a turn.</summary>
public class TurnRecorderTests
{
    private readonly ManualTime _time = new();
    private readonly Told _told = new();

    [Test]
    public async Task Streamed_text_is_on_disk_a_second_later_and_replaced_by_the_whole_answer()
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-");
        recorder.MessageAdded(new ConversationMessage(Role.User, "question"));
        recorder.ModelCallStarted();
        recorder.TextDelta("Half");
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-");
        _time.Advance(TurnRecorder.PartialDelay);
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-|assistant:Half:interrupted");
        recorder.TextDelta(" an answer");
        _time.Advance(TurnRecorder.PartialDelay);
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-|assistant:Half an answer:interrupted");
        recorder.MessageAdded(new ConversationMessage(Role.Assistant, "Half an answer, whole") { FinishReason = "stop" });
        recorder.Finish();
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-|assistant:Half an answer, whole:stop");
        await Assert.That(Count(stage)).IsEqualTo("2");
    }

    [Test]
    public async Task Text_of_an_attempt_that_failed_is_taken_out_again()
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        recorder.ModelCallStarted();
        recorder.TextDelta("wrong");
        _time.Advance(TurnRecorder.PartialDelay);
        recorder.ModelCallStarted();
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-");
        recorder.Finish();
        recorder.TextDelta("too late");
        _time.Advance(TurnRecorder.PartialDelay);
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-");
        await Assert.That(Count(stage)).IsEqualTo("1");
    }

    [Test]
    public async Task A_result_that_comes_again_takes_the_place_of_its_first_form()
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        recorder.MessageAdded(new ConversationMessage(Role.User, "question"));
        recorder.MessageAdded(new ConversationMessage(Role.Assistant, "") { ToolCalls = [new StoredToolCall("c1", "terminal", "{}")], FinishReason = "tool_calls" });
        recorder.MessageAdded(new ConversationMessage(Role.Tool, "long output") { ToolCallId = "c1", ToolName = "terminal" });
        recorder.MessageAdded(new ConversationMessage(Role.Tool, "short") { ToolCallId = "c1", ToolName = "terminal" });
        recorder.Finish();
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-|assistant::tool_calls|tool:short:-");
    }

    [Test]
    public async Task A_disk_that_fails_is_told_once_and_gets_everything_later_in_order()
    {
        await using var stage = await Stage.SetAsync();
        string path = Path.Combine(stage.Home, "state.db");
        Directory.CreateDirectory(path);
        using var file = new StateFile(path);
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        recorder.MessageAdded(new ConversationMessage(Role.User, "question"));
        recorder.TextDelta("Half");
        _time.Advance(TurnRecorder.PartialDelay);
        recorder.MessageAdded(new ConversationMessage(Role.Assistant, "one") { ToolCalls = [new StoredToolCall("c1", "terminal", "{}")] });
        recorder.MessageAdded(new ConversationMessage(Role.Tool, "long output") { ToolCallId = "c1" });
        recorder.MessageAdded(new ConversationMessage(Role.Tool, "short") { ToolCallId = "c1" });
        await Assert.That(_told.Texts.Count(text => text.Contains("not being saved"))).IsEqualTo(1);
        Directory.Delete(path);
        recorder.MessageAdded(new ConversationMessage(Role.Assistant, "two"));
        recorder.Finish();
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-|assistant:one:-|tool:short:-|assistant:two:-");
        await Assert.That(string.Join('|', _told.Texts.Skip(1))).IsEqualTo("This conversation is being saved again.");
    }

    [Test]
    public async Task Histories_are_made_such_that_providers_accept_them()
    {
        const string calls = """[{"id":"a","function":{"name":"terminal","arguments":"{}"}},{"id":"b","function":{"name":"terminal","arguments":"{}"}}]""";
        var history = MessageRecords.FromRows(
        [
            new StoredMessage("tool", "orphan") { ToolCallId = "z" },
            new StoredMessage("user", "go"),
            new StoredMessage("assistant", "") { ToolCallsJson = calls },
            new StoredMessage("tool", "of b") { ToolCallId = "b" },
            new StoredMessage("tool", "of b again") { ToolCallId = "b" },
            new StoredMessage("session_meta", "{}"),
            new StoredMessage("user", "next"),
            new StoredMessage("tool", "late") { ToolCallId = "a" },
            new StoredMessage("assistant", "bye") { ToolCallsJson = "[{]" },
        ]);
        await Assert.That(string.Join('|', history.Select(message => $"{message.Role}:{message.ToolCallId}{(message.Content!.StartsWith('[') ? "interrupted" : message.Content)}")))
            .IsEqualTo("User:go|Assistant:|Tool:bof b|Tool:ainterrupted|User:next|Assistant:bye");
    }

    [Test]
    public async Task What_calls_cost_is_counted_as_other_programs_count_it()
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        var first = new ModelEndpoint("anthropic", "claude", "https://api.anthropic.com", "k", ApiMode.AnthropicMessages);
        recorder.TokensSpent(new TokenUsage(10, 5, 3, 2, 1, 1) { Cost = 0.25 }, first);
        recorder.TokensSpent(new TokenUsage(1, 1, Calls: 1) { Cost = 0.5 }, first with { Provider = "openrouter", BaseUrl = "https://other" });
        const string columns = "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, api_call_count, estimated_cost_usd, cost_status, cost_source, billing_provider, billing_base_url, billing_mode, actual_cost_usd";
        using (var database = ForeignDatabase.Open(stage))
            await Assert.That(database.Rows($"SELECT concat_ws(' ', {columns}) FROM sessions")[0]).IsEqualTo("11 6 3 2 1 2 0.75 estimated official_docs_snapshot anthropic https://api.anthropic.com");
        recorder.TokensSpent(new TokenUsage(1, 1, Calls: 1) { Unpriced = 1 }, first);
        using (var database = ForeignDatabase.Open(stage))
            await Assert.That(database.Rows("SELECT estimated_cost_usd || ' ' || cost_status || ' ' || cost_source FROM sessions")[0]).IsEqualTo("0.75 unknown none");
        recorder.Finish();
    }

    [Test]
    public async Task A_turn_that_is_withdrawn_leaves_the_conversation_as_it_was()
    {
        await using var stage = await Stage.SetAsync();
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        using (var before = Recorder(file))
        {
            before.Prompt("question");
            before.Finish();
        }

        using var recorder = Recorder(file);
        recorder.Prompt("again");
        recorder.MessageAdded(new ConversationMessage(Role.User, "again"));
        recorder.MessageAdded(new ConversationMessage(Role.Assistant, "") { ToolCalls = [new StoredToolCall("c1", "terminal", "{}")], FinishReason = "tool_calls" });
        recorder.MessageAdded(new ConversationMessage(Role.Tool, "output") { ToolCallId = "c1", ToolName = "terminal" });
        await Assert.That(recorder.Withdraw()).IsTrue();
        recorder.Finish();
        await Assert.That(Rows(stage)).IsEqualTo("user:question:-");
        await Assert.That(Count(stage)).IsEqualTo("1");
        using var database = ForeignDatabase.Open(stage);
        await Assert.That(database.Rows("SELECT tool_call_count FROM sessions")[0]).IsEqualTo("0");
    }

    [Test]
    public async Task A_turn_that_waits_for_the_disk_cannot_be_withdrawn()
    {
        await using var stage = await Stage.SetAsync();
        string path = Path.Combine(stage.Home, "state.db");
        Directory.CreateDirectory(path);
        using var file = new StateFile(path);
        using var recorder = Recorder(file);
        recorder.Prompt("question");
        await Assert.That(recorder.Withdraw()).IsFalse();
    }

    private TurnRecorder Recorder(StateFile file)
    {
        var session = new Session("0123abcd", new Sessions.Conversation("key", null, null, null), "/", _told);
        return new TurnRecorder(session, new SessionRecords(file, _time), "model", _time);
    }

    private static string Rows(Stage stage)
    {
        using var database = ForeignDatabase.Open(stage);
        return string.Join('|', database.Rows("SELECT role || ':' || COALESCE(content, '') || ':' || COALESCE(finish_reason, '-') FROM messages ORDER BY timestamp, id"));
    }

    private static string Count(Stage stage)
    {
        using var database = ForeignDatabase.Open(stage);
        return database.Rows("SELECT message_count FROM sessions")[0];
    }

    private sealed class Told : ISessionEvents
    {
        public void ClarifyRequested(string question, IReadOnlyList<string>? choices, string requestId)
        {
        }

        public void Subagent(Gateway.Sessions.Subagents.SubagentEvent happened)
        {
        }

        public void BackgroundCompleted(string taskId, string text)
        {
        }

        public void SudoRequested(string requestId)
        {
        }

        public void SecretRequested(string variable, string prompt, string requestId)
        {
        }

        public List<string> Texts { get; } = [];

        public void Status(string kind, string text) => Texts.Add(text);

        public void TurnStarted()
        {
        }

        public void TurnCompleted(TurnResult result, TokenUsage sessionUsage)
        {
        }

        public void TurnFailed(string message)
        {
        }

        public void ApprovalRequested(ApprovalRequest request, string requestId)
        {
        }

        public void ModelCallStarted()
        {
        }

        public void ModelCallEnded()
        {
        }

        public void TextDelta(ReadOnlySpan<char> text)
        {
        }

        public void ReasoningDelta(ReadOnlySpan<char> text)
        {
        }

        public void ReplyText(string text)
        {
        }

        public void ToolGenerating(string name)
        {
        }

        public void ToolStarted(ToolCall call, string preview)
        {
        }

        public void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration)
        {
        }

        public ValueTask RoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
