namespace Gateway.Mcp;

/// <summary>Names of tools of MCP servers (CONFIG.md 6).</summary>
internal static class McpNames
{
    /// <summary>The name that the model calls.</summary>
    public static string Tool(string server, string tool) => $"mcp_{Plain(server)}_{Plain(tool)}";

    /// <summary>The toolset of a server.</summary>
    public static string Toolset(string server) => "mcp-" + server;

    /// <summary>The text with an underscore for everything but letters, digits and underscores.</summary>
    public static string Plain(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '_'));
}
