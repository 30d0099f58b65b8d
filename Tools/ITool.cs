using System.Text.Json;

namespace Gateway.Tools;

/// <summary>One capability that the model may call. Stateless: everything that belongs to a session comes in the context.</summary>
internal interface ITool
{
    /// <summary>Name the model calls, such as <c>terminal</c>.</summary>
    string Name { get; }

    /// <summary>Toolset the tool is listed under in <c>session.info</c> (WIRE 19.1).</summary>
    string Toolset { get; }

    /// <summary>What the model is told about the tool.</summary>
    string Description { get; }

    /// <summary>JSON Schema of the arguments, as UTF-8 bytes that never change (prompt caching depends on it).</summary>
    ReadOnlyMemory<byte> ParametersSchema { get; }

    /// <summary>Runs one call. Failures that the model should see are results; exceptions are bugs of ours.</summary>
    /// <param name="call">The call, its arguments already known to be a JSON object.</param>
    /// <param name="context">The session the call belongs to.</param>
    /// <param name="cancellationToken">Cancelled when the turn is interrupted; the tool must leave nothing running.</param>
    Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken);
}

/// <summary>A tool call as the model made it.</summary>
/// <param name="Id">The provider's call id; pairs start, completion and the stored result.</param>
/// <param name="Name">Tool name.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
internal sealed record ToolCall(string Id, string Name, JsonElement Arguments);

/// <summary>What a tool call produced.</summary>
/// <param name="Content">Text for the model, by convention a JSON object.</param>
/// <param name="Error">Short reason when the call failed, for the client; null on success.</param>
/// <param name="Summary">One line for the client about what was done; null when there is nothing to add.</param>
internal sealed record ToolResult(string Content, string? Error = null, string? Summary = null)
{
    /// <summary>What changed in files, as a coloured diff for the client; null when nothing did (WIRE 10.3).</summary>
    public string? InlineDiff { get; init; }

    /// <summary>The whole task list after a call of the todo tool; null for every other tool.</summary>
    public IReadOnlyList<TodoItem>? Todos { get; init; }
}

/// <summary>One entry of the task list that the model keeps.</summary>
/// <param name="Id">The model's own id.</param>
/// <param name="Content">What is to be done.</param>
/// <param name="Status">pending, in_progress, completed or cancelled.</param>
internal sealed record TodoItem(string Id, string Content, string Status);
