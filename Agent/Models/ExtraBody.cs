using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Members of a request that the user puts in (auxiliary.TASK.extra_body in CONFIG.md 3).</summary>
internal static class ExtraBody
{
    /// <summary>The body with the members in it; the very body when there are none.</summary>
    public static ReadOnlyMemory<byte> Into(ModelRequest request, ReadOnlyMemory<byte> body)
    {
        if (request.ExtraBody is not { IsMap: true } extra || extra.Entries.Count == 0) return body;
        var reader = new Utf8JsonReader(body.Span);
        var whole = JsonNode.Parse(ref reader)!.AsObject();
        foreach (var (name, value) in extra.Entries) whole[name] = Node(value);
        return RequestJson.Build(writer => whole.WriteTo(writer));
    }

    private static JsonNode? Node(ConfigNode value) => value.Kind switch
    {
        ConfigKind.Map => new JsonObject(value.Entries.Select(entry => new KeyValuePair<string, JsonNode?>(entry.Key, Node(entry.Value)))),
        ConfigKind.List => new JsonArray([.. value.Items.Select(Node)]),
        ConfigKind.Boolean => JsonValue.Create(value.AsBool(false)),
        ConfigKind.Integer => JsonValue.Create(value.Integer),
        ConfigKind.Float when double.IsFinite(value.Double) => JsonValue.Create(value.Double),
        ConfigKind.Null or ConfigKind.Float => null,
        _ => JsonValue.Create(value.AsString()),
    };
}
