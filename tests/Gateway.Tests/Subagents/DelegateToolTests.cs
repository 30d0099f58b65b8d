using System.Text.Json.Nodes;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Tests.AgentTests;
using Gateway.Tests.ToolsTests;
using Gateway.Tools;
using Gateway.Tools.Delegation;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.SubagentTests;

/// <summary>How models ask for subagents, and what they get to read.</summary>
public class DelegateToolTests
{
    [Test]
    [Arguments("""{"goal":"one","tasks":[]}""", "one")]
    [Arguments("""{"goal":"one","tasks":null}""", "one")]
    [Arguments("""{"goal":" one ","acp_command":"","acp_args":[]}""", "one")]
    [Arguments("""{"goal":"one","tasks":[{"goal":"two"},{"goal":"three","acp_command":null}]}""", "two|three")]
    public async Task A_goal_counts_where_no_tasks_are_listed(string arguments, string goals)
    {
        var subagents = new FakeSubagents();
        await CallAsync(arguments, subagents);
        await Assert.That(string.Join('|', subagents.Asked.Select(task => task.Goal))).IsEqualTo(goals);
    }

    [Test]
    [Arguments("""{}""", "Provide either 'goal' (single task) or 'tasks' (batch).")]
    [Arguments("""{"goal":" ","tasks":[]}""", "No tasks provided.")]
    [Arguments("""{"goal":"one","tasks":{}}""", "'tasks' must be a list of objects with a 'goal'.")]
    [Arguments("""{"goal":"one","acp_command":"claude"}""", "Subagents cannot be other programs here. Leave out acp_command and acp_args; they then run on the configured model.")]
    [Arguments("""{"tasks":[{"goal":"one"},{"goal":"two","acp_command":"claude"}]}""", "Subagents cannot be other programs here. Leave out acp_command and acp_args; they then run on the configured model.")]
    [Arguments("""{"goal":"one","acp_args":["--fast"]}""", "Subagents cannot be other programs here. Leave out acp_command and acp_args; they then run on the configured model.")]
    public async Task What_cannot_be_done_is_the_error_of_the_tool(string arguments, string error)
    {
        var subagents = new FakeSubagents();
        var result = await CallAsync(arguments, subagents);
        await Assert.That(result.Error).IsEqualTo(error);
        await Assert.That((string)JsonNode.Parse(result.Content)!["error"]!).IsEqualTo(error);
        await Assert.That(subagents.Asked).IsEmpty();
    }

    [Test]
    public async Task A_batch_that_was_not_started_is_the_error_of_the_tool()
    {
        var result = await CallAsync("""{"goal":"one"}""", new FakeSubagents { Problem = "no such provider" });
        await Assert.That(result.Error).IsEqualTo("no such provider");
        await Assert.That(result.Content).IsEqualTo("""{"error":"no such provider"}""");
    }

    [Test]
    [Arguments("It is done.", 1, "It is done.\n\n[NOTE: subagent modified files the parent previously read — re-read before editing: /f0]")]
    [Arguments(null, 2, "[NOTE: subagent modified files the parent previously read — re-read before editing: /f0, /f1]")]
    [Arguments("Done.", 10, "Done.\n\n[NOTE: subagent modified files the parent previously read — re-read before editing: /f0, /f1, /f2, /f3, /f4, /f5, /f6, /f7 (+2 more)]")]
    [Arguments("Done.", 0, "Done.")]
    public async Task Files_that_the_parent_has_to_read_again_are_named(string? summary, int files, string told)
    {
        var report = new SubagentReport(0, "completed", "completed", summary) { Stale = [.. Enumerable.Range(0, files).Select(number => $"/f{number}")] };
        var result = await CallAsync("""{"goal":"one"}""", new FakeSubagents { Report = report });
        await Assert.That((string)JsonNode.Parse(result.Content)!["results"]![0]!["summary"]!).IsEqualTo(told);
    }

    [Test]
    public async Task One_reply_delegates_no_more_often_than_subagents_may_run()
    {
        ITool[] tools = [new DelegateTool(), new FakeTool("todo")];
        var reply = new ModelReply("", null, null, [Call("a", "one"), Call("b", "two"), new ReplyToolCall("t", "todo", "{}"), Call("c", "one"), Call("d", "three"), Call("e", "four")], "tool_calls", default);
        await Assert.That(Kept(new FakeSubagents())).IsEquivalentTo(["a", "b", "t"], CollectionOrdering.Matching);
        await Assert.That(Kept(new FakeSubagents { MaxConcurrent = 5 })).IsEquivalentTo(["a", "b", "t", "d", "e"], CollectionOrdering.Matching);
        await Assert.That(Kept(null)).IsEquivalentTo(["a", "b", "t", "d", "e"], CollectionOrdering.Matching);

        IEnumerable<string> Kept(ISubagents? subagents)
        {
            var intake = new ToolCallIntake(tools, (_, _) => null, subagents).Take(reply);
            return intake.Stored.Select(call => call.Id).SequenceEqual(intake.Prepared.Select(call => call.Call.Id)) ? intake.Stored.Select(call => call.Id) : ["what is stored is not what runs"];
        }
    }

    private static ReplyToolCall Call(string id, string goal) => new(id, "delegate_task", $$"""{"goal":"{{goal}}"}""");

    private static async Task<ToolResult> CallAsync(string arguments, ISubagents subagents)
    {
        using var stage = new ToolStage();
        stage.Context = stage.Context with { Subagents = subagents };
        return await stage.ResultAsync("delegate_task", arguments);
    }

    private sealed class FakeSubagents : ISubagents
    {
        public List<SubagentTask> Asked { get; } = [];

        public string? Problem { get; init; }

        public SubagentReport Report { get; init; } = new(0, "completed", "completed", "done");

        public int MaxConcurrent { get; init; } = 3;

        public int MaxDepth => 1;

        public int Depth => 0;

        public bool Paused => false;

        public Task<IReadOnlyList<SubagentReport>> RunAsync(IReadOnlyList<SubagentTask> tasks, ToolContext parent, CancellationToken cancellationToken)
        {
            if (Problem is not null) throw new DelegationException(Problem);
            Asked.AddRange(tasks);
            return Task.FromResult<IReadOnlyList<SubagentReport>>([Report]);
        }
    }
}
