using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Messages between the form that is sent to models and the form that is stored (STATE.md section 7).</summary>
internal static class MessageRecords
{
    private const string NeverAnswered = "[Tool execution interrupted: the gateway ended before the result was there]";

    /// <summary>The row of a message.</summary>
    public static StoredMessage ToRow(ConversationMessage message)
    {
        // In memory both are the provider's blocks; on disk each has the column where other programs look for it.
        bool responses = message.ReasoningDetailsJson is string blocks && ResponsesReasoning.IsItems(blocks);
        return new StoredMessage(NameOf(message.Role), message.Content)
        {
            ToolCallId = message.ToolCallId,
            ToolName = message.ToolName,
            ToolCallsJson = message.ToolCalls.Count == 0 ? null : Calls(message.ToolCalls),
            ToolCallCount = message.ToolCalls.Count,
            FinishReason = message.FinishReason,
            Reasoning = message.Reasoning,
            ReasoningContent = message.ReasoningContent,
            CodexMessageItemsJson = message.MessageItemsJson,
            ReasoningDetailsJson = responses ? null : message.ReasoningDetailsJson,
            CodexReasoningItemsJson = responses ? message.ReasoningDetailsJson : null,
        };
    }

    /// <summary>A stored conversation as one that every provider accepts: each call has exactly one answer, right behind the
    /// message that made it, whatever a killed process left out, and no answer stands without its call.</summary>
    public static IReadOnlyList<ConversationMessage> FromRows(IReadOnlyList<StoredMessage> rows)
    {
        var messages = new List<ConversationMessage>(rows.Count);
        var open = new List<StoredToolCall>();
        foreach (var row in rows)
        {
            var message = FromRow(row);
            if (message is null) continue;
            if (message.Role == Role.Tool)
            {
                int index = open.FindIndex(call => call.Id == message.ToolCallId);
                if (index < 0) continue;
                messages.Add(message with { ToolName = message.ToolName ?? open[index].Name });
                open.RemoveAt(index);
                continue;
            }

            Answer(open, messages);
            messages.Add(message);
            open.AddRange(message.ToolCalls);
        }

        Answer(open, messages);
        return messages;
    }

    private static void Answer(List<StoredToolCall> open, List<ConversationMessage> messages)
    {
        foreach (var call in open) messages.Add(new ConversationMessage(Role.Tool, NeverAnswered) { ToolCallId = call.Id, ToolName = call.Name });
        open.Clear();
    }

    private static ConversationMessage? FromRow(StoredMessage row)
    {
        Role? role = row.Role switch { "user" => Role.User, "assistant" => Role.Assistant, "tool" => Role.Tool, _ => null };
        return role is not Role known
            ? null
            : new ConversationMessage(known, known == Role.Tool ? StoredContent.Text(row.Content) : StoredContent.WithoutMemory(StoredContent.Text(row.Content)))
            {
                ToolCallId = row.ToolCallId is string id ? ResponsesToolId.Split(id).CallId : null,
                ToolName = row.ToolName,
                ToolCalls = known == Role.Assistant ? CallsOf(row.ToolCallsJson) : [],
                FinishReason = row.FinishReason,
                Reasoning = row.Reasoning,
                ReasoningContent = known == Role.Assistant ? row.ReasoningContent : null,
                MessageItemsJson = known == Role.Assistant ? row.CodexMessageItemsJson : null,
                ReasoningDetailsJson = row.CodexReasoningItemsJson ?? row.ReasoningDetailsJson,
            };
    }

    private static string NameOf(Role role) => role switch
    {
        Role.User => "user",
        Role.Tool => "tool",
        Role.System => "system",
        _ => "assistant",
    };

    private static string Calls(IReadOnlyList<StoredToolCall> calls) => Encoding.UTF8.GetString(RequestJson.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, call.Id);
            writer.WriteString("call_id"u8, call.Id);
            if (call.ResponseItemId is string item) writer.WriteString("response_item_id"u8, item);
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("arguments"u8, call.ArgumentsJson);
            writer.WriteEndObject();
            if (call.ExtraContentJson is string extra)
            {
                writer.WritePropertyName("extra_content"u8);
                writer.WriteRawValue(extra, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }).Span);

    // What other programs wrote need not be whole; a call that cannot be read was never made.
    private static List<StoredToolCall> CallsOf(string? json)
    {
        var calls = new List<StoredToolCall>();
        if (json is null) return calls;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return calls;
            foreach (var entry in document.RootElement.EnumerateArray())
                if (CallOf(entry) is { } call) calls.Add(call);
        }
        catch (JsonException)
        {
            calls.Clear();
        }

        return calls;
    }

    private static StoredToolCall? CallOf(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || (Text(entry, "id") ?? Text(entry, "call_id")) is not string id) return null;
        if (!entry.TryGetProperty("function"u8, out var function) || function.ValueKind != JsonValueKind.Object) return null;
        if (Text(function, "name") is not string name) return null;
        var (callId, itemId) = ResponsesToolId.Split(id);

        // What a model once wrote wrongly, or another program cut off, would make every later request invalid.
        return new StoredToolCall(callId, name, ToolArguments.Parse(Text(function, "arguments") ?? "{}").Json)
        {
            ResponseItemId = Text(entry, "response_item_id") ?? itemId,
            ExtraContentJson = entry.TryGetProperty("extra_content"u8, out var extra) && extra.ValueKind != JsonValueKind.Null ? extra.GetRawText() : null,
        };
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
