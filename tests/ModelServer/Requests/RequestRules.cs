using System.Text.Json;

namespace ModelServer.Requests;

/// <summary>Refuses what the providers refuse: a client whose history would be rejected by the real service must not pass here.</summary>
internal static class RequestRules
{
    /// <summary>What is wrong with a request; null when nothing is.</summary>
    public static string? Problem(WireApi api, JsonElement body, IReadOnlyDictionary<string, string> headers)
    {
        if (!body.TryGetProperty("model", out JsonElement model) || model.ValueKind != JsonValueKind.String) return "model is required.";
        if (api == WireApi.Responses) return ResponsesRules.Problem(body);
        if (!body.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
            return "messages must be a list with at least one message.";
        if (messages.EnumerateArray().Select(ImageParts.Problem).FirstOrDefault(found => found is not null) is { } problem) return problem;
        if (api == WireApi.Chat) return Chat(messages);
        if (!headers.ContainsKey("anthropic-version")) return "anthropic-version: header is required";
        if (!body.TryGetProperty("max_tokens", out JsonElement limit) || limit.ValueKind != JsonValueKind.Number) return "max_tokens: Field required";
        return Messages(messages);
    }

    private static string? Chat(JsonElement messages)
    {
        HashSet<string> pending = [];
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string role = message.GetProperty("role").GetString() ?? "";
            if (role == "tool")
            {
                if (!pending.Remove(message.GetProperty("tool_call_id").GetString() ?? ""))
                    return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
                continue;
            }
            if (pending.Count > 0) return Unanswered(pending);
            if (role is not ("system" or "developer" or "user" or "assistant")) return $"'{role}' is not one of the roles.";
            if (!message.TryGetProperty("tool_calls", out JsonElement calls) || calls.ValueKind != JsonValueKind.Array)
            {
                if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind == JsonValueKind.Null)
                    return $"content is required for a message with role '{role}'.";
                continue;
            }
            foreach (JsonElement call in calls.EnumerateArray())
            {
                pending.Add(call.GetProperty("id").GetString() ?? "");
                call.GetProperty("function").GetProperty("arguments").GetString();
            }
        }
        return pending.Count > 0 ? Unanswered(pending) : null;
    }

    private static string Unanswered(IEnumerable<string> pending) =>
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: "
        + string.Join(", ", pending);

    private static string? Messages(JsonElement messages)
    {
        HashSet<string> pending = [];
        string before = "";
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string role = message.GetProperty("role").GetString() ?? "";
            if (role is not ("user" or "assistant")) return $"messages: unexpected role \"{role}\"";
            if (before.Length == 0 && role != "user") return "messages: first message must use the \"user\" role";
            before = role;

            JsonElement content = message.GetProperty("content");
            if (content.ValueKind == JsonValueKind.String)
            {
                if (content.GetString()!.Length == 0) return "messages: text content blocks must be non-empty";
                if (pending.Count > 0) return WithoutResult(pending);
                continue;
            }
            foreach (JsonElement block in content.EnumerateArray())
            {
                string type = block.GetProperty("type").GetString() ?? "";
                if (type == "text" && block.GetProperty("text").GetString()!.Length == 0) return "messages: text content blocks must be non-empty";
                if (type == "tool_result" && !pending.Remove(block.GetProperty("tool_use_id").GetString() ?? ""))
                    return "messages: unexpected `tool_use_id` found in `tool_result` blocks";
            }
            // Results belong into the message right after the calls.
            if (pending.Count > 0) return WithoutResult(pending);
            foreach (JsonElement block in content.EnumerateArray())
            {
                if (block.GetProperty("type").GetString() != "tool_use") continue;
                if (block.GetProperty("input").ValueKind != JsonValueKind.Object) return "messages: tool_use.input: Input should be an object";
                pending.Add(block.GetProperty("id").GetString() ?? "");
            }
        }
        return pending.Count > 0 ? WithoutResult(pending) : null;
    }

    private static string WithoutResult(IEnumerable<string> pending) =>
        "messages: `tool_use` ids were found without `tool_result` blocks immediately after: " + string.Join(", ", pending);
}
