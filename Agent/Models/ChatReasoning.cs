using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Writes how much a model may think into chat-completions requests, in the words of each provider (AGENT.md 3.2).</summary>
internal static class ChatReasoning
{
    private static readonly ImmutableArray<string> OpenRouterModels =
        ["deepseek/", "anthropic/", "openai/", "x-ai/", "google/gemini-2", "qwen/qwen3", "tencent/hy3-preview"];

    /// <summary>Writes the members that a request needs, if any. Questions beside a conversation leave it to the provider.</summary>
    public static void Write(Utf8JsonWriter writer, ModelRequest request)
    {
        if (request.IsAside)
        {
            return;
        }

        var endpoint = request.Endpoint;
        var effort = request.Settings.ReasoningEffort;
        var off = effort == "none";
        if (ModelTraits.IsOpenRouter(endpoint) || ModelTraits.IsNous(endpoint) || ModelTraits.IsVercel(endpoint))
        {
            WriteObject(writer, request, effort, off);
        }
        else if (ModelTraits.IsKimi(endpoint))
        {
            if (!off)
            {
                writer.WriteString("reasoning_effort"u8, Clamp(effort, "medium"));
            }

            writer.WriteStartObject("thinking"u8);
            writer.WriteString("type"u8, off ? "disabled"u8 : "enabled"u8);
            writer.WriteEndObject();
        }
        else if (endpoint.Provider == "tencent-tokenhub" || ModelTraits.IsHost(endpoint, "tokenhub.tencentmaas.com"))
        {
            if (!off)
            {
                writer.WriteString("reasoning_effort"u8, Clamp(effort, "high"));
            }
        }
        else if (endpoint.Provider == "gemini" || ModelTraits.IsHost(endpoint, "googleapis.com"))
        {
            if (effort.Length != 0)
            {
                GeminiThinking.Write(writer, endpoint.Model, effort);
            }
        }
        else if (ModelTraits.IsHost(endpoint, "api.openai.com") || ModelTraits.IsHost(endpoint, "azure.com"))
        {
            // Both refuse members they do not know, and the newest models an effort beside tools.
            if (OpenAiEffort.OnChat(endpoint.Model, effort, request.Tools.Count != 0 && !request.ToolsForbidden) is { } known)
            {
                writer.WriteString("reasoning_effort"u8, known);
            }
        }
        else if (endpoint.Provider == "lmstudio")
        {
            if (effort.Length != 0 && !off)
            {
                writer.WriteString("reasoning_effort"u8, Clamp(effort, "medium"));
            }
        }
        else if (off && endpoint.Provider == "custom")
        {
            writer.WriteBoolean("think"u8, false);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, ModelRequest request, string effort, bool off)
    {
        var endpoint = request.Endpoint;
        var takes = !ModelTraits.IsOpenRouter(endpoint)
            || OpenRouterModels.Any(prefix => endpoint.Model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        if (!takes || (off && ModelTraits.IsNous(endpoint)))
        {
            return;
        }

        writer.WriteStartObject("reasoning"u8);
        writer.WriteBoolean("enabled"u8, !off);
        if (!off)
        {
            writer.WriteString("effort"u8, effort.Length == 0 ? "medium" : effort);
        }

        writer.WriteEndObject();
    }

    private static string Clamp(string effort, string usual) => effort switch
    {
        "minimal" or "low" => "low",
        "medium" => "medium",
        "high" or "xhigh" => "high",
        _ => usual,
    };
}
