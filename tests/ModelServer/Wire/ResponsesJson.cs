using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Parts that streamed and whole responses have in common.</summary>
internal static class ResponsesJson
{
    /// <summary>Fixed, so that replies are the same in every run.</summary>
    private const long Created = 1_750_000_000;

    /// <summary>The members of a response; without a reason it has only begun.</summary>
    public static void Response(
        Utf8JsonWriter json, ModelRequest request, string? reason, IReadOnlyList<ReadOnlyMemory<byte>> items, ScriptedUsage? usage)
    {
        string? incomplete = reason switch { "length" => "max_output_tokens", "content_filter" => "content_filter", _ => null };
        json.WriteString("id", $"resp_scripted_{request.Call}");
        json.WriteString("object", "response");
        json.WriteNumber("created_at", Created);
        json.WriteString("status", reason is null ? "in_progress" : incomplete is null ? "completed" : "incomplete");
        json.WriteNull("error");
        if (incomplete is null) json.WriteNull("incomplete_details");
        else json.Object("incomplete_details", () => json.WriteString("reason", incomplete));
        json.WriteString("model", request.Model);
        json.List("output", () =>
        {
            foreach (ReadOnlyMemory<byte> item in items) json.WriteRawValue(item.Span);
        });
        json.WriteBoolean("parallel_tool_calls", true);
        json.WriteBoolean("store", false);
        json.WriteString("tool_choice", "auto");
        json.List("tools", () => { });
        if (usage is null) json.WriteNull("usage");
        else Usage(json, usage);
    }

    public static void TextPart(Utf8JsonWriter json, string text)
    {
        json.WriteString("type", "output_text");
        json.List("annotations", () => { });
        json.List("logprobs", () => { });
        json.WriteString("text", text);
    }

    public static void SummaryPart(Utf8JsonWriter json, string text)
    {
        json.WriteString("type", "summary_text");
        json.WriteString("text", text);
    }

    /// <summary>Cached and written tokens are part of the input here.</summary>
    private static void Usage(Utf8JsonWriter json, ScriptedUsage usage) => json.Object("usage", () =>
    {
        long input = usage.Input + usage.Cached + usage.CacheWritten;
        json.WriteNumber("input_tokens", input);
        json.Object("input_tokens_details", () =>
        {
            json.WriteNumber("cached_tokens", usage.Cached);
            if (usage.CacheWritten > 0) json.WriteNumber("cache_creation_tokens", usage.CacheWritten);
        });
        json.WriteNumber("output_tokens", usage.Output);
        json.Object("output_tokens_details", () => json.WriteNumber("reasoning_tokens", usage.Reasoning));
        json.WriteNumber("total_tokens", input + usage.Output);
    });
}
