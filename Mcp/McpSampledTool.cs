using System.Text.Json;
using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

// The newest revision of the protocol gives sampling up; servers of the ones before go on using it.
#pragma warning disable MCP9005

namespace Gateway.Mcp;

/// <summary>A tool that a server offers the model in a request of its own (sampling). The server carries its calls out itself.</summary>
internal sealed class McpSampledTool : ITool
{
    private const int MostTools = 128;

    // What all providers take.
    private const int LongestName = 64;

    private McpSampledTool(Tool tool)
    {
        Name = tool.Name;
        Description = McpLimits.Description(tool.Description ?? "");
        ParametersSchema = McpSchema.Clean(tool.InputSchema);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Toolset => "sampling";

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; }

    /// <summary>The tools of a request.</summary>
    /// <exception cref="McpProtocolException">They cannot be offered to a model.</exception>
    public static IReadOnlyList<ITool> Read(CreateMessageRequestParams request)
    {
        if (request.Tools is not { Count: > 0 } tools) return [];
        if (tools.Count > MostTools) throw Invalid($"more than {MostTools} tools");
        if (tools.FirstOrDefault(tool => !IsName(tool.Name)) is { } odd) throw Invalid($"the tool name '{odd.Name}' is not made of letters, digits, - and _, {LongestName} at most");
        if (tools.DistinctBy(tool => tool.Name).Count() < tools.Count) throw Invalid("two tools have the same name");
        return [.. tools.Select(tool => new McpSampledTool(tool))];
    }

    /// <summary>A call of the model as the protocol puts it.</summary>
    /// <exception cref="McpProtocolException">Its arguments are not JSON.</exception>
    public static ContentBlock Call(AuxiliaryCall call)
    {
        try
        {
            using var input = JsonDocument.Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments);
            if (input.RootElement.ValueKind == JsonValueKind.Object) return new ToolUseContentBlock { Id = call.Id, Name = call.Name, Input = input.RootElement.Clone() };
        }
        catch (JsonException)
        {
            // The same as for what is no object.
        }

        throw new McpProtocolException($"the model called {call.Name} with arguments that are no JSON object; ask again", McpErrorCode.InternalError);
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("the server that offers it carries it out");

    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    private static McpProtocolException Invalid(string what) => new($"these tools cannot be offered to the model: {what}", McpErrorCode.InvalidParams);
}
