using System.Text.Json;
using Gateway.Config;

namespace Gateway.Mcp;

/// <summary>Reads the login that other programs stored for a server (CONFIG.md 6, mcp-tokens).</summary>
internal static class McpLogin
{
    /// <summary>The access token; null when there is none, or it has run out.</summary>
    public static string? Read(GatewayEnvironment environment, string server, TimeProvider time)
    {
        string path = Path.Combine(environment.HermesHome, "mcp-tokens", string.Concat(server.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_')) + ".json");
        try
        {
            if (!File.Exists(path)) return null;
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("access_token", out var token) || token.ValueKind != JsonValueKind.String) return null;
            bool over = root.TryGetProperty("expires_at", out var end) && end.ValueKind == JsonValueKind.Number && end.GetDouble() < time.GetUtcNow().ToUnixTimeSeconds();
            return over ? null : token.GetString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
