using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Parts that streamed and whole chat completions have in common.</summary>
internal static class ChatJson
{
    /// <summary>Fixed, so that replies are the same in every run.</summary>
    private const long Created = 1_750_000_000;

    public static void Envelope(Utf8JsonWriter json, ModelRequest request, string kind)
    {
        json.WriteString("id", $"chatcmpl-scripted-{request.Call}");
        json.WriteString("object", kind);
        json.WriteNumber("created", Created);
        json.WriteString("model", request.Model);
    }

    /// <summary>Chat counts cached and written tokens as part of the prompt.</summary>
    public static void Usage(Utf8JsonWriter json, ScriptedUsage usage) => json.Object("usage", () =>
    {
        long prompt = usage.Input + usage.Cached + usage.CacheWritten;
        json.WriteNumber("prompt_tokens", prompt);
        json.WriteNumber("completion_tokens", usage.Output);
        json.WriteNumber("total_tokens", prompt + usage.Output);
        json.Object("prompt_tokens_details", () =>
        {
            json.WriteNumber("cached_tokens", usage.Cached);
            if (usage.CacheWritten > 0) json.WriteNumber("cache_write_tokens", usage.CacheWritten);
        });
        json.Object("completion_tokens_details", () => json.WriteNumber("reasoning_tokens", usage.Reasoning));
    });

    public static void Reasoning(Utf8JsonWriter json, string text, ReasoningSpelling spelling, string? signature)
    {
        if (spelling == ReasoningSpelling.ReasoningContent) json.WriteString("reasoning_content", text);
        if (spelling is ReasoningSpelling.Reasoning or ReasoningSpelling.OpenRouter) json.WriteString("reasoning", text);
        if (spelling is ReasoningSpelling.ReasoningDetails or ReasoningSpelling.OpenRouter)
            json.List("reasoning_details", () => json.Item(() =>
            {
                json.WriteString("type", "reasoning.text");
                json.WriteString("text", text);
                if (signature is not null) json.WriteString("signature", signature);
                json.WriteNumber("index", 0);
            }));
    }

    public static void Redacted(Utf8JsonWriter json, string data) => json.Item(() =>
    {
        json.WriteString("type", "reasoning.encrypted");
        json.WriteString("data", data);
        json.WriteNumber("index", 0);
    });

    public static void Call(Utf8JsonWriter json, string? id, string name, string arguments, int? index) => json.Item(() =>
    {
        if (index is { } number) json.WriteNumber("index", number);
        if (id is not null) json.WriteString("id", id);
        json.WriteString("type", "function");
        json.Object("function", () =>
        {
            json.WriteString("name", name);
            json.WriteString("arguments", arguments);
        });
    });
}
