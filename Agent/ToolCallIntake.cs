using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>What to do with the tool calls of a reply.</summary>
internal enum IntakeVerdict
{
    /// <summary>Run them.</summary>
    Run,

    /// <summary>Store the reply with the prepared answers, without running anything.</summary>
    Answer,

    /// <summary>Ask the model again without storing the reply.</summary>
    AskAgain,

    /// <summary>The output limit cut the calls off.</summary>
    Truncated,

    /// <summary>The model does not recover; end the turn.</summary>
    GiveUp,
}

/// <summary>The calls of one reply, judged.</summary>
internal sealed record Intake(IntakeVerdict Verdict)
{
    /// <summary>Calls to run, for <see cref="IntakeVerdict.Run"/>.</summary>
    public IReadOnlyList<PreparedCall> Prepared { get; init; } = [];

    /// <summary>Calls as they are kept in the history.</summary>
    public IReadOnlyList<StoredToolCall> Stored { get; init; } = [];

    /// <summary>Tool messages, for <see cref="IntakeVerdict.Answer"/>.</summary>
    public IReadOnlyList<ConversationMessage> Answers { get; init; } = [];

    /// <summary>Reason, for <see cref="IntakeVerdict.GiveUp"/>.</summary>
    public string? Error { get; init; }
}

/// <summary>Judges the tool calls of a turn's replies: names, arguments, duplicates, too many delegations (AGENT.md section 4). Counts
/// failures over the turn.</summary>
/// <param name="tools">Tools on offer.</param>
/// <param name="repairName">The tool meant by a name that no tool has; null when none comes near.</param>
/// <param name="subagents">Says how many delegations one reply may have; null: no limit.</param>
internal sealed class ToolCallIntake(IReadOnlyList<ITool> tools, Func<string, IReadOnlyList<ITool>, ITool?> repairName, ISubagents? subagents = null)
{
    private const int MaxInvalidNames = 3;
    private const int MaxInvalidArguments = 3;
    private const string Delegation = "delegate_task";

    private int _invalidNames;
    private int _invalidArguments;

    /// <summary>Whether a tool has exactly this name.</summary>
    public bool IsKnown(string name) => tools.Any(tool => tool.Name == name);

    /// <summary>Judges a reply that has tool calls.</summary>
    public Intake Take(ModelReply reply)
    {
        var calls = reply.ToolCalls.Select(Read).ToList();
        if (reply.FinishReason == "length" || calls.Exists(call => call.Arguments.Truncated))
        {
            return new Intake(IntakeVerdict.Truncated);
        }

        if (calls.Find(call => call.Tool is null) is { } unknown)
        {
            if (++_invalidNames >= MaxInvalidNames)
            {
                return new Intake(IntakeVerdict.GiveUp) { Error = $"Model generated invalid tool call: {Shown(unknown.Reply.Name)}" };
            }

            var available = string.Join(", ", tools.Select(tool => tool.Name));
            return Answered(calls, call => call.Tool is null
                ? $"Tool '{call.Reply.Name}' does not exist. Available tools: {available}"
                : "Skipped: another tool call in this turn used an invalid name. Please retry this tool call.");
        }

        _invalidNames = 0;
        if (calls.Exists(call => call.Arguments.Error is not null))
        {
            if (++_invalidArguments < MaxInvalidArguments)
            {
                return new Intake(IntakeVerdict.AskAgain);
            }

            _invalidArguments = 0;
            return Answered(calls, call => call.Arguments.Error is { } detail
                ? $"Error: Invalid JSON arguments. {detail}. For tools with no required parameters, use an empty object: {{}}. Please retry with valid JSON."
                : "Skipped: other tool call in this response had invalid JSON.");
        }

        _invalidArguments = 0;
        var distinct = Capped(calls).DistinctBy(call => (call.Name, call.Arguments.Json)).ToList();
        return new Intake(IntakeVerdict.Run)
        {
            Stored = distinct.ConvertAll(call => call.Stored),
            Prepared = distinct.ConvertAll(call => new PreparedCall(call.Tool!, new ToolCall(call.Reply.Id, call.Name, call.Arguments.Value))),
        };
    }

    // More delegations than subagents may run at once: the first ones count, and the model can ask again once it has read their reports.
    private List<Judged> Capped(List<Judged> calls)
    {
        int delegations = calls.Count(call => call.Name == Delegation);
        if (delegations < 2 || subagents is null) return calls;
        int surplus = Math.Max(0, delegations - subagents.MaxConcurrent);
        var kept = new List<Judged>(calls);
        for (int i = kept.Count - 1; surplus > 0; i--)
        {
            if (kept[i].Name != Delegation) continue;
            kept.RemoveAt(i);
            surplus--;
        }

        return kept;
    }

    private Judged Read(ReplyToolCall call)
    {
        var tool = tools.FirstOrDefault(candidate => candidate.Name == call.Name) ?? repairName(call.Name, tools);
        return new Judged(call, tool, ToolArguments.Parse(call.Arguments));
    }

    private static Intake Answered(List<Judged> calls, Func<Judged, string> answer) => new(IntakeVerdict.Answer)
    {
        Stored = calls.ConvertAll(call => call.Stored),
        Answers = calls.ConvertAll(call => ToolBatch.Answer(call.Reply.Id, call.Name, answer(call))),
    };

    private static string Shown(string name) => name.Length <= 100 ? name : name[..100] + "…";

    private sealed record Judged(ReplyToolCall Reply, ITool? Tool, ToolArguments Arguments)
    {
        // A made-up name stays in the history, where providers refuse any but these characters.
        public string Name { get; } = Tool?.Name ?? string.Concat(
            Reply.Name.Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));

        public StoredToolCall Stored => new(Reply.Id, Name, Arguments.Json) { ExtraContentJson = Reply.ExtraContentJson, ResponseItemId = Reply.ResponseItemId };
    }
}
