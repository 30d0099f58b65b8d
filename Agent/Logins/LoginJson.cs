using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Agent.Logins;

/// <summary>Reads JSON of login servers and of files with logins, strictly: nodes would tell only when they are looked at that a member
/// stands there twice, which is too late once a token that works one time has been spent.</summary>
internal static class LoginJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object; null when it is something else.</summary>
    /// <exception cref="JsonException">It is no JSON, or ambiguous.</exception>
    public static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict) as JsonObject;
        }
        catch (InvalidOperationException unreadable)
        {
            // A name with half of a surrogate pair.
            throw new JsonException(null, unreadable);
        }
    }

    /// <summary>A member that is an object; null when it is something else, or there is nothing that could have one.</summary>
    public static JsonObject? Object(JsonObject? json, string name) => json?[name] as JsonObject;

    /// <summary>A text that is not blank, trimmed; null for everything else.</summary>
    public static string? Text(JsonObject? json, string name)
    {
        try
        {
            return json?[name] is JsonValue value && value.TryGetValue(out string? text) && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, yet no text.
            return null;
        }
    }
}
