using System.Text.Json;

namespace ModelServer.Requests;

/// <summary>Which wire format a request came in.</summary>
internal enum WireApi
{
    /// <summary>OpenAI chat completions.</summary>
    Chat,

    /// <summary>Anthropic messages.</summary>
    Messages,

    /// <summary>OpenAI Responses.</summary>
    Responses,
}

/// <summary>A model call as scripts see it, whatever its wire format.</summary>
internal sealed record ModelRequest
{
    public required WireApi Api { get; init; }

    public required int Call { get; init; }

    public required string Model { get; init; }

    public required bool Stream { get; init; }

    /// <summary>Chat only: the client asked for a usage chunk.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Responses only: the client asked for encrypted reasoning.</summary>
    public required bool IncludeEncrypted { get; init; }

    /// <summary>The last thing the user said, tool results and system notes apart.</summary>
    public required string LastUserText { get; init; }

    /// <summary>The newest tool result, "" when there is none.</summary>
    public required string ToolResult { get; init; }

    /// <summary>user, assistant, tool or system.</summary>
    public required string LastRole { get; init; }

    /// <summary>Media types of the images in the last message of the user; "url" for those that are somewhere else.</summary>
    public required IReadOnlyList<string> LastImages { get; init; }

    public required IReadOnlyList<string> ToolNames { get; init; }

    /// <summary>Prompt size in tokens for scripts that name no usage: a quarter of the body's bytes.</summary>
    public required long EstimatedTokens { get; init; }

    public static ModelRequest Read(WireApi api, int call, JsonElement body, int bodyLength)
    {
        string lastUserText = "", toolResult = "", lastRole = "";
        IReadOnlyList<string> lastImages = [];
        foreach (JsonElement message in MessagesOf(api, body))
        {
            lastRole = RoleOf(api, message);
            if (api != WireApi.Messages && lastRole == "tool")
            {
                toolResult = TextOf(message, api == WireApi.Chat ? "content" : "output");
                continue;
            }
            if (lastRole != "user") continue;
            (string? said, string? result, bool endsInResult) = UserParts(message);
            lastUserText = said ?? lastUserText;
            lastImages = [.. ImageParts.Of(message).Select(image => image.MediaType)];
            toolResult = result ?? toolResult;
            if (endsInResult) lastRole = "tool";
        }

        return new ModelRequest
        {
            Api = api,
            Call = call,
            Model = body.GetProperty("model").GetString() ?? "",
            Stream = IsTrue(body, "stream"),
            IncludeUsage = body.TryGetProperty("stream_options", out JsonElement options)
                && options.ValueKind == JsonValueKind.Object && IsTrue(options, "include_usage"),
            IncludeEncrypted = body.TryGetProperty("include", out JsonElement include)
                && include.EnumerateArray().Any(item => item.ValueEquals("reasoning.encrypted_content")),
            LastUserText = lastUserText,
            ToolResult = toolResult,
            LastRole = lastRole,
            LastImages = lastImages,
            ToolNames = ToolsOf(body),
            EstimatedTokens = bodyLength / 4,
        };
    }

    /// <summary>The messages, or the items of a Responses input, where a lone string is the user's.</summary>
    private static List<JsonElement> MessagesOf(WireApi api, JsonElement body)
    {
        JsonElement list = body.GetProperty(api == WireApi.Responses ? "input" : "messages");
        if (list.ValueKind != JsonValueKind.String) return [.. list.EnumerateArray()];
        using JsonDocument message = JsonDocument.Parse(Wire.Json.Object(json =>
        {
            json.WriteString("role", "user");
            json.WriteString("content", list.GetString());
        }));
        return [message.RootElement.Clone()];
    }

    private static string RoleOf(WireApi api, JsonElement message)
    {
        if (api != WireApi.Responses || message.TryGetProperty("role", out _)) return message.GetProperty("role").GetString() ?? "";
        return message.GetProperty("type").GetString() == "function_call_output" ? "tool" : "assistant";
    }

    private static (string? Said, string? Result, bool EndsInResult) UserParts(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array)
            return (TextOf(message), null, false);
        string? said = null, result = null;
        bool endsInResult = false;
        foreach (JsonElement part in content.EnumerateArray())
        {
            endsInResult = part.GetProperty("type").GetString() == "tool_result";
            if (endsInResult) result = TextOf(part);
            else if (part.TryGetProperty("text", out JsonElement text)) said = said is null ? text.GetString() : said + "\n" + text.GetString();
        }
        return (said, result, endsInResult);
    }

    /// <summary>Content that is a string, or a list of parts of which some are text.</summary>
    private static string TextOf(JsonElement owner, string name = "content")
    {
        if (!owner.TryGetProperty(name, out JsonElement content)) return "";
        if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array) return "";
        return string.Join('\n', content.EnumerateArray()
            .Where(part => part.TryGetProperty("text", out _))
            .Select(part => part.GetProperty("text").GetString()));
    }

    private static List<string> ToolsOf(JsonElement body)
    {
        List<string> names = [];
        if (!body.TryGetProperty("tools", out JsonElement tools) || tools.ValueKind != JsonValueKind.Array) return names;
        foreach (JsonElement tool in tools.EnumerateArray())
        {
            JsonElement named = tool.TryGetProperty("function", out JsonElement function) ? function : tool;
            if (named.TryGetProperty("name", out JsonElement name)) names.Add(name.GetString() ?? "");
        }
        return names;
    }

    private static bool IsTrue(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
