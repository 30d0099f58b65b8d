namespace Gateway.Mcp;

/// <summary>A server brought more than it may, and lost its connection for it; the message is for people.</summary>
internal sealed class McpFloodException(string message) : IOException(message);
