using System.Text.Json;

namespace Gateway.Config;

/// <summary>Gathers the credentials of a provider (CONFIG.md 4.2 and 4.3, STATE.md 5): the pool of auth.json, variables, and logins.
/// Nothing is written and nobody is asked; what has ended is renewed by whoever makes the call.</summary>
internal sealed class CredentialPool(GatewayEnvironment env, ConfigNode config, DateTimeOffset now)
{
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>The credentials, the one to use first at the beginning. Those that rest come last; they are all there is when the others
    /// fail.</summary>
    /// <param name="provider">A built-in provider.</param>
    /// <param name="isChosen">Whether the user chose it by name. Logins that belong to other programs are not looked at otherwise.</param>
    public IReadOnlyList<Credential> Of(Provider provider, bool isChosen)
    {
        using var file = AuthFile.Read(env.HermesHome);
        var found = new List<Credential>();
        var live = Seeds(provider, isChosen, file).ToList();
        foreach (var entry in file.Pool(provider.Id))
        {
            if (Stored(provider, entry, live) is { } credential) found.Add(credential);
        }

        // What stands in the file keeps its place there; the rest follows.
        int last = found.Count == 0 ? 0 : found.Max(credential => credential.Priority) + 1;
        found.AddRange(live.Where(seed => !found.Any(known => known.Key == seed.Key)).Select((seed, index) => seed with { Priority = last + index }));
        return Ordered(provider.Id, found);
    }

    private IReadOnlyList<Credential> Ordered(string provider, List<Credential> found)
    {
        var ready = found.Where(credential => !(credential.RestsUntil > now)).OrderBy(credential => credential.Priority);

        // Taking the least used one in turn goes round, too.
        IEnumerable<Credential> first = config.Find("credential_pool_strategies", provider).AsText() switch
        {
            "random" => ready.OrderBy(_ => Random.Shared.Next()),
            "least_used" or "round_robin" => ready.OrderBy(credential => credential.Uses).Select(credential => credential with { IsCounted = true }),
            _ => ready,
        };
        return [.. first, .. found.Where(credential => credential.RestsUntil > now).OrderBy(credential => credential.RestsUntil)];
    }

    private IEnumerable<Credential> Seeds(Provider provider, bool isChosen, AuthFile file)
    {
        var logins = new StoredLogins(env, file);
        IEnumerable<Credential> all = provider.Id switch
        {
            "anthropic" => [.. Variables("ANTHROPIC_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"), .. isChosen ? logins.Anthropic() : [], .. Variables("ANTHROPIC_API_KEY")],
            "openai-codex" => logins.Codex(),
            "nous" => logins.Nous(),
            "qwen-oauth" => logins.Qwen(),
            "copilot" => Variables("COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
                .Where(found => !found.Key.StartsWith("ghp_", StringComparison.Ordinal)).Select(found => found with { Login = LoginKind.Copilot }),
            // The first one counts: a key of OpenAI's would be of no use to OpenRouter once its own is used up.
            _ => Variables(provider.KeyVariables).Take(1),
        };
        return all.Where(credential => !file.IsSuppressed(provider.Id, credential.Source)).DistinctBy(credential => credential.Key);
    }

    private IEnumerable<Credential> Variables(params IEnumerable<string> names) =>
        from name in names
        let value = env.Get(name)
        where ProviderCatalog.IsUsableKey(value)
        select new Credential(value.Trim(), "env:" + name);

    // An entry stands for its source as it is now; one whose source is gone is gone with it.
    private static Credential? Stored(Provider provider, JsonElement entry, List<Credential> live)
    {
        string source = AuthFile.Text(AuthFile.Member(entry, "source")) ?? "manual";
        var seed = live.Find(candidate => candidate.Source == source);
        bool borrowed = source.StartsWith("env:", StringComparison.Ordinal) || source is "claude_code" or "hermes_pkce" or "gh_cli" or "qwen-cli";
        if (borrowed && seed is null) return null;
        var kind = seed?.Login ?? (AuthFile.Text(AuthFile.Member(entry, "auth_type")) == "oauth" ? KindOf(provider.Id) : LoginKind.Key);
        string? key = seed?.Key ?? (kind == LoginKind.Nous ? AuthFile.Text(AuthFile.Member(entry, "agent_key")) : null) ?? AuthFile.Text(AuthFile.Member(entry, "access_token"));
        if (!ProviderCatalog.IsUsableKey(key)) return null;
        return new Credential(key!.Trim(), source)
        {
            Id = AuthFile.Text(AuthFile.Member(entry, "id")),
            BaseUrl = Address(provider, kind, AuthFile.Member(entry, "inference_base_url")) ?? Address(provider, kind, AuthFile.Member(entry, "base_url")),
            Login = kind,
            Expires = seed?.Expires
                ?? (kind == LoginKind.Nous && AuthFile.Text(AuthFile.Member(entry, "agent_key")) == key ? AuthFile.Moment(AuthFile.Member(entry, "agent_key_expires_at")) : null)
                ?? AuthFile.Moment(AuthFile.Member(entry, "expires_at_ms")) ?? AuthFile.Moment(AuthFile.Member(entry, "expires_at")),
            RestsUntil = RestOf(entry),
            Priority = AuthFile.Member(entry, "priority") is { ValueKind: JsonValueKind.Number } priority && priority.TryGetInt32(out int place) ? place : int.MaxValue / 2,
            Uses = AuthFile.Member(entry, "request_count") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out long uses) ? uses : 0,
        };
    }

    private static DateTimeOffset? RestOf(JsonElement entry) =>
        AuthFile.Text(AuthFile.Member(entry, "last_status")) != "exhausted" ? null
        : AuthFile.Moment(AuthFile.Member(entry, "last_error_reset_at")) ?? RestFrom(AuthFile.Moment(AuthFile.Member(entry, "last_status_at")));

    // The year 9999 has no hour after its last.
    private static DateTimeOffset? RestFrom(DateTimeOffset? since) => since < DateTimeOffset.MaxValue - Rest ? since + Rest : since;

    private static LoginKind KindOf(string provider) => provider switch
    {
        "anthropic" => LoginKind.Anthropic,
        "openai-codex" => LoginKind.Codex,
        "nous" => LoginKind.Nous,
        "qwen-oauth" => LoginKind.Qwen,
        "copilot" => LoginKind.Copilot,
        _ => LoginKind.Key,
    };

    // The provider's usual address stands in every entry that was made from a variable, and says nothing: model.base_url may name another.
    private static string? Address(Provider provider, LoginKind kind, JsonElement element) =>
        AuthFile.Text(element)?.TrimEnd('/') is { } url && CustomProvider.IsUrl(url) && url != provider.BaseUrl.TrimEnd('/') && (kind != LoginKind.Nous || StoredLogins.IsNous(url)) ? url : null;
}
