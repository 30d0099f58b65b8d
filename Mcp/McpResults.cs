using Gateway.Config;
using Gateway.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>What the model reads of a server's answer (CONFIG.md 6).</summary>
internal static class McpResults
{
    private const int LongestText = 400_000;

    /// <summary>The result of a tool.</summary>
    public static ToolResult Of(CallToolResult result)
    {
        string text = Text(result.Content);
        if (result.IsError == true) return Error(text.Length == 0 ? "the server reported an error without a text" : text);
        return new ToolResult(ToolJson.Object(json =>
        {
            json.WriteString("result", text);
            if (result.StructuredContent is { } structured)
            {
                json.WritePropertyName("structuredContent");
                structured.WriteTo(json);
            }
        }));
    }

    /// <summary>A plain text.</summary>
    public static ToolResult Of(string text) => new(ToolJson.Object(json => json.WriteString("result", Cut(text))));

    /// <summary>A call that failed.</summary>
    public static ToolResult Error(string message) => ToolJson.Error(SecretMask.Redact(Cut(message)));

    /// <summary>The parts of an answer as one text.</summary>
    public static string Text(IEnumerable<ContentBlock> blocks) => Cut(string.Join('\n', blocks.Select(Text)));

    /// <summary>One part as text.</summary>
    public static string Text(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => $"[image: {image.MimeType}, {image.Data.Length * 3L / 4:N0} bytes]",
        AudioContentBlock audio => $"[audio: {audio.MimeType}]",
        EmbeddedResourceBlock embedded => Text(embedded.Resource),
        ResourceLinkBlock link => $"[resource: {link.Uri}]",
        _ => $"[{block.Type}]",
    };

    /// <summary>A resource as text.</summary>
    public static string Text(ResourceContents contents) => contents switch
    {
        TextResourceContents text => text.Text,
        _ => $"[binary resource: {contents.Uri} {contents.MimeType}]",
    };

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText] + $"\n[cut: {text.Length - LongestText} more characters]";
}
