using System.Globalization;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Writes a conversation as the input items of a Responses request: messages, calls, their outputs, and the encrypted reasoning
/// of this endpoint ahead of the message it led to.</summary>
internal static class ResponsesInput
{
    // The service refuses longer ids; those of other providers can be.
    private const int LongestCallId = 64;

    /// <summary>Writes the member <c>input</c>.</summary>
    public static void Write(Utf8JsonWriter writer, ModelRequest request)
    {
        var issuer = request.OmitReasoningDetails ? null : ResponsesReasoning.IssuerOf(request.Endpoint);
        writer.WriteStartArray("input"u8);
        foreach (var message in HistoryRepair.Prepare(request.Messages))
        {
            switch (message.Role)
            {
                case Role.Assistant:
                    WriteAssistant(writer, message, issuer);
                    break;
                case Role.Tool:
                    writer.WriteStartObject();
                    writer.WriteString("type"u8, "function_call_output"u8);
                    writer.WriteString("call_id"u8, CallId(message.ToolCallId!));
                    writer.WriteString("output"u8, message.Content);
                    writer.WriteEndObject();
                    break;
                default:
                    WriteMessage(writer, message.Role == Role.System ? "system"u8 : "user"u8, message);
                    break;
            }
        }

        foreach (var thought in request.Thoughts)
        {
            if (issuer is null || thought.ReasoningDetailsJson is not { } items || !ResponsesReasoning.IsItems(items)) continue;

            // The service refuses reasoning that nothing follows.
            ResponsesReasoning.Replay(writer, items, issuer);
            WriteMessage(writer, "assistant"u8, thought);
        }

        writer.WriteEndArray();
    }

    /// <summary>A call's id as the service accepts it: without the item's id that other programs store behind it, and not too long.
    /// Call and output come to the same one.</summary>
    public static string CallId(string id)
    {
        id = ResponsesToolId.Split(id).CallId;
        return id.Length <= LongestCallId ? id : string.Create(CultureInfo.InvariantCulture, $"{id.AsSpan(0, LongestCallId - 17)}_{Hash(id):x16}");
    }

    // FNV-1a: the framework's digests need OpenSSL, which is not everywhere.
    private static ulong Hash(string text)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var c in text)
        {
            hash = unchecked((hash ^ c) * 1_099_511_628_211UL);
        }

        return hash;
    }

    private static void WriteAssistant(Utf8JsonWriter writer, ConversationMessage message, string? issuer)
    {
        if (issuer is not null && message.ReasoningDetailsJson is { } items)
        {
            ResponsesReasoning.Replay(writer, items, issuer);
        }

        if (!string.IsNullOrEmpty(message.Content))
        {
            foreach (var (text, phase) in ResponsesMessages.Parts(message.MessageItemsJson, message.Content, issuer))
            {
                WriteAssistantText(writer, text, phase);
            }
        }

        foreach (var call in message.ToolCalls)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function_call"u8);
            writer.WriteString("call_id"u8, CallId(call.Id));
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("arguments"u8, call.ArgumentsJson);
            writer.WriteEndObject();
        }
    }

    private static void WriteAssistantText(Utf8JsonWriter writer, string text, string? phase)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("content"u8, text);
        if (phase is not null)
        {
            writer.WriteString("phase"u8, phase);
        }

        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> role, ConversationMessage message)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        if (message.Role == Role.User && message.ImageUrls is { Count: > 0 } images)
        {
            WriteParts(writer, message.Content ?? "", images);
        }
        else
        {
            writer.WriteString("content"u8, message.Content);
        }

        writer.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter writer, string text, IReadOnlyList<string> images)
    {
        writer.WriteStartArray("content"u8);
        if (text.Length != 0)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "input_text"u8);
            writer.WriteString("text"u8, text);
            writer.WriteEndObject();
        }

        foreach (var image in images)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "input_image"u8);
            writer.WriteString("image_url"u8, image);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
