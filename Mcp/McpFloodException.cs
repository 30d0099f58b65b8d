namespace Gateway.Mcp;

/// <summary>A server sent more than it may and lost its connection; the message can be shown to users.</summary>
internal sealed class McpFloodException(string message) : IOException(message);
