namespace Gateway.Agent.Models;

/// <summary>Turns a stored history into one that providers accept (AGENT.md 3.1): every tool call answered exactly once and in
/// order, no answers without a call, no messages without content, no two user messages in a row, only valid Unicode.
/// A pure function: the same history always becomes the same messages.</summary>
internal static class HistoryRepair
{
    /// <summary>Stands for a result that was lost.</summary>
    public const string MissingResult = "[Result unavailable — see context summary above]";

    /// <summary>The messages to send.</summary>
    public static List<ConversationMessage> Prepare(IReadOnlyList<ConversationMessage> history)
    {
        var sent = new List<ConversationMessage>(history.Count);
        for (var i = 0; i < history.Count; i++)
        {
            var message = history[i];
            var content = Clean(message.Content);
            switch (message.Role)
            {
                case Role.Assistant when message.ToolCalls.Count != 0:
                    sent.Add(message with { Content = content });
                    AddResults(sent, message.ToolCalls, history, i + 1);
                    break;
                case Role.Assistant when content.Length != 0:
                    sent.Add(message with { Content = content });
                    break;
                case Role.User when sent.Count != 0 && sent[^1].Role == Role.User:
                    sent[^1] = sent[^1] with { Content = Join(sent[^1].Content, content), ImageUrls = Join(sent[^1].ImageUrls, message.ImageUrls) };
                    break;
                case Role.User or Role.System:
                    sent.Add(message with { Content = content });
                    break;
            }
        }

        return sent;
    }

    /// <summary>Two texts as one, a blank line between them.</summary>
    public static string Join(string? first, string second) =>
        string.IsNullOrEmpty(first) ? second : second.Length == 0 ? first : first + "\n\n" + second;

    private static IReadOnlyList<string>? Join(IReadOnlyList<string>? first, IReadOnlyList<string>? second) =>
        first is null ? second : second is null ? first : [.. first, .. second];

    private static void AddResults(
        List<ConversationMessage> sent, IReadOnlyList<StoredToolCall> calls, IReadOnlyList<ConversationMessage> history, int start)
    {
        foreach (var call in calls)
        {
            ConversationMessage? result = null;
            for (var i = start; i < history.Count && history[i].Role != Role.Assistant && result is null; i++)
            {
                if (history[i].Role == Role.Tool && history[i].ToolCallId == call.Id)
                {
                    result = history[i];
                }
            }

            sent.Add(new ConversationMessage(Role.Tool, result is null ? MissingResult : Clean(result.Content))
            {
                ToolCallId = call.Id,
                ToolName = call.Name,
            });
        }
    }

    private static string Clean(string? content) => content is null ? "" : JsonText.WithoutLoneSurrogates(content.Trim());
}
