using Gateway.Protocol.Messages;
using Gateway.Sessions.Subagents;

namespace Gateway.Rpc;

/// <summary>Subagents in the words of the wire (events.json).</summary>
internal static class SubagentPayloads
{
    /// <summary>The payload of an event.</summary>
    public static SubagentEventPayload Of(SubagentEvent happened)
    {
        var who = happened.Who;
        var payload = new SubagentEventPayload(who.Goal, who.Count, who.Index)
        {
            SubagentId = who.Id,
            ParentId = who.ParentId,
            Depth = who.Depth,
            Model = who.Model,
            ToolCount = happened.ToolCount,
            Toolsets = Some(who.Toolsets),
            Text = happened.Text,
            ToolName = happened.Tool,
            ToolPreview = happened.Preview,
        };
        return happened.End is not { } end
            ? payload
            : payload with
            {
                Status = end.Status,
                Summary = end.Summary,
                DurationSeconds = end.Seconds,
                InputTokens = end.Usage.Prompt,
                OutputTokens = end.Usage.Output,
                ReasoningTokens = end.Usage.Reasoning,
                ApiCalls = end.Usage.Calls,
                CostUsd = end.Usage is { Calls: > 0, Unpriced: 0 } ? end.Usage.Cost : null,
                FilesRead = Some(end.FilesRead),
                FilesWritten = Some(end.FilesWritten),
                OutputTail = end.Output.Count == 0 ? null : [.. end.Output.Select(output => new SubagentOutputEntry(output.Tool, output.Preview, output.IsError))],
            };
    }

    private static IReadOnlyList<string>? Some(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
