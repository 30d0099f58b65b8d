using System.Globalization;
using System.Text.Json;
using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Gives arguments the types that a tool's schema asks for (AGENT.md section 9): models send numbers, booleans and lists as
/// text. What cannot be read as the wanted type stays as it is, so that the tool says what is wrong with it.</summary>
internal static class ArgumentCoercion
{
    /// <summary>The arguments as the tool wants them; the very ones that were given when nothing is to be changed.</summary>
    public static JsonElement Apply(JsonElement arguments, ReadOnlyMemory<byte> schema)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return arguments;
        using var parsed = Parse(schema);
        if (parsed is null || !parsed.RootElement.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object) return arguments;

        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in arguments.EnumerateObject())
        {
            if (properties.TryGetProperty(argument.Name, out var property) && ArgumentText.OrNull(argument.Value) is { } text && Wanted(property, text) is { } json)
                changed[argument.Name] = json;
        }

        if (changed.Count == 0) return arguments;
        var bytes = RequestJson.Build(writer =>
        {
            writer.WriteStartObject();
            foreach (var argument in arguments.EnumerateObject())
            {
                writer.WritePropertyName(argument.Name);
                if (changed.TryGetValue(argument.Name, out string? json)) writer.WriteRawValue(json);
                else argument.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }

    /// <summary>The text as JSON of one of the wanted types; null when it is text that is wanted, or none fits.</summary>
    private static string? Wanted(JsonElement property, string text)
    {
        List<string> types = Types(property);
        if (types.Contains("string")) return null;
        string trimmed = text.Trim();
        foreach (string type in types)
        {
            switch (type)
            {
                case "integer" when long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number):
                    return number.ToString(CultureInfo.InvariantCulture);
                case "integer" when double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out double whole) && Math.Abs(whole) < 1e15 && whole == Math.Floor(whole):
                    return ((long)whole).ToString(CultureInfo.InvariantCulture);
                case "number" when double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number):
                    return number.ToString("R", CultureInfo.InvariantCulture);
                case "boolean" when trimmed.ToLowerInvariant() is "true" or "false":
                    return trimmed.ToLowerInvariant();
                case "null" when trimmed.Equals("null", StringComparison.OrdinalIgnoreCase):
                    return "null";
                case "array" when IsJson(trimmed, JsonValueKind.Array):
                case "object" when IsJson(trimmed, JsonValueKind.Object):
                    return trimmed;
            }
        }

        return null;
    }

    private static List<string> Types(JsonElement property)
    {
        if (property.ValueKind != JsonValueKind.Object || !property.TryGetProperty("type"u8, out var type)) return [];
        return type.ValueKind switch
        {
            JsonValueKind.String => [type.GetString()!],
            JsonValueKind.Array => [.. type.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        };
    }

    private static bool IsJson(string text, JsonValueKind kind)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == kind;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Schemas of servers are not ours and may be anything.
    private static JsonDocument? Parse(ReadOnlyMemory<byte> schema)
    {
        try
        {
            var document = JsonDocument.Parse(schema);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
