using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Tools;

/// <summary>The one line that shows a user what a tool call is about (WIRE 10.2).</summary>
internal static class ToolPreview
{
    /// <summary>Longest preview of the general rule; the special forms are short by themselves.</summary>
    public const int Limit = 80;

    private const string Ellipsis = "...";

    /// <summary>What to look for in calls of tools that are not listed, in this order.</summary>
    private static readonly ImmutableArray<string> CommonArguments = ["query", "text", "command", "path", "name", "prompt", "code", "goal"];

    /// <summary>The preview; "" when the arguments are empty, no object, or say nothing.</summary>
    /// <param name="tool">Name of the tool.</param>
    /// <param name="arguments">What it is called with.</param>
    /// <param name="limit">Longest preview of the general rule, at least 4 characters.</param>
    public static string Of(string tool, JsonElement arguments, int limit = Limit)
    {
        if (arguments.ValueKind != JsonValueKind.Object || !arguments.EnumerateObject().MoveNext()) return "";

        return tool switch
        {
            "process" => Process(arguments),
            "todo" => Todo(arguments),
            "session_search" => $"recall: \"{Shortened(arguments, "query", 25)}\"",
            "memory" => Memory(arguments),
            "send_message" => $"to {Text(arguments, "target") ?? "?"}: \"{Message(Text(arguments, "message") ?? "")}\"",
            _ when tool.StartsWith("rl_", StringComparison.Ordinal) => Training(tool, arguments, limit),
            _ => General(tool, arguments, limit),
        };
    }

    private static string Process(JsonElement arguments)
    {
        var parts = new List<string>();
        if (Text(arguments, "action") is { Length: > 0 } action) parts.Add(action);
        if (Text(arguments, "session_id") is { Length: > 0 } id) parts.Add(Start(id, 16));
        if (Text(arguments, "data") is { Length: > 0 } data) parts.Add($"\"{Start(data, 20)}\"");
        if (parts is ["wait", ..] && Text(arguments, "timeout") is { Length: > 0 } timeout) parts.Add(timeout + "s");
        return string.Join(' ', parts);
    }

    private static string Todo(JsonElement arguments)
    {
        if (!arguments.TryGetProperty("todos", out var todos) || todos.ValueKind == JsonValueKind.Null) return "reading task list";

        var count = todos.ValueKind == JsonValueKind.Array ? todos.GetArrayLength() : 0;
        var merges = arguments.TryGetProperty("merge", out var merge) && merge.ValueKind == JsonValueKind.True;
        return $"{(merges ? "updating" : "planning")} {count} task(s)";
    }

    private static string Memory(JsonElement arguments)
    {
        var target = Text(arguments, "target") ?? "";
        var old = Text(arguments, "old_text") is { Length: > 0 } text ? Start(text, 20) : "<missing old_text>";
        return Text(arguments, "action") switch
        {
            "add" => $"+{target}: \"{Shortened(arguments, "content", 25)}\"",
            "replace" => $"~{target}: \"{old}\"",
            "remove" => $"-{target}: \"{old}\"",
            var other => other ?? "",
        };
    }

    private static string Training(string tool, JsonElement arguments, int limit) => tool switch
    {
        "rl_list_environments" => "listing envs",
        "rl_select_environment" => Text(arguments, "name") ?? "",
        "rl_get_current_config" => "reading config",
        "rl_edit_config" => $"{Text(arguments, "field") ?? ""}={Text(arguments, "value") ?? ""}",
        "rl_start_training" => "starting",
        "rl_check_status" or "rl_get_results" => Start(Text(arguments, "run_id") ?? "", 16),
        "rl_stop_training" => $"stopping {Start(Text(arguments, "run_id") ?? "", 16)}",
        "rl_list_runs" => "listing runs",
        "rl_test_inference" => $"{Text(arguments, "num_steps") ?? "3"} steps",
        _ => General(tool, arguments, limit),
    };

    private static string General(string tool, JsonElement arguments, int limit)
    {
        var primary = PrimaryArgument(tool);
        var text = primary is not null ? Text(arguments, primary) : CommonArguments.Select(name => Text(arguments, name)).FirstOrDefault(value => value is not null);
        if (text is null) return "";
        return text.Length > limit ? Start(text, limit - Ellipsis.Length) + Ellipsis : text;
    }

    private static string? PrimaryArgument(string tool) => tool switch
    {
        "terminal" => "command",
        "web_search" => "query",
        "web_extract" => "urls",
        "read_file" or "write_file" or "patch" => "path",
        "search_files" => "pattern",
        "browser_navigate" => "url",
        "browser_click" => "ref",
        "browser_type" or "text_to_speech" => "text",
        "image_generate" => "prompt",
        "vision_analyze" or "clarify" => "question",
        "mixture_of_agents" => "user_prompt",
        "skill_view" or "skill_manage" => "name",
        "skills_list" => "category",
        "cronjob" => "action",
        "execute_code" => "code",
        "delegate_task" => "goal",
        _ => null,
    };

    private static string Shortened(JsonElement arguments, string name, int length)
    {
        var text = Text(arguments, name) ?? "";
        return text.Length > length ? Start(text, length) + Ellipsis : text;
    }

    private static string Message(string text) => text.Length > 20 ? Start(text, 17) + Ellipsis : text;

    /// <summary>The argument on one line; of a list its first element; null when absent, null or an empty list.</summary>
    private static string? Text(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Array) value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String => ArgumentText.OrNull(value) is { } text ? OneLine(text) : null,
            _ => OneLine(value.GetRawText()),
        };
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Start(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
