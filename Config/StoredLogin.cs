using System.Text.Json;

namespace Gateway.Config;

/// <summary>Looks into HERMES_HOME/auth.json for one thing: which login, if any, is active. Logins themselves are not supported yet.</summary>
internal static class StoredLogin
{
    /// <summary>The active provider of auth.json; null without one, or when the file cannot be read.</summary>
    public static string? ActiveProvider(string hermesHome)
    {
        try
        {
            var path = Path.Combine(hermesHome, "auth.json");
            if (!File.Exists(path))
            {
                return null;
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("active_provider", out var active)
                && active.ValueKind == JsonValueKind.String && active.GetString() is { Length: > 0 } name
                ? name
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
