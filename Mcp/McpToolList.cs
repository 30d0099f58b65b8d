using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>A tool as a server describes it.</summary>
/// <param name="Name">Its own name.</param>
/// <param name="Description">What it says about it; null for nothing.</param>
/// <param name="Schema">Its arguments, as it gives them.</param>
internal sealed record McpToolEntry(string Name, string? Description, JsonElement Schema);

/// <summary>Reads the list of a server's tools. Not through the typed call of the SDK, for which one schema that is not quite right spoils
/// the whole list.</summary>
internal static class McpToolList
{
    private const int MostPages = 50;

    // A prompt could not bear more, and lists are kept for as long as the server is connected.
    private const int LongestSchema = 256 * 1024;
    private const int LongestSchemas = 4 * 1024 * 1024;

    /// <summary>All tools, at most <see cref="McpLimits.Tools"/>.</summary>
    public static async Task<IReadOnlyList<McpToolEntry>> ReadAsync(McpClient client, CancellationToken cancellationToken)
    {
        var tools = new List<McpToolEntry>();
        string? cursor = null;
        for (int page = 0; page < MostPages && tools.Count < McpLimits.Tools; page++)
        {
            var request = new JsonRpcRequest { Method = RequestMethods.ToolsList, Params = cursor is null ? new JsonObject() : new JsonObject { ["cursor"] = cursor } };
            var response = await client.SendRequestAsync(request, cancellationToken).OrGiveUpAsync(cancellationToken);
            using var document = JsonDocument.Parse(response.Result?.ToJsonString() ?? "{}");
            var result = document.RootElement;
            if (result.ValueKind != JsonValueKind.Object) break;
            if (result.TryGetProperty("tools", out var list) && list.ValueKind == JsonValueKind.Array) tools.AddRange(list.EnumerateArray().Select(Read).OfType<McpToolEntry>());
            string? next = result.TryGetProperty("nextCursor", out var more) && more.ValueKind == JsonValueKind.String ? more.GetString() : null;
            if (string.IsNullOrEmpty(next) || next == cursor) break;
            cursor = next;
        }

        int size = 0;
        return [.. tools.Take(McpLimits.Tools).TakeWhile(tool => (size += Size(tool.Schema)) <= LongestSchemas)];
    }

    private static McpToolEntry? Read(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object || Text(tool, "name") is not { Length: > 0 and <= 256 } name) return null;
        bool described = tool.TryGetProperty("inputSchema", out var schema);
        if (described && Size(schema) > LongestSchema) return null;
        return new McpToolEntry(name, Text(tool, "description") is { } description ? McpLimits.Description(description) : null, described ? schema.Clone() : default);
    }

    private static int Size(JsonElement schema) => schema.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(schema).Length;

    private static string? Text(JsonElement tool, string name) => tool.TryGetProperty(name, out var value) ? Tools.ArgumentText.OrNull(value) : null;
}
