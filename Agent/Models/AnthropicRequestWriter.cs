using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Writes Anthropic request bodies (AGENT.md 3.3, 3.5).</summary>
internal static class AnthropicRequestWriter
{
    private const int MarkedMessages = 3;

    /// <summary>Whether the request asks for the fast tier.</summary>
    public static bool IsFast(ModelRequest request) =>
        request.Settings.ServiceTier == "priority" && ModelTraits.IsNativeAnthropic(request.Endpoint)
        && ModelTraits.BareName(request.Endpoint.Model).StartsWith("claude-", StringComparison.Ordinal);

    /// <summary>The body of a request.</summary>
    public static ReadOnlyMemory<byte> Write(ModelRequest request) => ExtraBody.Into(request, RequestJson.Build(writer =>
    {
        var mark = RequestJson.MarkOf(request);
        var native = ModelTraits.IsNativeAnthropic(request.Endpoint);
        var messages = AnthropicMessage.From(HistoryRepair.Prepare(request.Messages));
        writer.WriteStartObject();
        writer.WriteString("model"u8, request.Endpoint.Model);
        WriteLimits(writer, request);
        WriteSystem(writer, JsonText.WithoutLoneSurrogates(request.SystemPrompt), mark);
        var lastAssistant = messages.FindLastIndex(message => message.Role == "assistant");
        writer.WriteStartArray("messages"u8);
        for (var i = 0; i < messages.Count; i++)
        {
            var details = native && i == lastAssistant && !request.OmitReasoningDetails ? messages[i].ReasoningDetailsJson : null;
            WriteMessage(writer, messages[i], details, i >= messages.Count - MarkedMessages ? mark : CacheMark.None);
        }

        writer.WriteEndArray();
        WriteTools(writer, request);
        writer.WriteBoolean("stream"u8, true);
        if (IsFast(request))
        {
            writer.WriteString("speed"u8, "fast"u8);
        }

        writer.WriteEndObject();
    }));

    private static void WriteLimits(Utf8JsonWriter writer, ModelRequest request)
    {
        var endpoint = request.Endpoint;
        var name = ModelTraits.BareName(endpoint.Model);
        var limit = request.IsAside && request.OutputCap is { } most ? most : Math.Max(ModelTraits.OutputLimit(endpoint.Model), request.OutputCap ?? 0);
        limit = Math.Min(limit, request.OutputCeiling ?? limit);
        var effort = request.IsAside ? "" : request.Settings.ReasoningEffort;
        var thinks = effort.Length != 0 && effort != "none" && !name.Contains("haiku", StringComparison.Ordinal)
            && !(ModelTraits.IsHost(endpoint, "api.kimi.com") && endpoint.BaseUrl.Contains("/coding", StringComparison.Ordinal));
        var newest = name.Contains("4-7", StringComparison.Ordinal);
        var adaptive = newest || name.Contains("4-6", StringComparison.Ordinal);
        var budget = effort switch
        {
            "minimal" or "low" => 4000,
            "high" => 16_000,
            "xhigh" => 32_000,
            _ => 8000,
        };

        // Thinking needs room beside the answer.
        thinks &= adaptive || request.OutputCeiling is not { } ceiling || ceiling >= budget + 4096;
        if (thinks && !adaptive)
        {
            limit = Math.Max(limit, budget + 4096);
        }

        if (ContextLengths.Find(endpoint) is { } context and > 1 && limit >= context)
        {
            limit = context - 1;
        }

        writer.WriteNumber("max_tokens"u8, limit);
        if (!thinks)
        {
            if (request.Temperature is { } temperature && ModelTraits.TakesTemperature(endpoint))
            {
                writer.WriteNumber("temperature"u8, temperature);
            }

            return;
        }

        writer.WriteStartObject("thinking"u8);
        if (adaptive)
        {
            writer.WriteString("type"u8, "adaptive"u8);
            writer.WriteString("display"u8, "summarized"u8);
            writer.WriteEndObject();
            writer.WriteStartObject("output_config"u8);
            writer.WriteString("effort"u8, effort switch
            {
                "minimal" => "low",
                "xhigh" => newest ? "xhigh" : "max",
                _ => effort,
            });
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("type"u8, "enabled"u8);
            writer.WriteNumber("budget_tokens"u8, budget);
            writer.WriteEndObject();
            writer.WriteNumber("temperature"u8, 1);
        }
    }

    private static void WriteSystem(Utf8JsonWriter writer, string system, CacheMark mark)
    {
        if (system.Length == 0)
        {
            return;
        }

        if (mark == CacheMark.None)
        {
            writer.WriteString("system"u8, system);
            return;
        }

        writer.WriteStartArray("system"u8);
        RequestJson.WriteTextPart(writer, system, mark);
        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, AnthropicMessage message, string? reasoningDetails, CacheMark mark)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, message.Role);
        writer.WriteStartArray("content"u8);
        if (reasoningDetails is not null)
        {
            ReasoningBlocks.WriteForAnthropic(writer, reasoningDetails);
        }

        for (var i = 0; i < message.Parts.Count; i++)
        {
            WritePart(writer, message.Parts[i], i == message.Parts.Count - 1 ? mark : CacheMark.None);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, AnthropicPart part, CacheMark mark)
    {
        if (part.Call is null && part.ToolCallId is null && part.ImageUrl is null)
        {
            RequestJson.WriteTextPart(writer, part.Text, mark);
            return;
        }

        writer.WriteStartObject();
        if (part.ImageUrl is { } image)
        {
            writer.WriteString("type"u8, "image"u8);
            WriteImageSource(writer, image);
        }
        else if (part.Call is { } call)
        {
            writer.WriteString("type"u8, "tool_use"u8);
            writer.WriteString("id"u8, AnthropicMessage.ToolId(call.Id));
            writer.WriteString("name"u8, call.Name);
            writer.WritePropertyName("input"u8);
            writer.WriteRawValue(call.ArgumentsJson, skipInputValidation: true);
        }
        else
        {
            writer.WriteString("type"u8, "tool_result"u8);
            writer.WriteString("tool_use_id"u8, AnthropicMessage.ToolId(part.ToolCallId!));
            writer.WriteString("content"u8, part.Text);
        }

        RequestJson.WriteCacheControl(writer, mark);
        writer.WriteEndObject();
    }

    private static void WriteImageSource(Utf8JsonWriter writer, string url)
    {
        const string Encoded = ";base64,";
        writer.WriteStartObject("source"u8);
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && url.IndexOf(Encoded, StringComparison.OrdinalIgnoreCase) is > 0 and var end)
        {
            writer.WriteString("type"u8, "base64"u8);
            writer.WriteString("media_type"u8, url.AsSpan("data:".Length, end - "data:".Length));
            writer.WriteString("data"u8, url.AsSpan(end + Encoded.Length));
        }
        else
        {
            writer.WriteString("type"u8, "url"u8);
            writer.WriteString("url"u8, url);
        }

        writer.WriteEndObject();
    }

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
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("description"u8, tool.Description);
            writer.WritePropertyName("input_schema"u8);
            writer.WriteRawValue(tool.ParametersSchema.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();

        // The service wants the tools declared as long as the history has calls, so they are forbidden and not left out.
        if (request.ToolsForbidden)
        {
            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "none"u8);
            writer.WriteEndObject();
        }
    }
}
