using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>A conversation as a file for the user (STATE.md section 4).</summary>
internal sealed class SessionExportMethods
{
    private readonly SessionFactory _factory;
    private readonly SessionWork _work;
    private readonly TimeProvider _time;

    /// <summary>Creates the group.</summary>
    public SessionExportMethods(SessionFactory factory, SessionWork work, TimeProvider time)
    {
        _factory = factory;
        _work = work;
        _time = time;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("session.save", Lane.Session, json => json.SessionParams, json => json.SessionSaveResult, Save),
    ];

    private SessionSaveResult Save(SessionParams request)
    {
        var session = _factory.RequireLoaded(request.SessionId);
        string model = _work.Model().Name;
        var history = session.History();
        string name = _time.GetLocalNow().ToString("'hermes_conversation_'yyyyMMdd'_'HHmmss", CultureInfo.InvariantCulture);
        try
        {
            return new(PrivateFiles.CreateUnique(session.WorkingDirectory, name, ".json", stream => Write(stream, model, history)));
        }
        catch (StoredFileException exception)
        {
            throw new RpcException(ErrorCode.SessionSaveFailed, $"the conversation was not saved in {session.WorkingDirectory}: {exception.Message}");
        }
    }

    private static void Write(Stream stream, string model, IReadOnlyList<ConversationMessage> history)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = new WireEncoder() });
        writer.WriteStartObject();
        writer.WriteString("model"u8, model);
        writer.WriteStartArray("messages"u8);
        foreach (var message in history)
        {
            Write(writer, message);

            // What is written so far goes out, so that a long conversation is not in memory twice.
            writer.Flush();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // The form that conversations have in memory and on disk (STATE.md section 7).
    private static void Write(Utf8JsonWriter writer, ConversationMessage message)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, RoleName(message.Role));
        writer.WriteString("content"u8, message.Content);
        if (message.Role == Role.Assistant) WriteReply(writer, message);
        if (message.ToolCallId is string callId) writer.WriteString("tool_call_id"u8, callId);
        if (message.ToolName is string tool) writer.WriteString("tool_name"u8, tool);
        writer.WriteEndObject();
    }

    private static void WriteReply(Utf8JsonWriter writer, ConversationMessage message)
    {
        writer.WriteString("reasoning"u8, message.Reasoning);
        if (message.ReasoningContent is string thought) writer.WriteString("reasoning_content"u8, thought);
        if (message.FinishReason is string reason) writer.WriteString("finish_reason"u8, reason);
        if (message.ReasoningDetailsJson is string details) WriteJson(writer, ResponsesReasoning.IsItems(details) ? "codex_reasoning_items"u8 : "reasoning_details"u8, details);
        if (message.MessageItemsJson is string items) WriteJson(writer, "codex_message_items"u8, items);
        if (message.ToolCalls.Count == 0) return;
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in message.ToolCalls)
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
            if (call.ExtraContentJson is string extra) WriteJson(writer, "extra_content"u8, extra);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // What a provider or another program left need not be JSON; then it is kept as text rather than break the file.
    private static void WriteJson(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string json)
    {
        writer.WritePropertyName(name);
        try
        {
            var whole = LoneSurrogates.Replace(Encoding.UTF8.GetBytes(json));
            using var document = JsonDocument.Parse(whole.ToArray(), new JsonDocumentOptions { MaxDepth = RequestFrame.MaxDepth });
            document.RootElement.WriteTo(writer);
        }
        catch (JsonException)
        {
            writer.WriteStringValue(json);
        }
    }

    private static string RoleName(Role role) => role switch
    {
        Role.User => "user",
        Role.Tool => "tool",
        Role.System => "system",
        _ => "assistant",
    };
}
