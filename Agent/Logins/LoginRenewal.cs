using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Agent.Logins;

/// <summary>Keeps logins valid (CONFIG.md 4.1, 4.3): what ends soon is renewed where it is stored, so that the other programs that use it
/// find the new tokens. Tokens that renew work only once, so the file is locked from reading to writing, and what another program has
/// renewed in the meantime is taken over.</summary>
/// <param name="environment">Where the files are.</param>
/// <param name="tokens">The token servers.</param>
/// <param name="addresses">Where those are.</param>
internal sealed class LoginRenewal(GatewayEnvironment environment, TokenEndpoint tokens, LoginAddresses addresses)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private const string AnthropicClient = "9d1c250a-e61b-44d9-88ed-5944d1962f5e";
    private const string CodexClient = "app_EMoamEEZ73f0CkXaXp7hrann";
    private const string QwenClient = "f0304373b74a44d2b584a3fb70ca9e56";
    private readonly ConcurrentDictionary<string, Credential> _renewed = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    private DateTimeOffset Now => tokens.Time.GetUtcNow();

    /// <summary>Gives a credential that works now.</summary>
    /// <param name="provider">Id of the provider.</param>
    /// <param name="credential">The credential as it was found.</param>
    /// <param name="refused">What the provider has just refused; null when it has not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelException">It cannot be renewed; the text says how to log in anew.</exception>
    public async Task<Credential> ReadyAsync(string provider, Credential credential, string? refused, CancellationToken cancellationToken)
    {
        if (credential.Login == LoginKind.Key) return credential;

        // A token that buys keys stands for itself: another one in its place buys its own.
        string name = $"{provider} {credential.Source} {(credential.Login == LoginKind.Copilot ? credential.Key : credential.Id)}";
        var known = Usable(_renewed.GetValueOrDefault(name), refused);
        var found = credential.Login == LoginKind.Copilot ? null : Usable(credential, refused);

        // The user may have logged in anew since: the later one counts.
        if ((known is not null && found?.Expires > known.Expires ? found : known ?? found) is { } ready) return ready;

        // What renews a token is spent by asking, so nobody's interruption may come between the question and the file.
        var renewal = Task.Run(() => RenewOnceAsync(name, provider, credential, refused), CancellationToken.None);
        try
        {
            return await renewal.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = renewal.ContinueWith(
                static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private async Task<Credential> RenewOnceAsync(string name, string provider, Credential credential, string? refused)
    {
        await _gate.WaitAsync();
        try
        {
            if (Usable(_renewed.GetValueOrDefault(name), refused) is { } meanwhile) return meanwhile;
            var renewed = await RenewAsync(provider, credential, refused);
            _renewed[name] = renewed;
            return renewed;
        }
        finally
        {
            _gate.Release();
        }
    }

    private Credential? Usable(Credential? credential, string? refused) =>
        credential is not null && credential.Key != refused && !(credential.Expires <= Now + Margin) ? credential : null;

    private Task<Credential> RenewAsync(string provider, Credential credential, string? refused) => credential switch
    {
        { Login: LoginKind.Copilot } => CopilotAsync(credential),
        { Login: LoginKind.Qwen } => InFileAsync(
            credential, refused, new(StoredLogins.QwenFile(environment), Lock), content => content, "Qwen", "Log in again with the command 'qwen'.", QwenAsync),
        { Source: "hermes_pkce" } => InFileAsync(
            credential, refused, new(StoredLogins.AnthropicFile(environment), Lock), content => content, "Anthropic", Again(provider), ClaudeAsync),
        { Source: "claude_code" } => InFileAsync(
            credential,
            refused,
            new(StoredLogins.ClaudeFile(environment), Lock),
            content => content["claudeAiOauth"] as JsonObject,
            "Claude Code",
            "Log in again with the command 'claude'.",
            ClaudeAsync),
        _ => InFileAsync(
            credential,
            refused,
            new(Path.Combine(environment.HermesHome, "auth.json"), Lock),
            content => Place(content, provider, credential),
            ProviderCatalog.Find(provider)?.Label ?? provider,
            Again(provider),
            provider switch { "openai-codex" => CodexAsync, "nous" => NousAsync, _ => PooledAsync }),
    };

    private string Lock => Path.Combine(environment.HermesHome, "auth.lock");

    private static string Again(string provider) => $"Log in again with 'hermes auth add {provider}'.";

    // Where the tokens of a login stand in auth.json: in its entry of the pool, or with the provider's own login.
    private static JsonObject? Place(JsonObject content, string provider, Credential credential)
    {
        var login = LoginJson.Object(LoginJson.Object(content, "providers"), provider);
        if (credential.Source != "device_code" && credential.Id is { } id)
        {
            return (LoginJson.Object(content, "credential_pool")?[provider] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(entry => LoginJson.Text(entry, "id") == id);
        }

        return provider == "openai-codex" ? login?["tokens"] as JsonObject : login;
    }

    private async Task<Credential> InFileAsync(
        Credential credential,
        string? refused,
        LoginFile file,
        Func<JsonObject, JsonObject?> place,
        string who,
        string again,
        Renewer renew)
    {
        Credential? found = null;
        ModelException? failure = null;
        try
        {
            await file.ChangeAsync(
                async content =>
                {
                    if (place(content) is not { } login) return false;
                    var asked = new Renewal(credential, login, refused, who, again);
                    bool changed = await renew(asked);
                    (found, failure) = (asked.Found, asked.Failure);
                    if (changed && content["updated_at"] is not null) content["updated_at"] = Iso(Now);
                    return changed;
                },
                CancellationToken.None);
        }
        catch (StoredFileException) when (found is not null)
        {
            // The old token may be worthless now, so the new one must serve as long as the process lives.
        }
        catch (StoredFileException error)
        {
            throw new ModelException(new ModelError(ModelErrorKind.Auth, $"The login of {who} cannot be renewed: {error.Message}."));
        }

        if (failure is not null) throw failure;
        return found ?? throw new ModelException(new ModelError(ModelErrorKind.Auth, $"The login of {who} is gone. {again}"));
    }

    private Task<bool> ClaudeAsync(Renewal asked) =>
        TokensAsync(asked, addresses.Anthropic, AnthropicClient, "accessToken", "refreshToken", "expiresAt");

    private Task<bool> PooledAsync(Renewal asked) =>
        TokensAsync(asked, addresses.Anthropic, AnthropicClient, "access_token", "refresh_token", "expires_at_ms");

    private Task<bool> QwenAsync(Renewal asked) =>
        TokensAsync(asked, addresses.Qwen, QwenClient, "access_token", "refresh_token", "expiry_date");

    private Task<bool> CodexAsync(Renewal asked) =>
        TokensAsync(asked, addresses.Codex, CodexClient, "access_token", "refresh_token", null);

    /// <summary>Renews tokens that stand beside each other in an object.</summary>
    private async Task<bool> TokensAsync(Renewal asked, string url, string client, string access, string refresh, string? end)
    {
        if (LoginJson.Text(asked.Login, access) is { } stored)
        {
            var now = asked.Credential with { Key = stored, Expires = end is null ? ExpiryOf(stored) : Moment(asked.Login, end) ?? ExpiryOf(stored) };
            if (stored != asked.Credential.Key && Usable(now, asked.Refused) is { } other)
            {
                asked.Found = other;
                return false;
            }
        }

        string token = LoginJson.Text(asked.Login, refresh) ?? throw new ModelException(new ModelError(ModelErrorKind.Auth, $"The login of {asked.Who} has ended. {asked.Again}"));
        KeyValuePair<string, string>[] form = [new("grant_type", "refresh_token"), new("refresh_token", token), new("client_id", client)];
        var answer = await tokens.RenewAsync(asked.Who, asked.Again, url, form, CancellationToken.None);
        string fresh = Given(answer, "access_token", asked);
        var expires = Now.AddSeconds(Math.Clamp(Number(answer, "expires_in") ?? 3600, 60, 400 * 86_400));
        asked.Login[access] = fresh;
        asked.Login[refresh] = LoginJson.Text(answer, "refresh_token") ?? token;
        if (end is not null) asked.Login[end] = expires.ToUnixTimeMilliseconds();
        foreach (var holder in new[] { asked.Login, asked.Login.Parent as JsonObject })
        {
            if (holder?["last_refresh"] is not null) holder["last_refresh"] = Iso(Now);
        }

        asked.Found = asked.Credential with { Key = fresh, Expires = ExpiryOf(fresh) ?? expires };
        return true;
    }

    private async Task<bool> NousAsync(Renewal asked)
    {
        var login = asked.Login;
        string portal = LoginJson.Text(login, "portal_base_url") is { } named && StoredLogins.IsNous(named) ? named.TrimEnd('/') : addresses.Nous;
        bool changed = false;
        string? token = LoginJson.Text(login, "access_token");
        if (token is null || token == asked.Refused || (ExpiryOf(token) ?? Moment(login, "expires_at")) is not { } end || end <= Now + Margin)
        {
            string refresh = LoginJson.Text(login, "refresh_token") ?? throw new ModelException(new ModelError(ModelErrorKind.Auth, $"The login of {asked.Who} has ended. {asked.Again}"));
            KeyValuePair<string, string>[] form = [new("grant_type", "refresh_token"), new("client_id", LoginJson.Text(login, "client_id") ?? "hermes-cli")];
            var answer = await tokens.RenewAsync(asked.Who, asked.Again, portal + "/api/oauth/token", form, CancellationToken.None, ("x-nous-refresh-token", refresh));
            login["access_token"] = token = Given(answer, "access_token", asked);
            login["refresh_token"] = LoginJson.Text(answer, "refresh_token") ?? refresh;
            login["expires_at"] = Iso(ExpiryOf(token) ?? Now.AddSeconds(Number(answer, "expires_in") ?? 900));
            if (LoginJson.Text(answer, "inference_base_url") is { } address && StoredLogins.IsNous(address)) login["inference_base_url"] = address;
            changed = true;
        }

        string? key = LoginJson.Text(login, "agent_key");
        if (StoredLogins.MayInvoke(token))
        {
            key = token;
            login["agent_key_expires_at"] = LoginJson.Text(login, "expires_at");
        }
        else if (key is null || key == asked.Refused || Moment(login, "agent_key_expires_at") is not { } until || until <= Now + Margin)
        {
            try
            {
                var answer = await tokens.AskAsync(
                    asked.Who, asked.Again, portal + "/api/oauth/agent-key", """{"min_ttl_seconds":1800}""", CancellationToken.None, ("Authorization", "Bearer " + token));
                key = Given(answer, "api_key", asked);
                login["agent_key_expires_at"] = LoginJson.Text(answer, "expires_at") ?? Iso(Now.AddSeconds(Number(answer, "expires_in") ?? 1800));
            }
            catch (ModelException failure)
            {
                // What was renewed above is kept even when no key can be bought.
                asked.Failure = failure;
                return changed;
            }
        }

        changed |= LoginJson.Text(login, "agent_key") != key;
        login["agent_key"] = key;
        string? url = LoginJson.Text(login, "inference_base_url") is { } inference && StoredLogins.IsNous(inference) ? inference.TrimEnd('/') : null;
        asked.Found = asked.Credential with { Key = key, BaseUrl = url ?? asked.Credential.BaseUrl, Expires = Moment(login, "agent_key_expires_at") ?? ExpiryOf(key) };
        return changed;
    }

    private async Task<Credential> CopilotAsync(Credential credential)
    {
        const string who = "GitHub Copilot";
        const string again = "GitHub gives this token no key for Copilot; make one with 'gh auth login', and check that the account has Copilot.";
        (string, string)[] headers = [("Authorization", "token " + credential.Key), ("Editor-Version", CopilotHeaders.Editor), ("User-Agent", CopilotHeaders.Agent)];
        var answer = await tokens.AskAsync(who, again, addresses.Copilot, null, CancellationToken.None, headers);
        string? url = LoginJson.Text(LoginJson.Object(answer, "endpoints"), "api");
        return credential with
        {
            Key = Given(answer, "token", new(credential, answer, null, who, again)),
            Expires = Moment(answer, "expires_at") ?? Now.AddMinutes(20),
            BaseUrl = url is not null && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == "https" && EndpointUrl.IsHost(url, "githubcopilot.com") ? url.TrimEnd('/') : null,
        };
    }

    private static string Given(JsonObject answer, string name, Renewal asked) =>
        LoginJson.Text(answer, name) ?? throw new ModelException(new ModelError(ModelErrorKind.Server, $"The login server of {asked.Who} gave no token."));

    private static DateTimeOffset? ExpiryOf(string token) => StoredLogins.Claims(token) is { } claims ? StoredLogins.Expiry(claims) : null;

    private static DateTimeOffset? Moment(JsonObject json, string name)
    {
        if (json[name] is not { } node) return null;
        using var document = JsonDocument.Parse(node.ToJsonString());
        return AuthFile.Moment(document.RootElement);
    }

    private static double? Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out double number) && number is >= 0 and < 1e12 ? number : null;

    private static string Iso(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);

    private delegate Task<bool> Renewer(Renewal asked);

    /// <summary>What is to be renewed, and what came of it.</summary>
    private sealed record Renewal(Credential Credential, JsonObject Login, string? Refused, string Who, string Again)
    {
        public Credential? Found { get; set; }

        public ModelException? Failure { get; set; }
    }
}
