using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Writes <c>sessions/session_&lt;id&gt;.json</c>, a conversation for people and other programs to read (STATE.md section 6). Nothing
/// here reads it back, so that a failure costs nothing but the file.</summary>
/// <param name="work">Model, tools and home of the sessions.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionLog(SessionWork work, TimeProvider time)
{
    // Files of other programs are not read further than this to learn how many messages they have.
    private const long LargestKnown = 64 << 20;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, int> _written = new(StringComparer.Ordinal);

    /// <summary>Writes the conversation as it is now, unless the file tells of a longer one. Never throws.</summary>
    public void Write(Session session)
    {
        // One at a time, so that an older state never comes after a newer one.
        lock (_gate)
        {
            try
            {
                WriteNow(session);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoredFileException or SessionDatabaseException or JsonException or InvalidOperationException)
            {
                // The conversation itself is in state.db.
            }
        }
    }

    private void WriteNow(Session session)
    {
        string key = session.Key;
        if (!SessionFile.Takes(key)) return;
        string path = Path.Combine(work.Home, "sessions", $"session_{key}.json");
        var messages = session.History();
        if (messages.Count < _written.GetOrAdd(key, _ => Known(path))) return;
        SessionFile.Replace(path, json => Write(json, session, key, messages));
        _written[key] = messages.Count;
    }

    private void Write(Utf8JsonWriter json, Session session, string key, IReadOnlyList<ConversationMessage> messages)
    {
        var endpoint = work.Endpoint().Endpoint;
        string now = SessionFile.Local(time.GetLocalNow().DateTime);
        json.WriteStartObject();
        json.WriteString("session_id", key);
        json.WriteString("model", endpoint?.Model ?? work.Model().Name);
        json.WriteString("base_url", endpoint is null ? "" : SecretMask.Redact(endpoint.BaseUrl));
        json.WriteString("platform", "tui");
        json.WriteString("session_start", StartOf(key) is { } start ? SessionFile.Local(start) : now);
        json.WriteString("last_updated", now);
        json.WriteString("system_prompt", Text(session.Conversation.SystemPrompt ?? ""));
        json.WriteStartArray("tools");
        foreach (var tool in work.Tools().All)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            using var schema = JsonDocument.Parse(tool.ParametersSchema);
            schema.RootElement.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("message_count", messages.Count);
        json.WriteStartArray("messages");
        foreach (var message in messages) Write(json, message);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, ConversationMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role.ToString().ToLowerInvariant());
        json.WriteString("content", Text(message.Content ?? ""));
        if (message.Role == Role.Assistant)
        {
            if (message.Reasoning is null) json.WriteNull("reasoning");
            else json.WriteString("reasoning", Text(message.Reasoning));
            json.WriteString("finish_reason", message.FinishReason);
        }

        if (message.ToolCalls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var call in message.ToolCalls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.Id);
                json.WriteString("call_id", call.Id);
                if (call.ResponseItemId is { } item) json.WriteString("response_item_id", item);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", call.Name);
                json.WriteString("arguments", Text(call.ArgumentsJson));
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (message.ToolCallId is { } answered) json.WriteString("tool_call_id", answered);
        json.WriteEndObject();
    }

    private string Text(string text) => SessionFile.Text(text, work.Secrets.Redact, " are in state.db");

    private static int Known(string path)
    {
        try
        {
            if (HomeFile.Read(path, LargestKnown) is not { } bytes) return 0;
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("message_count", out var count) && count.TryGetInt32(out int messages) ? messages : 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or HomeFileException)
        {
            // A damaged file claims nothing.
            return 0;
        }
    }

    private static DateTime? StartOf(string key) =>
        key.Length >= 15 && DateTime.TryParseExact(key[..15], "yyyyMMdd_HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) ? start : null;
}
