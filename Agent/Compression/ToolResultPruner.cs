using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Agent.Models;

namespace Gateway.Agent.Compression;

/// <summary>Shortens old tool calls and their results to what still matters about them (AGENT.md section 7, step 1).</summary>
internal static class ToolResultPruner
{
    private const int LongResult = 200;
    private const int LongArguments = 500;
    private const int ShortArgument = 200;
    private const string Duplicate = "[Duplicate tool output — same content as a more recent call]";

    /// <summary>Shortens what comes before the newest part.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="tail">Where the newest part begins, which stays as it is.</param>
    public static List<ConversationMessage> Prune(IReadOnlyList<ConversationMessage> messages, int tail)
    {
        var calls = new Dictionary<string, StoredToolCall>(StringComparer.Ordinal);
        foreach (var call in messages.SelectMany(message => message.ToolCalls)) calls[call.Id] = call;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pruned = new List<ConversationMessage>(messages);
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            var message = messages[i];
            bool old = i < tail;
            if (message.Role == Role.Tool && message.Content is { Length: >= LongResult } content)
            {
                bool repeated = !seen.Add(content);
                if (old) pruned[i] = message with { Content = repeated ? Duplicate : Line(calls.GetValueOrDefault(message.ToolCallId ?? ""), message.ToolName, content) };
            }
            else if (old && message.ToolCalls.Any(call => call.ArgumentsJson.Length > LongArguments))
            {
                pruned[i] = message with { ToolCalls = [.. message.ToolCalls.Select(call => call.ArgumentsJson.Length > LongArguments ? call with { ArgumentsJson = Shorten(call.ArgumentsJson) } : call)] };
            }
        }

        return pruned;
    }

    private static string Line(StoredToolCall? call, string? toolName, string content)
    {
        string name = call?.Name ?? toolName ?? "tool";
        string size = content.Length.ToString("N0", CultureInfo.InvariantCulture);
        using var arguments = Parse(call?.ArgumentsJson);
        string Argument(string key, string missing = "?") =>
            arguments?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(key, out var value) ? Cut(value.ToString(), 120) : missing;
        return name switch
        {
            "terminal" => $"[terminal] ran `{Argument("command")}` -> {ExitOf(content)}{Lines(content)} lines output",
            "read_file" => $"[read_file] read {Argument("path")} from line {Argument("offset", "1")} ({size} chars)",
            "write_file" => $"[write_file] wrote {Argument("path")} ({size} chars result)",
            "search_files" => $"[search_files] {Argument("target", "content")} search for '{Argument("pattern")}' in {Argument("path", ".")} -> {Found(content)}",
            "patch" => $"[patch] {Argument("mode", "replace")} in {Argument("path", "several files")} ({size} chars result)",
            _ => $"[{name}] {Cut(call?.ArgumentsJson ?? "", 120)} ({size} chars result)",
        };
    }

    private static string ExitOf(string content)
    {
        using var result = Parse(content);
        return result?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("exit_code", out var code) ? $"exit {code}, " : "";
    }

    private static string Found(string content)
    {
        using var result = Parse(content);
        return result?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("total_count", out var count) && count.ValueKind == JsonValueKind.Number
            ? $"{count.GetRawText()} matches"
            : "unknown matches";
    }

    private static int Lines(string content)
    {
        using var result = Parse(content);
        string output = result?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("output", out var text) ? text.ToString() : content;
        return output.Length == 0 ? 0 : output.AsSpan().TrimEnd('\n').Count('\n') + 1;
    }

    // Stays JSON: providers parse the arguments of old calls again.
    private static string Shorten(string json)
    {
        using var arguments = Parse(json);
        if (arguments?.RootElement.ValueKind != JsonValueKind.Object) return "{}";
        return Encoding.UTF8.GetString(RequestJson.Build(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in arguments.RootElement.EnumerateObject())
            {
                string text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
                writer.WritePropertyName(member.Name);
                if (text.Length > ShortArgument) writer.WriteStringValue(Cut(text, ShortArgument));
                else member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }).Span);
    }

    private static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        int end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return text[..end] + "...";
    }

    private static JsonDocument? Parse(string? json)
    {
        if (string.IsNullOrEmpty(json)) return null;
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
