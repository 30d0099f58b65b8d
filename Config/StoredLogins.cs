using System.Text;
using System.Text.Json;

namespace Gateway.Config;

/// <summary>Logins that this or another program made, as credentials (CONFIG.md 4.1 and 4.3). They are read anew each time.</summary>
/// <param name="env">Where the files are.</param>
/// <param name="file">auth.json.</param>
internal sealed class StoredLogins(GatewayEnvironment env, AuthFile file)
{
    private const string InvokeScope = "inference:invoke";
    private const int LargestFile = 1024 * 1024;

    /// <summary>File of the Anthropic login of Hermes.</summary>
    public static string AnthropicFile(GatewayEnvironment env) => Path.Combine(env.HermesHome, ".anthropic_oauth.json");

    /// <summary>File of the login of Claude Code.</summary>
    public static string ClaudeFile(GatewayEnvironment env) => Path.Combine(env.UserHome, ".claude", ".credentials.json");

    /// <summary>File of the login of the Qwen command line.</summary>
    public static string QwenFile(GatewayEnvironment env) => Path.Combine(env.UserHome, ".qwen", "oauth_creds.json");

    /// <summary>The logins to Anthropic: that of Hermes, then that of Claude Code.</summary>
    public IEnumerable<Credential> Anthropic()
    {
        if (Load(AnthropicFile(env)) is { } own)
        {
            using (own)
            {
                if (Claude(own.RootElement, "hermes_pkce") is { } credential) yield return credential;
            }
        }

        if (Load(ClaudeFile(env)) is { } other)
        {
            using (other)
            {
                if (Claude(AuthFile.Member(other.RootElement, "claudeAiOauth"), "claude_code") is { } credential) yield return credential;
            }
        }
    }

    /// <summary>The ChatGPT login of auth.json.</summary>
    public IEnumerable<Credential> Codex()
    {
        var tokens = AuthFile.Member(file.Login("openai-codex"), "tokens");
        if (AuthFile.Text(AuthFile.Member(tokens, "access_token")) is { } token)
        {
            yield return new Credential(token, "device_code") { Login = LoginKind.Codex, Expires = Claims(token) is { } claims ? Expiry(claims) : null };
        }
    }

    /// <summary>The Nous Portal login of auth.json. Its access token is the key when it may call models; else the key that it bought.</summary>
    public IEnumerable<Credential> Nous()
    {
        var login = file.Login("nous");
        string? token = AuthFile.Text(AuthFile.Member(login, "access_token")), bought = AuthFile.Text(AuthFile.Member(login, "agent_key"));
        if (token is null && bought is null) yield break;
        bool invokes = token is not null && MayInvoke(token);
        yield return new Credential(invokes || bought is null ? token! : bought, "device_code")
        {
            Login = LoginKind.Nous,
            BaseUrl = AuthFile.Text(AuthFile.Member(login, "inference_base_url")) is { } url && IsNous(url) ? url.TrimEnd('/') : null,

            // A token that calls no models is only good for buying a key.
            Expires = invokes ? Expiry(Claims(token!)!.Value) ?? AuthFile.Moment(AuthFile.Member(login, "expires_at"))
                : bought is null ? DateTimeOffset.MinValue
                : AuthFile.Moment(AuthFile.Member(login, "agent_key_expires_at")) ?? DateTimeOffset.MinValue,
        };
    }

    /// <summary>The login of the Qwen command line.</summary>
    public IEnumerable<Credential> Qwen()
    {
        using var document = Load(QwenFile(env));
        if (document is null || AuthFile.Text(AuthFile.Member(document.RootElement, "access_token")) is not { } token) yield break;
        yield return new Credential(token, "qwen-cli") { Login = LoginKind.Qwen, Expires = AuthFile.Moment(AuthFile.Member(document.RootElement, "expiry_date")) };
    }

    /// <summary>Whether a token of the Nous Portal may call models itself.</summary>
    public static bool MayInvoke(string token) =>
        Claims(token) is { } claims && (Holds(AuthFile.Member(claims, "scope")) || Holds(AuthFile.Member(claims, "scp")));

    /// <summary>Whether an address that came with a login is one of Nous Research's own, over https: no other gets its tokens.</summary>
    public static bool IsNous(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && ((uri.Scheme == "https" && EndpointUrl.IsHost(url, "nousresearch.com")) || (uri.Scheme is "http" or "https" && uri.IsLoopback));

    /// <summary>What a JSON web token says (RFC 7519); null when it is none. The signature is for its receiver to check.</summary>
    public static JsonElement? Claims(string token)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3) return null;
        try
        {
            string middle = parts[1].Replace('-', '+').Replace('_', '/');
            using var document = JsonDocument.Parse(Convert.FromBase64String(middle.PadRight((middle.Length + 3) / 4 * 4, '=')));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception error) when (error is FormatException or JsonException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>When a token ends that says so itself.</summary>
    public static DateTimeOffset? Expiry(JsonElement claims) => AuthFile.Moment(AuthFile.Member(claims, "exp"));

    private static Credential? Claude(JsonElement login, string source) =>
        AuthFile.Text(AuthFile.Member(login, "accessToken")) is { } token
            ? new Credential(token, source) { Login = LoginKind.Anthropic, Expires = AuthFile.Moment(AuthFile.Member(login, "expiresAt")) }
            : null;

    private static bool Holds(JsonElement scopes) => scopes.ValueKind switch
    {
        JsonValueKind.String => AuthFile.Text(scopes)?.Split(' ', ',').Contains(InvokeScope) == true,
        JsonValueKind.Array => scopes.EnumerateArray().Any(Holds),
        _ => false,
    };

    private static JsonDocument? Load(string path)
    {
        try
        {
            return HomeFile.Read(path, LargestFile) is { } bytes ? JsonDocument.Parse(bytes) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
