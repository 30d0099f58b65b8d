using System.Text.Json;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Parts that streamed and whole Anthropic messages have in common.</summary>
internal static class MessagesJson
{
    public static void InputUsage(Utf8JsonWriter json, ScriptedUsage usage)
    {
        json.WriteNumber("input_tokens", usage.Input);
        json.WriteNumber("cache_creation_input_tokens", usage.CacheWritten);
        json.WriteNumber("cache_read_input_tokens", usage.Cached);
    }

    /// <summary>The neutral reasons in Anthropic's words; anything else passes as it is.</summary>
    public static string StopReason(string reason) => reason switch
    {
        "stop" => "end_turn",
        "tool_calls" => "tool_use",
        "length" => "max_tokens",
        "content_filter" => "refusal",
        _ => reason,
    };

    public static void Head(Utf8JsonWriter json, Requests.ModelRequest request)
    {
        json.WriteString("id", $"msg_scripted_{request.Call}");
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", request.Model);
    }
}
