using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelServer.Requests;

/// <summary>Refuses what OpenAI's Responses service refuses.</summary>
internal static partial class ResponsesRules
{
    private static readonly string[] s_members =
    [
        "background", "conversation", "include", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "parallel_tool_calls",
        "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store", "stream",
        "stream_options", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    ];

    private static readonly string[] s_efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <summary>What is wrong with a request; null when nothing is.</summary>
    public static string? Problem(JsonElement body) =>
        Unknown(body, s_members, "") ?? Options(body) ?? Tools(body)
        ?? (!body.TryGetProperty("input", out JsonElement input) ? "Missing required parameter: 'input'."
            : input.ValueKind == JsonValueKind.String ? null
            : input.ValueKind != JsonValueKind.Array ? "Invalid type for 'input': expected a string or an array."
            : Input(input, stored: !body.TryGetProperty("store", out JsonElement store) || store.ValueKind == JsonValueKind.True));

    private static string? Options(JsonElement body)
    {
        if (body.TryGetProperty("max_output_tokens", out JsonElement cap) && cap.GetInt64() < 16) return "Invalid 'max_output_tokens': integer below minimum value.";
        if (body.TryGetProperty("prompt_cache_key", out JsonElement key) && key.GetString()!.Length > 64) return "Invalid 'prompt_cache_key': string too long.";
        if (body.TryGetProperty("instructions", out JsonElement instructions) && instructions.ValueKind != JsonValueKind.String) return "Invalid type for 'instructions'.";
        if (!body.TryGetProperty("reasoning", out JsonElement reasoning)) return null;
        if (Unknown(reasoning, ["effort", "summary"], "reasoning.") is { } unknown) return unknown;
        return reasoning.TryGetProperty("effort", out JsonElement effort) && !s_efforts.Contains(effort.GetString())
            ? $"Invalid value: '{effort}' for 'reasoning.effort'."
            : null;
    }

    /// <summary>Functions are flat here: their name is a member of the tool itself.</summary>
    private static string? Tools(JsonElement body)
    {
        if (!body.TryGetProperty("tools", out JsonElement tools)) return null;
        foreach ((int index, JsonElement tool) in tools.EnumerateArray().Index())
        {
            string where = $"tools[{index}].";
            if (tool.GetProperty("type").GetString() != "function") continue;
            if (!tool.TryGetProperty("name", out _)) return $"Missing required parameter: '{where}name'.";
            if (Unknown(tool, ["type", "name", "description", "parameters", "strict"], where) is { } unknown) return unknown;
        }
        return null;
    }

    private static string? Input(JsonElement input, bool stored)
    {
        if (input.GetArrayLength() == 0) return "Invalid 'input': empty array.";
        HashSet<string> open = [];
        string? reasoning = null;
        foreach ((int index, JsonElement item) in input.EnumerateArray().Index())
        {
            string where = $"input[{index}]";
            string type = item.TryGetProperty("type", out JsonElement named) ? named.GetString()! : "message";
            bool assistant = type is "reasoning" or "function_call" || (type == "message" && item.GetProperty("role").GetString() == "assistant");
            if (reasoning is not null && !assistant) return Lonely(reasoning);
            reasoning = type == "reasoning" ? where : null;
            string? problem = type switch
            {
                "message" => Message(item, where),
                "reasoning" => Reasoning(item, where, stored),
                "function_call" => Call(item, where, open),
                "function_call_output" => Output(item, where, open),
                _ => $"Invalid value: '{type}' for '{where}.type'.",
            };
            if (problem is not null) return problem;
        }
        if (reasoning is not null) return Lonely(reasoning);
        return open.Count > 0 ? $"No tool output found for function call {open.First()}." : null;
    }

    private static string Lonely(string where) => $"Item '{where}' of type 'reasoning' was provided without its required following item.";

    private static string? Message(JsonElement item, string where)
    {
        if (Unknown(item, ["type", "role", "content", "id", "status", "phase"], where + ".") is { } unknown) return unknown;
        string role = item.GetProperty("role").GetString()!;
        if (role is not ("user" or "assistant" or "system" or "developer")) return $"Invalid value: '{role}' for '{where}.role'.";
        JsonElement content = item.GetProperty("content");
        if (content.ValueKind == JsonValueKind.String) return null;
        foreach ((int index, JsonElement part) in content.EnumerateArray().Index())
        {
            string type = part.GetProperty("type").GetString()!, at = $"{where}.content[{index}]";
            if (!(role == "assistant" ? type is "output_text" or "refusal" : type is "input_text" or "input_image" or "input_file"))
                return $"Invalid value: '{type}' for '{at}.type'.";
            if (type == "input_image" && (!part.TryGetProperty("image_url", out JsonElement url) || url.ValueKind != JsonValueKind.String))
                return $"Invalid type for '{at}.image_url': expected an image URL.";
            if (type.EndsWith("_text", StringComparison.Ordinal) && part.GetProperty("text").ValueKind != JsonValueKind.String) return $"Invalid type for '{at}.text'.";
        }
        return null;
    }

    private static string? Reasoning(JsonElement item, string where, bool stored)
    {
        if (Unknown(item, ["type", "id", "summary", "content", "encrypted_content", "status"], where + ".") is { } unknown) return unknown;
        if (!item.TryGetProperty("summary", out JsonElement summary) || summary.ValueKind != JsonValueKind.Array) return $"Missing required parameter: '{where}.summary'.";
        foreach (JsonElement part in summary.EnumerateArray())
            if (part.GetProperty("type").GetString() != "summary_text" || part.GetProperty("text").ValueKind != JsonValueKind.String) return $"Invalid value for '{where}.summary'.";
        if (stored) return null;
        if (item.TryGetProperty("id", out JsonElement id)) return $"Item with id '{id}' not found. Items are not persisted when `store` is set to false.";
        return item.TryGetProperty("encrypted_content", out JsonElement content) && content.GetString() is { Length: > 0 } ? null : $"Missing required parameter: '{where}.encrypted_content'.";
    }

    private static string? Call(JsonElement item, string where, HashSet<string> open)
    {
        if (Unknown(item, ["type", "id", "call_id", "name", "arguments", "status"], where + ".") is { } unknown) return unknown;
        string id = item.GetProperty("call_id").GetString()!;
        if (id.Length is 0 or > 64) return $"Invalid '{where}.call_id': string too long or empty.";
        if (!ToolName().IsMatch(item.GetProperty("name").GetString()!)) return $"Invalid '{where}.name': string does not match pattern.";
        if (item.TryGetProperty("id", out JsonElement own) && !own.GetString()!.StartsWith("fc", StringComparison.Ordinal)) return $"Invalid '{where}.id': expected an ID that begins with 'fc'.";
        if (item.GetProperty("arguments").ValueKind != JsonValueKind.String) return $"Invalid type for '{where}.arguments': expected a string.";
        return open.Add(id) ? null : $"Duplicate function call {id}.";
    }

    private static string? Output(JsonElement item, string where, HashSet<string> open)
    {
        if (Unknown(item, ["type", "id", "call_id", "output", "status"], where + ".") is { } unknown) return unknown;
        string id = item.GetProperty("call_id").GetString()!;
        if (item.GetProperty("output").ValueKind is not (JsonValueKind.String or JsonValueKind.Array)) return $"Invalid type for '{where}.output': expected a string.";
        return open.Remove(id) ? null : $"No tool call found for function call output with call_id {id}.";
    }

    private static string? Unknown(JsonElement owner, string[] known, string where)
    {
        foreach (JsonProperty member in owner.EnumerateObject())
            if (!known.Contains(member.Name)) return $"Unknown parameter: '{where}{member.Name}'.";
        return null;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex ToolName();
}
