using System.Text;
using System.Text.Json;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Encrypted reasoning items of Responses endpoints, as <see cref="ConversationMessage.ReasoningDetailsJson"/> and the column
/// <c>codex_reasoning_items</c> hold them: a JSON array of <c>{type, id, encrypted_content, summary, _issuer_kind}</c>. The last member is
/// ours and that of newer Hermes versions: only the endpoint that made an item can decrypt it.</summary>
internal static class ResponsesReasoning
{
    /// <summary>The member that names the endpoint an item is of.</summary>
    public const string IssuerMember = "_issuer_kind";

    /// <summary>What items of an endpoint are marked with.</summary>
    public static string IssuerOf(ModelEndpoint endpoint)
    {
        if (ModelTraits.IsXai(endpoint))
        {
            return "xai_responses";
        }

        // Without user and query, which can hold a secret and would end up in the store.
        return "other:" + (Uri.TryCreate(endpoint.BaseUrl, UriKind.Absolute, out var uri)
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/')
            : "");
    }

    /// <summary>Whether reasoning blocks are such items and not those of another format.</summary>
    public static bool IsItems(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Array && document.RootElement.EnumerateArray().Any(IsItem);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether an output item is reasoning that can be sent back.</summary>
    public static bool IsItem(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object
        && item.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("reasoning"u8)
        && item.TryGetProperty("encrypted_content"u8, out var content) && content.ValueKind == JsonValueKind.String && !content.ValueEquals(""u8);

    /// <summary>The form to keep of output items.</summary>
    /// <param name="items">Raw JSON of each; all are <see cref="IsItem"/>.</param>
    /// <param name="issuer">Who made them.</param>
    public static string Pack(IReadOnlyList<string> items, string issuer) => Encoding.UTF8.GetString(RequestJson.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var raw in items)
        {
            using var item = JsonDocument.Parse(raw);
            Write(writer, item.RootElement, issuer);
        }

        writer.WriteEndArray();
    }).Span);

    /// <summary>Writes kept items as input items, those that another endpoint made left out. Items without a mark are of programs that
    /// make none; they are tried.</summary>
    public static void Replay(Utf8JsonWriter writer, string json, string issuer)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            // A damaged row of the store must not make the conversation unusable.
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                return;
            }

            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (IsItem(item) && (Issuer(item) is not { } maker || maker == issuer))
                {
                    Write(writer, item, keptFor: null);
                }
            }
        }
    }

    // Raw values, so that the bytes are the same in every request.
    private static void Write(Utf8JsonWriter writer, JsonElement item, string? keptFor)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "reasoning"u8);

        // Sent back, an id would be looked up at the service, which stores nothing.
        if (keptFor is not null && item.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String)
        {
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(id.GetRawText(), skipInputValidation: true);
        }

        writer.WritePropertyName("summary"u8);
        writer.WriteRawValue(
            item.TryGetProperty("summary"u8, out var summary) && summary.ValueKind == JsonValueKind.Array ? summary.GetRawText() : "[]",
            skipInputValidation: true);
        writer.WritePropertyName("encrypted_content"u8);
        writer.WriteRawValue(item.GetProperty("encrypted_content"u8).GetRawText(), skipInputValidation: true);
        if (keptFor is not null)
        {
            writer.WriteString(IssuerMember, keptFor);
        }

        writer.WriteEndObject();
    }

    private static string? Issuer(JsonElement item) =>
        item.TryGetProperty(IssuerMember, out var issuer) && issuer.ValueKind == JsonValueKind.String ? issuer.GetString() : null;
}
