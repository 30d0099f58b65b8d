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

        return [.. tools.Take(McpLimits.Tools)];
    }

    private static McpToolEntry? Read(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object || Text(tool, "name") is not { Length: > 0 and <= 256 } name) return null;
        return new McpToolEntry(name, Text(tool, "description"), tool.TryGetProperty("inputSchema", out var schema) ? schema.Clone() : default);
    }

    private static string? Text(JsonElement tool, string name) => tool.TryGetProperty(name, out var value) ? Tools.ArgumentText.OrNull(value) : null;
}
