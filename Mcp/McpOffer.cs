using System.Text.Json;
using Gateway.Tools;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>What a server has.</summary>
/// <param name="Tools">Its tools, as it describes them.</param>
/// <param name="Resources">Whether it has resources.</param>
/// <param name="Prompts">Whether it has prompts.</param>
internal sealed record McpOffer(IReadOnlyList<McpToolEntry> Tools, bool Resources, bool Prompts)
{
    /// <summary>Asks a server.</summary>
    public static async Task<McpOffer> ReadAsync(McpClient client, CancellationToken cancellationToken)
    {
        var capabilities = client.ServerCapabilities;
        return new McpOffer(
            capabilities.Tools is null ? [] : await McpToolList.ReadAsync(client, cancellationToken), capabilities.Resources is not null, capabilities.Prompts is not null);
    }

    /// <summary>The tools that the model gets of it.</summary>
    /// <param name="server">The server, and what is taken of it.</param>
    /// <param name="ask">Asks the server.</param>
    public IReadOnlyList<ITool> Taken(McpServerConfig server, McpAsk ask)
    {
        var tools = new List<ITool>();
        string toolset = McpNames.Toolset(server.Name);
        foreach (var tool in Tools.Where(tool => server.Takes(tool.Name)))
        {
            string name = McpNames.Tool(server.Name, tool.Name);
            string description = string.IsNullOrWhiteSpace(tool.Description) ? $"MCP tool {tool.Name} from {server.Name}" : tool.Description;
            tools.Add(new McpTool(
                name,
                toolset,
                McpLimits.Description(description),
                McpSchema.Clean(tool.Schema),
                (arguments, context, interrupt) => CallAsync(tool.Name, arguments, (call, token) => ask(name, call, context, token), interrupt)));
        }

        if (server.Resources && Resources) tools.AddRange(McpUtilities.OfResources(server.Name, toolset, ask));
        if (server.Prompts && Prompts) tools.AddRange(McpUtilities.OfPrompts(server.Name, toolset, ask));

        // A server that names two tools alike gets the first.
        return [.. tools.DistinctBy(tool => tool.Name)];
    }

    private static Task<ToolResult> CallAsync(
        string tool, JsonElement arguments, Func<Func<McpClient, CancellationToken, Task<ToolResult>>, CancellationToken, Task<ToolResult>> ask, CancellationToken cancellationToken)
    {
        var values = arguments.EnumerateObject().DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value.Clone(), StringComparer.Ordinal);
        return ask(async (client, token) => McpResults.Of(await client.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = values }, token)), cancellationToken);
    }
}
