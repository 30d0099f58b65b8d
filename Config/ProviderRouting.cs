using System.Text;
using System.Text.Json;

namespace Gateway.Config;

/// <summary>Which of the providers behind OpenRouter may answer, and in which order (provider_routing, CONFIG.md 3).</summary>
internal static class ProviderRouting
{
    /// <summary>The section as the JSON object that OpenRouter takes under <c>provider</c>; null when it asks for nothing. What OpenRouter
    /// would refuse a request for is left out.</summary>
    public static string? Read(ConfigNode section)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            WriteNames(writer, "order", section.Find("order"));
            WriteNames(writer, "only", section.Find("only"));
            WriteNames(writer, "ignore", section.Find("ignore"));
            if (section.Find("sort").AsText()?.ToLowerInvariant() is ("price" or "throughput" or "latency") and var sort) writer.WriteString("sort"u8, sort);
            if (section.Find("require_parameters").AsBool(false)) writer.WriteBoolean("require_parameters"u8, true);
            if (section.Find("data_collection").AsText()?.ToLowerInvariant() is ("allow" or "deny") and var collection) writer.WriteString("data_collection"u8, collection);
            writer.WriteEndObject();
        }

        return buffer.Length > "{}".Length ? Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) : null;
    }

    // One name alone is a list of one.
    private static void WriteNames(Utf8JsonWriter writer, string member, ConfigNode node)
    {
        string[] names = [.. (node.Kind == ConfigKind.List ? node.Items : [node]).Select(item => item.AsText()).OfType<string>()];
        if (names.Length == 0) return;
        writer.WriteStartArray(member);
        foreach (string name in names) writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
