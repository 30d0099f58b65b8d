using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Writes Responses request bodies (AGENT.md 3.4).</summary>
internal static class ResponsesRequestWriter
{
    // The service refuses longer keys.
    private const int LongestCacheKey = 64;

    // Reasoning counts against the cap; a smaller one would leave nothing for the answer.
    private const int LeastReasoningCap = 4096;

    private const int LeastCap = 16;

    /// <summary>The body of a request.</summary>
    public static ReadOnlyMemory<byte> Write(ModelRequest request) => ExtraBody.Into(request, RequestJson.Build(writer =>
    {
        var endpoint = request.Endpoint;
        writer.WriteStartObject();
        writer.WriteString("model"u8, endpoint.Model);
        if (request.SystemPrompt.Length != 0)
        {
            writer.WriteString("instructions"u8, JsonText.WithoutLoneSurrogates(request.SystemPrompt));
        }

        ResponsesInput.Write(writer, request);
        WriteTools(writer, request);
        writer.WriteBoolean("store"u8, false);
        writer.WriteBoolean("stream"u8, true);
        if (request.SessionKey is { Length: > 0 } key)
        {
            writer.WriteString("prompt_cache_key"u8, key.Length <= LongestCacheKey ? key : key[..LongestCacheKey]);
        }

        WriteReasoning(writer, request);
        int? wanted = request.OutputCap is { } least && request.OutputCeiling is { } most ? Math.Min(least, most) : request.OutputCap ?? request.OutputCeiling;
        if (wanted is { } cap && endpoint.Provider != "openai-codex" && !ModelTraits.IsHost(endpoint, "chatgpt.com"))
        {
            writer.WriteNumber("max_output_tokens"u8, Math.Max(cap, ModelTraits.Reasons(endpoint.Model) ? LeastReasoningCap : LeastCap));
        }

        if (request.Settings.ServiceTier == "priority" && ModelTraits.HasPriorityTier(endpoint.Model))
        {
            writer.WriteString("service_tier"u8, "priority"u8);
        }

        writer.WriteEndObject();
    }));

    private static void WriteTools(Utf8JsonWriter writer, ModelRequest request)
    {
        if (request.Tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools"u8);
        foreach (var tool in request.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("description"u8, tool.Description);

            // Left out it means true here, and our schemas have optional members.
            writer.WriteBoolean("strict"u8, false);
            writer.WritePropertyName("parameters"u8);
            writer.WriteRawValue(tool.ParametersSchema.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();

        // Forbidden rather than left out, so that the cached prefix still fits.
        writer.WriteString("tool_choice"u8, request.ToolsForbidden ? "none"u8 : "auto"u8);
        writer.WriteBoolean("parallel_tool_calls"u8, true);
    }

    private static void WriteReasoning(Utf8JsonWriter writer, ModelRequest request)
    {
        var xai = ModelTraits.IsXai(request.Endpoint);
        if (!xai && !ModelTraits.Reasons(request.Endpoint.Model))
        {
            return;
        }

        var effort = request.Settings.ReasoningEffort;
        var sent = effort switch
        {
            "none" => OpenAiEffort.Least(request.Endpoint.Model),
            _ when request.IsAside => "low",
            "" => "medium",
            "minimal" => "low",
            _ => effort,
        };
        if (!xai && sent is not null)
        {
            writer.WriteStartObject("reasoning"u8);
            writer.WriteString("effort"u8, sent);
            writer.WriteString("summary"u8, "auto"u8);
            writer.WriteEndObject();
        }

        if (!request.OmitReasoningDetails)
        {
            writer.WriteStartArray("include"u8);
            writer.WriteStringValue("reasoning.encrypted_content"u8);
            writer.WriteEndArray();
        }
    }
}
