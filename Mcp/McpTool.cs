using System.Text.Json;
using Gateway.Tools;

namespace Gateway.Mcp;

/// <summary>A tool of a server.</summary>
/// <param name="name">Name that the model calls.</param>
/// <param name="toolset">Toolset of the server.</param>
/// <param name="description">What the server says about it.</param>
/// <param name="schema">Its arguments, cleaned.</param>
/// <param name="call">Calls it; never throws but for an interruption.</param>
internal sealed class McpTool(
    string name, string toolset, string description, byte[] schema, Func<JsonElement, ToolContext, CancellationToken, Task<ToolResult>> call) : ITool
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Toolset => toolset;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } = schema;

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall toolCall, ToolContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await call(toolCall.Arguments, context, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ToolJson.Error("MCP call interrupted: user sent a new message");
        }
    }
}
