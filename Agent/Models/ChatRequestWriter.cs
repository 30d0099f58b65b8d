using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Writes chat-completions request bodies (AGENT.md 3.2, 3.5).</summary>
internal static class ChatRequestWriter
{
    private const int MarkedMessages = 3;

    /// <summary>The body of a request.</summary>
    public static ReadOnlyMemory<byte> Write(ModelRequest request) => ExtraBody.Into(request, RequestJson.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, request.Endpoint.Model);
        WriteMessages(writer, request);
        if (request.Tools.Count != 0 && !request.ToolsForbidden)
        {
            WriteTools(writer, request);
        }

        writer.WriteBoolean("stream"u8, true);
        writer.WriteStartObject("stream_options"u8);
        writer.WriteBoolean("include_usage"u8, true);
        writer.WriteEndObject();
        WriteOutputCap(writer, request);
        if (request.Temperature is { } temperature && ModelTraits.TakesTemperature(request.Endpoint))
        {
            writer.WriteNumber("temperature"u8, temperature);
        }

        ChatReasoning.Write(writer, request);
        if (request.Endpoint.OllamaContext is { } context)
        {
            writer.WriteStartObject("options"u8);
            writer.WriteNumber("num_ctx"u8, context);
            writer.WriteEndObject();
        }

        if (request.Settings.ProviderRoutingJson is { } routing && ModelTraits.IsOpenRouter(request.Endpoint))
        {
            writer.WritePropertyName("provider"u8);
            writer.WriteRawValue(routing, skipInputValidation: true);
        }

        if (ModelTraits.IsNous(request.Endpoint))
        {
            writer.WriteStartArray("tags"u8);
            writer.WriteStringValue("product=hermes-agent"u8);
            writer.WriteEndArray();
        }

        if (request.Settings.ServiceTier == "priority" && ModelTraits.HasPriorityTier(request.Endpoint.Model))
        {
            writer.WriteString("service_tier"u8, "priority"u8);
        }

        writer.WriteEndObject();
    }));

    private static void WriteMessages(Utf8JsonWriter writer, ModelRequest request)
    {
        var mark = RequestJson.MarkOf(request);
        var reasoningBack = ModelTraits.WantsReasoningBack(request.Endpoint);
        var detailsBack = !request.OmitReasoningDetails && ModelTraits.KeepsReasoningDetails(request.Endpoint);
        var messages = HistoryRepair.Prepare(request.Messages);
        writer.WriteStartArray("messages"u8);
        if (request.SystemPrompt.Length != 0)
        {
            var role = ModelTraits.WantsDeveloperRole(request.Endpoint.Model) ? "developer" : "system";
            WriteMessage(writer, role, JsonText.WithoutLoneSurrogates(request.SystemPrompt), mark);
        }

        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var here = i >= messages.Count - MarkedMessages ? mark : CacheMark.None;
            switch (message.Role)
            {
                case Role.Assistant:
                    WriteAssistant(writer, message, here, reasoningBack, detailsBack);
                    break;
                case Role.Tool:
                    writer.WriteStartObject();
                    writer.WriteString("role"u8, "tool"u8);
                    writer.WriteString("tool_call_id"u8, message.ToolCallId);
                    writer.WriteString("content"u8, message.Content);
                    writer.WriteEndObject();
                    break;
                default:
                    WriteMessage(writer, message.Role == Role.System ? "system" : "user", message.Content ?? "", here, message.ImageUrls);
                    break;
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, string role, string content, CacheMark mark, IReadOnlyList<string>? images = null)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        WriteContent(writer, content, mark, images);
        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, string content, CacheMark mark, IReadOnlyList<string>? images = null)
    {
        // An empty text part is refused where markers are understood.
        if (images is not { Count: > 0 } && (mark == CacheMark.None || content.Length == 0))
        {
            writer.WriteString("content"u8, content);
            return;
        }

        writer.WriteStartArray("content"u8);
        if (content.Length != 0)
        {
            RequestJson.WriteTextPart(writer, content, mark);
        }

        foreach (var image in images ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "image_url"u8);
            writer.WriteStartObject("image_url"u8);
            writer.WriteString("url"u8, image);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteAssistant(Utf8JsonWriter writer, ConversationMessage message, CacheMark mark, bool reasoningBack, bool detailsBack)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);
        WriteContent(writer, message.Content ?? "", mark);
        if (detailsBack && message.ReasoningDetailsJson is { } details)
        {
            ReasoningBlocks.WriteForChat(writer, details);
        }

        if (reasoningBack && (message.ReasoningContent ?? (message.ToolCalls.Count == 0 ? null : message.Reasoning ?? "")) is { } thought)
        {
            writer.WriteString("reasoning_content"u8, JsonText.WithoutLoneSurrogates(thought));
        }

        if (message.ToolCalls.Count != 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in message.ToolCalls)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, call.Id);
                writer.WriteString("type"u8, "function"u8);
                writer.WriteStartObject("function"u8);
                writer.WriteString("name"u8, call.Name);
                writer.WriteString("arguments"u8, call.ArgumentsJson);
                writer.WriteEndObject();
                if (call.ExtraContentJson is { } extra)
                {
                    writer.WritePropertyName("extra_content"u8);
                    writer.WriteRawValue(extra, skipInputValidation: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter writer, ModelRequest request)
    {
        writer.WriteStartArray("tools"u8);
        foreach (var tool in request.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("description"u8, tool.Description);
            writer.WritePropertyName("parameters"u8);
            writer.WriteRawValue(tool.ParametersSchema.Span, skipInputValidation: true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteOutputCap(Utf8JsonWriter writer, ModelRequest request)
    {
        var endpoint = request.Endpoint;
        int? usual = endpoint.Provider switch
        {
            "nvidia" => 16_384,
            "qwen-oauth" => 65_536,
            _ when ModelTraits.IsKimi(endpoint) => 32_000,
            _ when (ModelTraits.IsOpenRouter(endpoint) || ModelTraits.IsNous(endpoint))
                && endpoint.Model.Contains("claude", StringComparison.OrdinalIgnoreCase) => ModelTraits.OutputLimit(endpoint.Model),
            _ => null,
        };
        if (usual is null && request.OutputCap is null && request.OutputCeiling is null)
        {
            return;
        }

        // Beside the conversation the usual cap would be no cap at all.
        var cap = request.IsAside && request.OutputCap is { } most ? most : Math.Max(usual ?? 0, request.OutputCap ?? 0);
        cap = cap == 0 ? request.OutputCeiling!.Value : Math.Min(cap, request.OutputCeiling ?? cap);
        var name = ModelTraits.IsHost(endpoint, "api.openai.com") || ModelTraits.IsHost(endpoint, "azure.com")
            ? "max_completion_tokens"u8
            : "max_tokens"u8;
        writer.WriteNumber(name, cap);
    }
}
