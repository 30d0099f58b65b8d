using System.Text.Json;

namespace Gateway.Config;

/// <summary>Writes configuration as JSON for clients, with credentials masked (WIRE.md 17.2 "full", Q42).</summary>
internal static class MaskedConfigWriter
{
    /// <summary>Writes the tree as one JSON value. NaN and infinities, which JSON does not have, become texts.</summary>
    public static void Write(Utf8JsonWriter writer, ConfigNode root) => Write(writer, root, Place.Open, depth: 0);

    private static void Write(Utf8JsonWriter writer, ConfigNode node, Place place, int depth)
    {
        switch (node.Kind)
        {
            case ConfigKind.Null:
                writer.WriteNullValue();
                break;
            case ConfigKind.Boolean:
                writer.WriteBooleanValue(node.AsBool(false));
                break;
            case ConfigKind.Integer when place != Place.Secret:
                writer.WriteNumberValue(node.Integer);
                break;
            case ConfigKind.Float when place != Place.Secret && double.IsFinite(node.Double):
                writer.WriteNumberValue(node.Double);
                break;
            case ConfigKind.List:
                writer.WriteStartArray();
                foreach (var item in node.Items)
                {
                    Write(writer, item, place, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case ConfigKind.Map:
                writer.WriteStartObject();
                foreach (var (key, value) in node.Entries)
                {
                    writer.WritePropertyName(key);
                    Write(writer, value, Below(place, key, value, depth), depth + 1);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(Text(node.AsString() ?? "", place));
                break;
        }
    }

    private static string Text(string text, Place place)
    {
        if (place != Place.Secret || text.Length == 0)
        {
            return SecretMask.Redact(text);
        }

        // A bare reference names a variable and gives nothing away.
        return text.StartsWith("${", StringComparison.Ordinal) && text.IndexOf('}') == text.Length - 1 ? text : SecretMask.Mask(text);
    }

    private static Place Below(Place place, string key, ConfigNode value, int depth)
    {
        if (place == Place.Secret || string.Equals(key, "headers", StringComparison.OrdinalIgnoreCase))
        {
            return Place.Secret;
        }

        if (SecretMask.IsSecretName(key))
        {
            // providers.<name>.api is an address, mcp_servers.<name>.auth the word "oauth", and both may be maps of settings.
            var harmless = key is "api" or "auth" or "key"
                && (value.Kind is ConfigKind.Map or ConfigKind.List || value.AsString() is not { Length: >= 8 } text || text.Contains("://", StringComparison.Ordinal));
            return harmless ? place : Place.Secret;
        }

        return place switch
        {
            Place.Open when depth == 0 && key == "mcp_servers" => Place.McpServers,
            Place.McpServers => Place.McpServer,
            Place.McpServer when key == "env" => Place.Secret,
            _ => Place.Open,
        };
    }

    private enum Place
    {
        Open,
        McpServers,
        McpServer,
        Secret,
    }
}
