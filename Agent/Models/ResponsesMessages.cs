using System.Text;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>The message items of a Responses reply, as <see cref="ConversationMessage.MessageItemsJson"/> and the column
/// <c>codex_message_items</c> hold them. Their texts stand in the message as well; what only they have is the phase of each, which newer
/// models want back to tell what was said on the way from the answer.</summary>
internal static class ResponsesMessages
{
    /// <summary>Stands between the texts of two items in one message.</summary>
    public const string Between = "\n\n";

    /// <summary>The form to keep; null when no item has a phase, since the message says it all then.</summary>
    /// <param name="items">Text and phase of each item, in order.</param>
    /// <param name="issuer">Who made them.</param>
    public static string? Pack(IReadOnlyList<(string Text, string? Phase)> items, string issuer) => !items.Any(item => item.Phase is not null) ? null
        : Encoding.UTF8.GetString(RequestJson.Build(writer =>
        {
            writer.WriteStartArray();
            foreach (var (text, phase) in items)
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, "message"u8);
                writer.WriteString("role"u8, "assistant"u8);
                writer.WriteString("status"u8, "completed"u8);
                writer.WriteStartArray("content"u8);
                writer.WriteStartObject();
                writer.WriteString("type"u8, "output_text"u8);
                writer.WriteString("text"u8, JsonText.WithoutLoneSurrogates(text));
                writer.WriteEndObject();
                writer.WriteEndArray();
                if (phase is not null)
                {
                    writer.WriteString("phase"u8, phase);
                }

                writer.WriteString(ResponsesReasoning.IssuerMember, issuer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }).Span);

    /// <summary>What to send for a message: each item with its phase, or the whole text with the phase of the last one where the text has
    /// changed since. The items of another endpoint count for nothing.</summary>
    /// <param name="json">The kept items; null or damaged ones count as none.</param>
    /// <param name="content">The message's text.</param>
    /// <param name="issuer">Whom the request goes to; null to send no phase.</param>
    public static IReadOnlyList<(string Text, string? Phase)> Parts(string? json, string content, string? issuer)
    {
        if (json is null || issuer is null || Read(json, issuer) is not { Count: > 0 } items)
        {
            return [(content, null)];
        }

        var same = string.Join(Between, items.Select(item => item.Text)).Trim() == content.Trim();
        return same && items.Count > 1 ? items : [(content, items[^1].Phase)];
    }

    private static List<(string Text, string? Phase)> Read(string json, string issuer)
    {
        var items = new List<(string, string?)>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                return items;
            }

            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (Member(item, "type") == "message" && (Member(item, ResponsesReasoning.IssuerMember) is not { } maker || maker == issuer)
                    && Text(item) is { Length: > 0 } text)
                {
                    items.Add((text, Member(item, "phase")));
                }
            }
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException)
        {
            items.Clear();
        }

        return items;
    }

    private static string Text(JsonElement item) => item.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Array
        ? string.Concat(content.EnumerateArray().Select(part => Member(part, "text")))
        : "";

    private static string? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
