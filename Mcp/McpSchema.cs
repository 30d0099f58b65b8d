using System.Buffers;
using System.Text.Json;

namespace Gateway.Mcp;

/// <summary>Makes the schema of a foreign tool one that providers accept (CONFIG.md 6): an object with properties, definitions under their
/// present name, and nothing required that does not exist.</summary>
internal static class McpSchema
{
    /// <summary>The cleaned schema as UTF-8.</summary>
    public static byte[] Clean(JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (schema.ValueKind == JsonValueKind.Object) Object(json, schema, isRoot: true);
            else Empty(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Empty(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Object(Utf8JsonWriter json, JsonElement schema, bool isRoot)
    {
        if (!isRoot && Nullable(schema) is { } only)
        {
            Value(json, only);
            return;
        }

        bool isObject = isRoot || (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"));
        json.WriteStartObject();
        if (isRoot) json.WriteString("type", "object");
        bool properties = false;
        foreach (var member in schema.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type" when isRoot:
                case "$schema":
                    break;
                case "properties" when member.Value.ValueKind == JsonValueKind.Object:
                    properties = true;
                    json.WritePropertyName("properties");
                    Map(json, member.Value);
                    break;
                case "definitions" or "$defs" when member.Value.ValueKind == JsonValueKind.Object:
                    json.WritePropertyName("$defs");
                    Map(json, member.Value);
                    break;
                case "required" when member.Value.ValueKind == JsonValueKind.Array:
                    json.WriteStartArray("required");
                    foreach (var name in member.Value.EnumerateArray())
                        if (name.ValueKind == JsonValueKind.String && schema.TryGetProperty("properties", out var known) && known.ValueKind == JsonValueKind.Object && known.TryGetProperty(name.GetString()!, out _)) name.WriteTo(json);
                    json.WriteEndArray();
                    break;
                case "$ref" when member.Value.ValueKind == JsonValueKind.String:
                    json.WriteString("$ref", member.Value.GetString()!.Replace("#/definitions/", "#/$defs/", StringComparison.Ordinal));
                    break;
                default:
                    json.WritePropertyName(member.Name);
                    Value(json, member.Value);
                    break;
            }
        }

        if (isObject && !properties)
        {
            json.WriteStartObject("properties");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Map(Utf8JsonWriter json, JsonElement map)
    {
        json.WriteStartObject();
        foreach (var member in map.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            Value(json, member.Value);
        }

        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Object(json, value, isRoot: false);
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Value(json, item);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    // A union of one type with null is that type; many providers know no null.
    private static JsonElement? Nullable(JsonElement schema)
    {
        foreach (string union in new[] { "anyOf", "oneOf" })
        {
            if (!schema.TryGetProperty(union, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 2) continue;
            JsonElement[] others = [.. list.EnumerateArray().Where(item => !(item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("null")))];
            if (others.Length == 1 && others[0].ValueKind == JsonValueKind.Object) return others[0];
        }

        return null;
    }
}
