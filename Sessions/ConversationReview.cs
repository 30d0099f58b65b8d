using System.Collections.Immutable;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Looks back over a conversation from time to time, with an agent of its own that can do nothing but keep notes and skills
/// (AGENT.md section 4, end). Its words are not part of the conversation; what it kept is told in one line.</summary>
internal sealed class ConversationReview(SessionWork work, ITurnEngine engine, SessionRecords records)
{
    private const int MostCalls = 8;

    private const string MemoryTask =
        "Look for what the user told about themselves, their preferences, their machine or their projects that will matter in later conversations, and for corrections they had to make. "
        + "Save what is not among your notes yet with the memory tool, in short plain sentences; leave out what only this task needs.";

    private const string SkillTask =
        "Look for a way of working that took several attempts to find, or that the user asked for, and that will be needed again. "
        + "If a skill covers it, mend that skill with skill_manage; if none does and it is worth its place, create one. Ordinary work needs no skill.";

    private static ImmutableArray<string> Tools => ["memory", "skill_manage", "skill_view", "skills_list"];

    /// <summary>Counts a turn that is over.</summary>
    /// <returns>What it is time to look for; null when it is time for nothing.</returns>
    public ReviewDue? IsDue(Session session, TurnResult result)
    {
        var called = result.NewMessages.SelectMany(message => message.ToolCalls).Select(call => call.Name).ToHashSet(StringComparer.Ordinal);
        int rounds = result.NewMessages.Count(message => message.ToolCalls.Count > 0);
        return session.Conversation.Reviews.Count(called.Contains("memory"), called.Contains("skill_manage"), rounds, work.ReviewIntervals());
    }

    /// <summary>Looks back.</summary>
    /// <param name="session">The session.</param>
    /// <param name="due">For what.</param>
    /// <param name="cancellationToken">The end of the gateway.</param>
    public async Task RunAsync(Session session, ReviewDue due, CancellationToken cancellationToken)
    {
        string task = $"[System: The conversation rests. {string.Join(' ', ((string?[])[due.Memory ? MemoryTask : null, due.Skills ? SkillTask : null]).OfType<string>())} When there is nothing to keep, answer: Nothing to keep.]";
        if (work.PlanReview(session, task, Tools) is not { } plan) return;
        var watch = new Watch(session, records);
        await engine.RunAsync(plan with { Settings = plan.Settings with { MaxTurns = MostCalls } }, watch, cancellationToken);
        if (watch.Kept.Count > 0) session.Events.Status("lifecycle", "💾 " + string.Join(" · ", watch.Kept.Distinct(StringComparer.Ordinal)));
    }

    // The calls are paid for, so they count, but what they sent does not fill the conversation.
    private sealed class Watch(Session session, SessionRecords records) : SilentEvents(null)
    {
        public List<string> Kept { get; } = [];

        public override void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration)
        {
            if (result.Error is not null) return;
            if (call.Name == "memory") Kept.Add("Memory updated");
            else if (call.Name == "skill_manage" && result.Summary is { Length: > 0 } summary) Kept.Add(summary);
        }

        public override void TokensSpent(TokenUsage usage, ModelEndpoint endpoint)
        {
            session.Spend(usage with { LastPrompt = 0 });
            try
            {
                records.AddTokens(session.Key, UsageRows.Of(usage, endpoint));
            }
            catch (SessionDatabaseException)
            {
                // The session's own record tells the user that nothing is being saved.
            }
        }
    }
}
