using System.Globalization;
using System.Text.Json;
using Gateway.Tools;

namespace Gateway.Rpc;

/// <summary>The line that a client shows beside a tool call that ended (events.json, tool.complete). A search counts as one, however much it
/// found, and pages that were not there are told as well (quirk Q36); the other tools say in their own words what they did.</summary>
internal static class ToolSummary
{
    /// <summary>The line; null when there is nothing to say.</summary>
    public static string? Of(string tool, ToolResult result, TimeSpan duration) => tool switch
    {
        "web_search" when Count(result.Content, "data", "web") is { } found => $"Did 1 search in {Text(duration)}: {found} {(found == 1 ? "result" : "results")}",
        "web_extract" when Pages(result.Content) is { } pages => $"Extracted {pages} {(pages == 1 ? "page" : "pages")} in {Text(duration)}",
        "web_search" or "web_extract" => null,
        _ => result.Summary,
    };

    /// <summary>A duration as clients write it (WIRE 10.3): <c>9.9s</c>, <c>12s</c>, <c>1m 5s</c>.</summary>
    public static string Text(TimeSpan duration)
    {
        double seconds = duration.TotalSeconds;
        if (seconds < 10) return seconds.ToString("0.0", CultureInfo.InvariantCulture) + "s";
        if (seconds < 60) return Math.Round(seconds, MidpointRounding.ToEven).ToString("0", CultureInfo.InvariantCulture) + "s";
        long whole = (long)seconds;
        return whole % 60 == 0 ? $"{whole / 60}m" : $"{whole / 60}m {whole % 60}s";
    }

    private static int? Pages(string content) => Count(content, "results") is > 0 and var pages ? pages : Count(content, "data", "results") ?? Count(content, "results");

    private static int? Count(string content, params ReadOnlySpan<string> path)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var element = document.RootElement;
            foreach (string name in path)
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
            return element.ValueKind == JsonValueKind.Array ? element.GetArrayLength() : null;
        }
        catch (JsonException)
        {
            // A result with directory hints or other words around it.
            return null;
        }
    }
}
