using System.Text;
using System.Text.Json;

namespace Gateway.Tools.Todo;

/// <summary>The tasks of one conversation. Safe from any thread.</summary>
internal sealed class TodoList
{
    private readonly Lock _gate = new();
    private List<TodoItem> _items = [];

    /// <summary>All tasks, in the model's order.</summary>
    public IReadOnlyList<TodoItem> Items
    {
        get
        {
            lock (_gate) return [.. _items];
        }
    }

    /// <summary>Puts other tasks in their place.</summary>
    public void Replace(IEnumerable<TodoItem> items)
    {
        lock (_gate) _items = Distinct(items);
    }

    /// <summary>Changes those with a known id and adds the others.</summary>
    public void Merge(IEnumerable<TodoItem> items)
    {
        lock (_gate)
        {
            foreach (var item in Distinct(items))
            {
                int at = _items.FindIndex(known => known.Id == item.Id);
                if (at < 0) _items.Add(item);
                else _items[at] = item with { Content = item.Content == TodoTool.NoDescription ? _items[at].Content : item.Content };
            }
        }
    }

    /// <summary>Takes up the newest list of an earlier part of the conversation, unless there are tasks already.</summary>
    /// <param name="results">What tools answered, oldest first.</param>
    public void Restore(IEnumerable<string> results)
    {
        if (Items.Count > 0) return;
        foreach (string result in results.Reverse())
        {
            if (!result.Contains("\"todos\"", StringComparison.Ordinal)) continue;
            try
            {
                // Behind it may stand what the user said meanwhile.
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(result));
                using var document = JsonDocument.ParseValue(ref reader);
                if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("todos"u8, out var list)) continue;
                Replace(TodoTool.Read(list));
                return;
            }
            catch (JsonException)
            {
                // Some other tool's text.
            }
        }
    }

    /// <summary>What is still open, for the model after its conversation was shortened; null when nothing is (AGENT.md 7.6).</summary>
    public string? Open()
    {
        var open = Items.Where(item => item.Status is "pending" or "in_progress").ToArray();
        return open.Length == 0
            ? null
            : "[Your active task list was preserved across context compression]\n"
                + string.Join('\n', open.Select(item => $"- [{(item.Status == "in_progress" ? ">" : " ")}] {item.Id}. {item.Content} ({item.Status})"));
    }

    // The last of several with one id counts, at the place of the first.
    private static List<TodoItem> Distinct(IEnumerable<TodoItem> items)
    {
        var list = new List<TodoItem>();
        foreach (var item in items)
        {
            int at = list.FindIndex(known => known.Id == item.Id);
            if (at < 0 || item.Id == "?") list.Add(item);
            else list[at] = item;
        }

        return list;
    }
}
