using System.Text.Json;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Masks known secrets in what tools answer, before it is stored, shown or sent (AGENT.md section 11).</summary>
internal static class ResultRedaction
{
    /// <summary>The result without secrets; the very one that was given when it has none.</summary>
    public static ToolResult Apply(ToolResult result)
    {
        string content = SecretMask.Redact(result.Content);
        if (content == result.Content && (result.InlineDiff is null || SecretMask.Redact(result.InlineDiff) == result.InlineDiff)) return result;
        return result with
        {
            Content = content == result.Content ? content : Json(result.Content) ?? content,
            Error = result.Error is null ? null : SecretMask.Redact(result.Error),
            InlineDiff = result.InlineDiff is null ? null : SecretMask.Redact(result.InlineDiff),
        };
    }

    // A mask over JSON as text could run over its quotes, so each text in it is masked on its own.
    private static string? Json(string content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return System.Text.Encoding.UTF8.GetString(RequestJson.Build(writer => Write(writer, document.RootElement)).Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    if (member.Value.ValueKind == JsonValueKind.String && SecretMask.IsSecretName(member.Name)) writer.WriteStringValue(SecretMask.Mask(member.Value.GetString()!));
                    else Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String when ArgumentText.OrNull(element) is { } text:
                writer.WriteStringValue(SecretMask.Redact(text));
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
