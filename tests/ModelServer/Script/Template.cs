using System.Text.Json;
using System.Text.RegularExpressions;
using ModelServer.Requests;

namespace ModelServer.Script;

/// <summary>Fills in <c>{{last_user_text}}</c> and its like from the request that is being answered.</summary>
internal static partial class Template
{
    private const string ToolResultField = "tool_result.";

    /// <summary>Refuses names that mean nothing, when the script is read.</summary>
    public static void Check(string text, string where)
    {
        foreach (Match match in Placeholder().Matches(text))
            if (match.Groups[1].Value is not ("last_user_text" or "tool_result" or "model" or "call" or "n")
                && !match.Groups[1].Value.StartsWith(ToolResultField, StringComparison.Ordinal))
                throw ScriptException.At(where, $"unknown template value {match.Value}");
    }

    public static string Fill(string text, ModelRequest request, int round) =>
        Placeholder().Replace(text, match => Value(match.Groups[1].Value, request, round));

    /// <summary>The same for text that is JSON: what is filled in stands inside a JSON string.</summary>
    public static string FillJson(string json, ModelRequest request, int round) =>
        Placeholder().Replace(json, match => JsonEncodedText.Encode(Value(match.Groups[1].Value, request, round), Wire.Json.Options.Encoder).ToString());

    private static string Value(string name, ModelRequest request, int round) => name switch
    {
        "last_user_text" => request.LastUserText,
        "tool_result" => request.ToolResult,
        "model" => request.Model,
        "call" => request.Call.ToString(),
        "n" => round.ToString(),
        _ => Field(request.ToolResult, name[ToolResultField.Length..]),
    };

    /// <summary>One field of a tool result that is a JSON object; "" when there is no such thing.</summary>
    private static string Field(string toolResult, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(toolResult);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\{\{([a-z_.]+)\}\}")]
    private static partial Regex Placeholder();
}
