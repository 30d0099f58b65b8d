using System.Text.Json;
using Gateway.Tools;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>Asks a server something within the limits of a call, over the connection that there is to it then.</summary>
/// <param name="tool">Name of the tool that asks.</param>
/// <param name="ask">What is asked.</param>
/// <param name="context">The session that asks.</param>
/// <param name="cancellationToken">The user's interruption.</param>
internal delegate Task<ToolResult> McpAsk(string tool, Func<McpClient, CancellationToken, Task<ToolResult>> ask, ToolContext context, CancellationToken cancellationToken);

/// <summary>Tools that give the model a server's resources and prompts.</summary>
internal static class McpUtilities
{
    private static byte[] NoArguments => """{"type":"object","properties":{}}"""u8.ToArray();

    /// <summary>Those for resources.</summary>
    public static IEnumerable<ITool> OfResources(string server, string toolset, McpAsk ask)
    {
        string list = McpNames.Tool(server, "list_resources"), read = McpNames.Tool(server, "read_resource");
        yield return new McpTool(list, toolset, $"Lists the resources of MCP server {server}.", NoArguments, (_, context, interrupt) => ask(
            list,
            async (client, token) => McpResults.Of(string.Join('\n', (await client.ListResourcesAsync(cancellationToken: token)).Select(resource => $"{resource.Uri} — {resource.Name}{Behind(resource.Description)}"))),
            context,
            interrupt));
        yield return new McpTool(
            read,
            toolset,
            $"Reads a resource of MCP server {server}.",
            """{"type":"object","properties":{"uri":{"type":"string","description":"Address of the resource, as list_resources names it."}},"required":["uri"]}"""u8.ToArray(),
            (arguments, context, interrupt) => ToolJson.Text(arguments, "uri") is { Length: > 0 } uri
                ? ask(read, async (client, token) => McpResults.Of(string.Join('\n', (await client.ReadResourceAsync(uri, cancellationToken: token)).Contents.Select(McpResults.Text))), context, interrupt)
                : Task.FromResult(ToolJson.Error("uri is required.")));
    }

    /// <summary>Those for prompts.</summary>
    public static IEnumerable<ITool> OfPrompts(string server, string toolset, McpAsk ask)
    {
        string list = McpNames.Tool(server, "list_prompts"), get = McpNames.Tool(server, "get_prompt");
        yield return new McpTool(list, toolset, $"Lists the prompts of MCP server {server}.", NoArguments, (_, context, interrupt) => ask(
            list,
            async (client, token) => McpResults.Of(string.Join('\n', (await client.ListPromptsAsync(cancellationToken: token)).Select(prompt => prompt.Name + Behind(prompt.Description)))),
            context,
            interrupt));
        yield return new McpTool(
            get,
            toolset,
            $"Gets a prompt of MCP server {server}.",
            """{"type":"object","properties":{"name":{"type":"string","description":"Name of the prompt."},"arguments":{"type":"object","description":"Its arguments."}},"required":["name"]}"""u8.ToArray(),
            (arguments, context, interrupt) => ToolJson.Text(arguments, "name") is { Length: > 0 } name
                ? ask(get, async (client, token) => McpResults.Of(string.Join('\n', (await client.GetPromptAsync(Request(name, arguments), token)).Messages.Select(message => McpResults.Text(message.Content)))), context, interrupt)
                : Task.FromResult(ToolJson.Error("name is required.")));
    }

    private static GetPromptRequestParams Request(string name, JsonElement arguments) => new()
    {
        Name = name,
        Arguments = arguments.TryGetProperty("arguments", out var given) && given.ValueKind == JsonValueKind.Object
            ? given.EnumerateObject().DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value.Clone(), StringComparer.Ordinal)
            : null,
    };

    private static string Behind(string? description) => string.IsNullOrWhiteSpace(description) ? "" : $" — {description}";
}
