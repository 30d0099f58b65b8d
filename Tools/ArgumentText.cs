using System.Text.Json;

namespace Gateway.Tools;

/// <summary>Reads text out of arguments that a model wrote.</summary>
internal static class ArgumentText
{
    /// <summary>The text of a JSON string; null when it is none, or holds half of a surrogate pair, which is legal JSON but
    /// no text.</summary>
    public static string? OrNull(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text) return null;
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
