using System.Text.Json;

namespace Gateway.Tools.Todo;

/// <summary>Keeps the model's list of tasks (AGENT.md section 11).</summary>
internal sealed class TodoTool : ITool
{
    /// <summary>Stands for a task without a text.</summary>
    public const string NoDescription = "(no description)";

    /// <inheritdoc/>
    public string Name => "todo";

    /// <inheritdoc/>
    public string Toolset => "todo";

    /// <inheritdoc/>
    public string Description =>
        """
        Your list of tasks for this conversation; the user sees it. Use it for work of three steps and more, and keep it true: exactly one task in_progress, completed as soon as it is, cancelled when it is no longer needed.
        Without todos it shows the list. With todos it replaces the list; with merge=true it changes the tasks with the given ids and adds new ones.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"todos":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"content":{"type":"string"},"status":{"type":"string","enum":["pending","in_progress","completed","cancelled"]}},"required":["id","content","status"]},"description":"The tasks, most important first."},"merge":{"type":"boolean","description":"Change the list instead of replacing it. Default false."}}}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        var list = context.State.Todos;
        if (call.Arguments.TryGetProperty("todos", out var todos) && todos.ValueKind != JsonValueKind.Null)
        {
            if (todos.ValueKind != JsonValueKind.Array) return Task.FromResult(ToolJson.Error("todos must be a list of tasks with id, content and status."));
            if (ToolJson.Flag(call.Arguments, "merge")) list.Merge(Read(todos));
            else list.Replace(Read(todos));
        }

        return Task.FromResult(Report(list.Items));
    }

    /// <summary>The tasks of a JSON list; what is wrong with them is made right.</summary>
    public static IEnumerable<TodoItem> Read(JsonElement list) => list.ValueKind != JsonValueKind.Array
        ? []
        : [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(item => new TodoItem(
            Id(item) ?? "?",
            ToolJson.Text(item, "content")?.Trim() is { Length: > 0 } content ? content : NoDescription,
            ToolJson.Text(item, "status")?.Trim().ToLowerInvariant() is ("in_progress" or "completed" or "cancelled") and var status ? status : "pending"))];

    private static string? Id(JsonElement item) => item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number
        ? id.GetRawText()
        : ToolJson.Text(item, "id")?.Trim() is { Length: > 0 } text ? text : null;

    private static ToolResult Report(IReadOnlyList<TodoItem> items)
    {
        int Count(string status) => items.Count(item => item.Status == status);
        string json = ToolJson.Object(writer =>
        {
            writer.WriteStartArray("todos");
            foreach (var item in items)
            {
                writer.WriteStartObject();
                writer.WriteString("id", item.Id);
                writer.WriteString("content", item.Content);
                writer.WriteString("status", item.Status);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("summary");
            writer.WriteNumber("total", items.Count);
            foreach (string status in new[] { "pending", "in_progress", "completed", "cancelled" }) writer.WriteNumber(status, Count(status));
            writer.WriteEndObject();
        });
        return new ToolResult(json, null, $"{Count("completed")} of {items.Count} done") { Todos = items };
    }
}
