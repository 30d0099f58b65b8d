using System.Text.Json;
using Gateway.Agent;
using Gateway.Protocol.Messages;
using Gateway.Tools;

namespace Gateway.Rpc;

/// <summary>A conversation as the rows clients show (WIRE 8.3).</summary>
internal static class Transcript
{
    /// <summary>Makes the rows of a conversation. Assistant messages that only call tools and blank texts have no row.</summary>
    public static IReadOnlyList<TranscriptRow> Rows(IReadOnlyList<ConversationMessage> history)
    {
        var rows = new List<TranscriptRow>(history.Count);
        var calls = new Dictionary<string, StoredToolCall>(StringComparer.Ordinal);
        foreach (var message in history)
        {
            foreach (var call in message.ToolCalls) calls[call.Id] = call;
            if (message.Role == Role.Tool)
            {
                var call = calls.GetValueOrDefault(message.ToolCallId ?? "");
                rows.Add(new TranscriptRow("tool", Name: call?.Name ?? message.ToolName ?? "tool", Context: Preview(call)));
            }
            else if (!string.IsNullOrWhiteSpace(message.Content))
            {
                rows.Add(new TranscriptRow(NameOf(message.Role), Text: message.Content));
            }
        }

        return rows;
    }

    private static string NameOf(Role role) => role switch
    {
        Role.User => "user",
        Role.System => "system",
        _ => "assistant",
    };

    // What a model wrote as arguments need not be JSON; then there is nothing to show.
    private static string Preview(StoredToolCall? call)
    {
        if (call is null) return "";
        try
        {
            using var arguments = JsonDocument.Parse(call.ArgumentsJson);
            return ToolPreview.Of(call.Name, arguments.RootElement);
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
