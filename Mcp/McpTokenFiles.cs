using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Storage;
using ModelContextProtocol.Authentication;

namespace Gateway.Mcp;

/// <summary>The login to one server, in the files that Hermes and the Python SDK use as well: <c>mcp-tokens/NAME.json</c> for the tokens,
/// <c>mcp-tokens/NAME.client.json</c> for the client they were given to (STATE.md). They are read anew every time, since any of these
/// programs may have renewed them. Safe from any thread.</summary>
internal sealed class McpTokenFiles : ITokenCache
{
    private const int LongestName = 128;
    private readonly string _tokens;
    private readonly string _client;
    private readonly McpOAuthOptions _options;
    private readonly TimeProvider _time;
    private volatile string? _authorizationServer;
    private volatile TokenContainer? _unsaved;
    private volatile bool _replaced;

    /// <summary>Names the files; nothing is read yet.</summary>
    public McpTokenFiles(string hermesHome, string server, McpOAuthOptions options, TimeProvider time)
    {
        string name = string.Concat(server.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_')).Trim('_');
        name = name.Length == 0 ? "default" : name[..Math.Min(name.Length, LongestName)];
        _tokens = Path.Combine(hermesHome, "mcp-tokens", name + ".json");
        _client = Path.Combine(hermesHome, "mcp-tokens", name + ".client.json");
        _options = options;
        _time = time;
    }

    /// <summary>Where the browser comes back to, for a login that is made now; null when none is: then what is stored is used.</summary>
    public Uri? NewLogin { get; init; }

    /// <summary>Whether tokens were stored here.</summary>
    public bool Stored { get; private set; }

    /// <summary>Chooses the authorization server for a login: the one that gave the tokens before, else the first.</summary>
    public Uri? Choose(IReadOnlyList<Uri> servers)
    {
        string? issuer = Text(Load(_tokens), "hermes_issuer")?.TrimEnd('/');
        var chosen = servers.FirstOrDefault(server => server.OriginalString.TrimEnd('/') == issuer) ?? (servers.Count > 0 ? servers[0] : null);
        _authorizationServer = chosen?.OriginalString;
        return chosen;
    }

    /// <summary>Chooses the authorization server that can renew what is stored; null when none can without the user.</summary>
    public Uri? ChooseToRenew(IReadOnlyList<Uri> servers) =>
        Choose(servers) is { } chosen && Read() is { RefreshToken.Length: > 0, ClientId.Length: > 0 } tokens && tokens.AuthorizationServer == chosen.OriginalString ? chosen : null;

    /// <inheritdoc/>
    public ValueTask<TokenContainer?> GetTokensAsync(CancellationToken cancellationToken) => new(NewLogin is not null && !_replaced ? null : Read());

    /// <inheritdoc/>
    public ValueTask StoreTokensAsync(TokenContainer tokens, CancellationToken cancellationToken)
    {
        // A renewal may leave out what stays as it is.
        if (NewLogin is null && Read() is { } old)
        {
            tokens.RefreshToken ??= old.RefreshToken;
            tokens.Scope ??= old.Scope;
        }

        _replaced = true;
        try
        {
            PrivateFiles.Replace(_client, Bytes(Client(tokens)));
            PrivateFiles.Replace(_tokens, Bytes(Tokens(tokens)));
            _unsaved = null;
            Stored = true;
        }
        catch (StoredFileException) when (NewLogin is null)
        {
            // The old tokens may be worthless by now, so these must last as long as the process does.
            _unsaved = tokens;
        }

        return ValueTask.CompletedTask;
    }

    private TokenContainer? Read()
    {
        if (_unsaved is { } unsaved) return unsaved;
        var tokens = Load(_tokens);
        if (Text(tokens, "access_token") is not { Length: > 0 } access) return null;
        var client = Load(_client);
        string? clientId = Text(client, "client_id"), secret = Text(client, "client_secret"), method = Text(client, "token_endpoint_auth_method");
        if (_options.ClientId is { } configured)
        {
            clientId ??= configured;
            if (clientId == configured) secret = _options.ClientSecret;
        }

        // Some servers give a secret without saying how it is shown.
        if (secret is not null && method is null or "none") method = "client_secret_post";
        int? life = Number(tokens, "expires_in") is { } seconds ? (int)Math.Clamp(seconds, 0, int.MaxValue) : null;
        double? end = Number(tokens, "expires_at") ?? (life is null ? null : (File.GetLastWriteTimeUtc(_tokens) - DateTime.UnixEpoch).TotalSeconds + life);
        return new TokenContainer
        {
            AccessToken = access,
            TokenType = Text(tokens, "token_type") ?? "Bearer",
            RefreshToken = Text(tokens, "refresh_token"),
            Scope = Text(tokens, "scope"),
            ExpiresIn = end is null ? null : life ?? 0,
            ObtainedAt = end is null ? _time.GetUtcNow() : DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(end.Value - (life ?? 0), 0, int.MaxValue)),
            ClientId = clientId,
            ClientSecret = secret,
            TokenEndpointAuthMethod = method,
            AuthorizationServer = Issuer(Text(tokens, "hermes_issuer")),
        };
    }

    // Tokens without a note of who gave them are from before there was one; they are taken to the server that is named now, and noted then.
    private string? Issuer(string? stored) =>
        _authorizationServer is { } chosen && (stored is null || stored.TrimEnd('/') == chosen.TrimEnd('/')) ? chosen : stored;

    private JsonObject Tokens(TokenContainer tokens)
    {
        var json = new JsonObject { ["access_token"] = tokens.AccessToken, ["token_type"] = tokens.TokenType };
        if (tokens.ExpiresIn is { } life)
        {
            json["expires_in"] = life;
            json["expires_at"] = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0 + life;
        }

        if (tokens.Scope is { } scope) json["scope"] = scope;
        if (tokens.RefreshToken is { } refresh) json["refresh_token"] = refresh;
        if (tokens.AuthorizationServer is { } issuer) json["hermes_issuer"] = issuer;
        return json;
    }

    private JsonObject Client(TokenContainer tokens)
    {
        var known = Load(_client);
        var json = known is not null && Text(known, "client_id") == tokens.ClientId && NewLogin is null ? known : new JsonObject
        {
            ["redirect_uris"] = new JsonArray(JsonValue.Create(NewLogin?.AbsoluteUri ?? "http://127.0.0.1/callback")),
            ["grant_types"] = new JsonArray(JsonValue.Create("authorization_code"), JsonValue.Create("refresh_token")),
            ["response_types"] = new JsonArray(JsonValue.Create("code")),
            ["client_name"] = _options.ClientName,
        };
        json["client_id"] = tokens.ClientId;
        Set(json, "client_secret", tokens.ClientSecret);
        Set(json, "token_endpoint_auth_method", tokens.TokenEndpointAuthMethod);
        return json;
    }

    private static void Set(JsonObject json, string name, string? value)
    {
        if (value is null) json.Remove(name);
        else json[name] = value;
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString() + "\n");

    private static JsonObject? Load(string path)
    {
        try
        {
            return HomeFile.Read(path) is { } bytes ? JsonNode.Parse(bytes) as JsonObject : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject? json, string name) => json?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonObject? json, string name) => json?[name] is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number) ? number : null;
}
