using Gateway.Agent;
using Gateway.Sessions.Subagents;
using Gateway.Tests.ProcessesTests;
using Gateway.Tools;
using TUnit.Assertions.Enums;

namespace Gateway.Tests.SubagentTests;

/// <summary>What subagents tell, leave behind and cost, whatever becomes of them.</summary>
[NotInParallel("children")]
public class SubagentRunnerTests
{
    [Test]
    public async Task All_of_a_batch_are_announced_before_one_begins()
    {
        using var stage = new SubagentStage((_, _, _) => Task.FromResult(SubagentStage.Answer("done")));
        await stage.RunAsync("one", "two", "three");
        var told = stage.Told.All;
        await Assert.That(told.Take(3).Select(happened => $"{happened.Moment} {happened.Who.Goal} {happened.Text}"))
            .IsEquivalentTo(["Requested one one", "Requested two two", "Requested three three"], CollectionOrdering.Matching);
        await Assert.That(told.Skip(3).Count(happened => happened.Moment is SubagentMoment.Requested)).IsEqualTo(0);
        await Assert.That(told.Select(happened => happened.Who.Id).Distinct().Count()).IsEqualTo(3);
    }

    [Test]
    [Arguments("debugging", "patch process read_file search_files terminal write_file")]
    [Arguments("File", "patch read_file search_files write_file")]
    [Arguments("todo,skills", "skill_manage skill_view skills_list todo")]
    [Arguments("nowhere", "")]
    public async Task A_group_of_toolsets_gives_all_their_tools(string toolsets, string expected)
    {
        string[] tools = [];
        using var stage = new SubagentStage((request, _, _) =>
        {
            tools = [.. request.Tools.Select(tool => tool.Name).Where(name => !name.StartsWith("web_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            return Task.FromResult(SubagentStage.Answer("done"));
        });
        await stage.Runner.RunAsync([new SubagentTask("one", null, toolsets.Split(','), false)], stage.Context, CancellationToken.None);
        await Assert.That(string.Join(' ', tools)).IsEqualTo(expected);
    }

    [Test]
    [Arguments("all")]
    [Arguments("*")]
    public async Task All_toolsets_are_those_of_the_parent(string name)
    {
        int tools = 0, all = 0;
        using var stage = new SubagentStage((request, _, _) =>
        {
            if (request.UserText == "one") tools = request.Tools.Count;
            else all = request.Tools.Count;
            return Task.FromResult(SubagentStage.Answer("done"));
        });
        await stage.Runner.RunAsync([new SubagentTask("one", null, [name], false)], stage.Context, CancellationToken.None);
        await stage.Runner.RunAsync([new SubagentTask("two", null, null, false)], stage.Context, CancellationToken.None);
        await Assert.That(tools).IsGreaterThan(5).And.IsEqualTo(all);
    }

    [Test]
    public async Task One_that_breaks_costs_only_its_own_report()
    {
        using var stage = new SubagentStage((request, events, _) =>
        {
            events.TokensSpent(new TokenUsage(10, 5, Calls: 1), request.Endpoint);
            return request.UserText == "two" ? throw new InvalidOperationException("a bug with sk-secret") : Task.FromResult(SubagentStage.Answer("done"));
        });
        var reports = await stage.RunAsync("one", "two", "three");
        await Assert.That(reports.Select(report => $"{report.Index} {report.Status} {report.ExitReason} {report.Summary} {report.Calls} {report.InputTokens} {report.OutputTokens}"))
            .IsEquivalentTo(["0 completed completed done 1 10 5", "1 error error  1 10 5", "2 completed completed done 1 10 5"], CollectionOrdering.Matching);
        await Assert.That(reports[1].Error).IsEqualTo("The subagent failed inside the gateway; details are in logs/tui_gateway_crash.log.");
        var end = stage.Told.End("two");
        await Assert.That(end.End!.Status).IsEqualTo("failed");
        await Assert.That(end.Text).IsEqualTo(reports[1].Error);
        await Assert.That(stage.Registry.Running).IsEmpty();
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(stage.Logs, "tui_gateway_crash.log"))).Contains("a bug with").And.Contains(end.Who.Id);
    }

    [Test]
    public async Task Progress_is_told_every_five_tools_and_for_the_rest()
    {
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            for (int i = 0; i < 7; i++) await SubagentStage.CallAsync(request, events, "todo", "{}");
            if (request.UserText == "two") await SubagentStage.CallAsync(request, events, "skills_list", "{}");
            return SubagentStage.Answer("done");
        });
        await stage.RunAsync("one");
        await Assert.That(Progress("one")).IsEquivalentTo(["🔀 todo, todo, todo, todo, todo", "🔀 todo, todo"], CollectionOrdering.Matching);
        await Assert.That(stage.Told.All[^1].Moment).IsEqualTo(SubagentMoment.Completed);
        await Assert.That(stage.Told.All[^2].Moment).IsEqualTo(SubagentMoment.Progress);
        await stage.RunAsync("zero", "two");
        await Assert.That(Progress("two")).IsEquivalentTo(["🔀 [2] todo, todo, todo, todo, todo", "🔀 [2] todo, todo, skills_list"], CollectionOrdering.Matching);

        IEnumerable<string> Progress(string goal) => stage.Told.All.Where(happened => happened.Moment == SubagentMoment.Progress && happened.Who.Goal == goal).Select(happened => happened.Text!);
    }

    [Test]
    public async Task The_end_tells_the_beginning_of_the_report_and_of_the_newest_outputs()
    {
        string report = "x" + string.Concat(Enumerable.Repeat("🚀", 400)), output = new('x', 1000);
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            for (int i = 0; i < 10; i++) await SubagentStage.CallAsync(request, events, "terminal", $$"""{"command":"echo {{i}}; printf '{{output}}'"}""");
            return SubagentStage.Answer(report);
        });
        var whole = await stage.RunAsync("one");
        var told = stage.Told.End();
        await Assert.That(whole[0].Summary).IsEqualTo(report);
        await Assert.That(told.Text).IsEqualTo(report[..159]);
        await Assert.That(told.End!.Summary).IsEqualTo(report[..499]);
        await Assert.That(told.End.Output.Count).IsEqualTo(8);
        await Assert.That(told.End.Output[0].Preview).StartsWith("""{"output":"2\nxxx""");
        await Assert.That(told.End.Output.Select(one => one.Preview.Length).Distinct()).IsEquivalentTo([600]);
        await Assert.That(told.End.Output[0].IsError).IsFalse();
    }

    [Test]
    public async Task An_end_without_words_has_none()
    {
        using var stage = new SubagentStage((_, _, _) => Task.FromResult(SubagentStage.Answer("")));
        await stage.RunAsync("one");
        await Assert.That(stage.Told.End().Text).IsNull();
        await Assert.That(stage.Told.End().End!.Summary).IsNull();
    }

    [Test]
    public async Task Only_files_that_were_really_read_and_changed_count_however_they_were()
    {
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            foreach (string call in new[] { """{"path":"b.txt"}""", """{"path":"a.txt"}""", """{"path":"missing.txt"}""" }) await SubagentStage.CallAsync(request, events, "read_file", call);
            await SubagentStage.CallAsync(request, events, "write_file", """{"path":"z.txt","content":"new"}""");
            await SubagentStage.CallAsync(request, events, "write_file", """{"path":".","content":"fails"}""");
            await SubagentStage.CallAsync(request, events, "patch", """{"mode":"replace","path":"b.txt","old_string":"not there","new_string":"x"}""");
            await SubagentStage.CallAsync(
                request, events, "patch", """{"mode":"patch","patch":"*** Begin Patch\n*** Update File: a.txt\n-one\n+two\n*** Add File: c.txt\n+three\n*** Delete File: d.txt\n*** End Patch"}""");
            return SubagentStage.Answer("done");
        });
        foreach (string name in new[] { "a.txt", "b.txt", "d.txt" }) stage.Tools.Put(name, "one\n");
        await stage.RunAsync("one");
        var end = stage.Told.End().End!;
        await Assert.That(end.FilesRead).IsEquivalentTo([stage.Tools.At("b.txt"), stage.Tools.At("a.txt")], CollectionOrdering.Matching);
        await Assert.That(end.FilesWritten).IsEquivalentTo(
            [stage.Tools.At("a.txt"), stage.Tools.At("c.txt"), stage.Tools.At("d.txt"), stage.Tools.At("z.txt")], CollectionOrdering.Matching);
    }

    [Test]
    public async Task At_most_forty_files_are_named()
    {
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            for (int i = 0; i < 45; i++) await SubagentStage.CallAsync(request, events, "write_file", $$"""{"path":"{{i:00}}.txt","content":"x"}""");
            return SubagentStage.Answer("done");
        });
        await stage.RunAsync("one");
        await Assert.That(stage.Told.End().End!.FilesWritten.Count).IsEqualTo(40);
        await Assert.That(stage.Told.End().End!.FilesWritten[^1]).IsEqualTo(stage.Tools.At("39.txt"));
    }

    [Test]
    public async Task What_the_parent_knows_and_a_subagent_changed_is_stale()
    {
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            if (request.UserText == "two") return SubagentStage.Answer("nothing changed");
            await SubagentStage.CallAsync(request, events, "write_file", """{"path":"read.txt","content":"new"}""");
            await SubagentStage.CallAsync(request, events, "write_file", """{"path":"unread.txt","content":"new"}""");
            return SubagentStage.Answer("changed");
        });
        foreach (string name in new[] { "read.txt", "unread.txt", "left.txt" }) stage.Tools.Put(name, "one\n");
        foreach (string name in new[] { "read.txt", "left.txt" }) await stage.Tools.CallAsync("read_file", $$"""{"path":"{{name}}"}""");
        var reports = await stage.RunAsync("one", "two");
        await Assert.That(reports[0].Stale).IsEquivalentTo([stage.Tools.At("read.txt")]);
        await Assert.That(reports[1].Stale).IsEmpty();
    }

    [Test]
    public async Task What_a_subagent_of_a_subagent_changed_is_stale_as_well_and_told_with_its_own_name()
    {
        using var stage = new SubagentStage(
            async (request, events, stop) =>
            {
                if (request.ToolContext.Subagents is { } own)
                {
                    await own.RunAsync([SubagentStage.Task("inner")], request.ToolContext, stop);
                    return SubagentStage.Answer("sent one");
                }

                events.TokensSpent(new TokenUsage(10, 5, Calls: 1) { Cost = 0.5 }, request.Endpoint);
                await SubagentStage.CallAsync(request, events, "write_file", """{"path":"read.txt","content":"new"}""");
                return SubagentStage.Answer("changed");
            },
            "delegation: {max_spawn_depth: 2}");
        stage.Tools.Put("read.txt", "one\n");
        await stage.Tools.CallAsync("read_file", """{"path":"read.txt"}""");
        var reports = await stage.Runner.RunAsync([SubagentStage.Task("outer", isOrchestrator: true)], stage.Context, CancellationToken.None);
        await Assert.That(reports[0].Stale).IsEquivalentTo([stage.Tools.At("read.txt")]);
        await Assert.That(stage.Spent.Cost).IsEqualTo(0.5);

        SubagentEvent outer = stage.Told.End("outer"), inner = stage.Told.End("inner");
        await Assert.That(inner.Who.ParentId).IsEqualTo(outer.Who.Id);
        await Assert.That($"{outer.Who.Depth} {inner.Who.Depth}").IsEqualTo("0 1");
        await Assert.That(outer.End!.FilesWritten).IsEmpty();
        await Assert.That(outer.End.Usage.Calls).IsEqualTo(0);
        await Assert.That(inner.End!.Usage.Cost).IsEqualTo(0.5);
        await Assert.That(stage.Told.All.Where(happened => happened.Moment != SubagentMoment.Progress && happened.Moment != SubagentMoment.Tool).Select(happened => $"{happened.Moment} {happened.Who.Goal}"))
            .IsEquivalentTo(["Requested outer", "Started outer", "Requested inner", "Started inner", "Completed inner", "Completed outer"], CollectionOrdering.Matching);
    }

    [Test]
    public async Task Money_goes_to_the_account_of_the_user_and_tokens_stay_with_who_used_them()
    {
        using var stage = new SubagentStage((request, events, _) =>
        {
            events.TokensSpent(new TokenUsage(10, 5, Calls: 1, LastPrompt: 10) { Cost = 0.25 }, request.Endpoint);
            events.TokensSpent(new TokenUsage(20, 5, Calls: 1, LastPrompt: 20) { Unpriced = 1 }, request.Endpoint);
            return Task.FromResult(SubagentStage.Answer("done"));
        });
        await stage.RunAsync("one", "two");
        await Assert.That(stage.Spent).IsEqualTo(new TokenUsage { Cost = 0.5, Unpriced = 2 });
        await Assert.That(stage.Told.End().End!.Usage.Prompt).IsEqualTo(30);
    }

    [Test]
    public async Task Time_ends_one_and_the_report_says_so()
    {
        var time = new ManualTime();
        using var stage = new SubagentStage(UntilStopped, "delegation: {child_timeout_seconds: 45}", time);
        var running = stage.RunAsync("one");
        await Assert.That(await Facts.BecomesTrueAsync(() => stage.Told.All.Any(happened => happened.Moment == SubagentMoment.Thinking))).IsTrue();
        time.Advance(TimeSpan.FromSeconds(45));
        var report = (await running)[0];
        await Assert.That($"{report.Status} {report.ExitReason} {report.Error}").IsEqualTo("timeout timeout Subagent timed out after 45s");
        await Assert.That(stage.Told.End().End!.Status).IsEqualTo("failed");
    }

    [Test]
    [Arguments(true, "Parent agent interrupted — child did not finish in time")]
    [Arguments(false, "The user stopped this subagent")]
    public async Task An_interrupted_one_says_who_stopped_it(bool parent, string error)
    {
        using var stage = new SubagentStage(UntilStopped);
        using var stop = new CancellationTokenSource();
        var running = stage.Runner.RunAsync([SubagentStage.Task("one")], stage.Context, stop.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => stage.Told.All.Any(happened => happened.Moment == SubagentMoment.Thinking))).IsTrue();
        if (parent) await stop.CancelAsync();
        else await Assert.That(stage.Registry.Interrupt(stage.Told.All[0].Who.Id)).IsTrue();
        var report = (await running)[0];
        await Assert.That($"{report.Status} {report.ExitReason} {report.Error}").IsEqualTo($"interrupted interrupted {error}");
        await Assert.That(stage.Told.End().End!.Status).IsEqualTo("interrupted");
        await Assert.That(stage.Registry.Interrupt(stage.Told.All[0].Who.Id)).IsFalse();
    }

    [Test]
    public async Task What_one_left_running_belongs_to_the_conversation_that_sent_it()
    {
        using var stage = new SubagentStage(async (request, events, _) =>
        {
            await SubagentStage.CallAsync(request, events, "terminal", """{"command":"sleep 1000","background":true}""");
            return request.UserText == "one" ? SubagentStage.Answer("left it running") : throw new InvalidOperationException("a bug");
        });
        await stage.Tools.CallAsync("terminal", """{"command":"sleep 1000","background":true}""");
        await stage.RunAsync("one", "two");
        var left = stage.Kit.Background.Of(stage.Context.State.Processes);
        await Assert.That(left.Count).IsEqualTo(3);
        await Assert.That(left.All(process => process.ExitCode is null)).IsTrue();
    }

    [Test]
    public async Task A_model_that_cannot_be_called_is_no_reason_to_take_another()
    {
        using var stage = new SubagentStage((_, _, _) => Task.FromResult(SubagentStage.Answer("done")), "delegation: {provider: nowhere}");
        await Assert.That(async () => await stage.RunAsync("one")).Throws<DelegationException>().WithMessageContaining("section delegation of config.yaml").And.WithMessageContaining("nowhere");
        await Assert.That(stage.Told.All).IsEmpty();
    }

    [Test]
    public async Task Subagents_use_the_model_of_their_parent_unless_another_is_named()
    {
        string? asked = null;
        Task<TurnResult> Work(TurnRequest request, IAgentEvents events, CancellationToken stop)
        {
            asked = request.Endpoint.Model;
            return Task.FromResult(SubagentStage.Answer("done"));
        }

        using (var stage = new SubagentStage(Work)) await stage.RunAsync("one");
        await Assert.That(asked).IsEqualTo("parent-model");
        using (var stage = new SubagentStage(Work, "delegation: {model: other, base_url: \"http://127.0.0.1:9/v1\"}")) await stage.RunAsync("one");
        await Assert.That(asked).IsEqualTo("other");
    }

    private static async Task<TurnResult> UntilStopped(TurnRequest request, IAgentEvents events, CancellationToken stop)
    {
        events.ReplyText("waiting");
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
        return new TurnResult(TurnStatus.Interrupted, null, null, [], default);
    }
}
