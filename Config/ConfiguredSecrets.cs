using System.Collections.Frozen;

namespace Gateway.Config;

/// <summary>The secrets that config.yaml names or holds: variables with keys of providers (<c>key_env</c>), what MCP servers get in their
/// environment and headers, and keys that are written out. The one place that says which they are.</summary>
/// <param name="Variables">Names of environment variables that hold a secret.</param>
/// <param name="Values">The secrets themselves, those of the variables included.</param>
internal sealed record ConfiguredSecrets(IReadOnlySet<string> Variables, IReadOnlyCollection<string> Values)
{
    private const int Shortest = 8;

    // What a server may well be given without its being a secret. Commands could not work without some of it.
    private static readonly FrozenSet<string> Ordinary = new[]
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TMPDIR", "TMP", "TEMP", "TZ", "PWD", "OLDPWD", "HOSTNAME", "DISPLAY",
        "WAYLAND_DISPLAY", "EDITOR", "VISUAL", "PAGER", "VIRTUAL_ENV", "PYTHONPATH", "NODE_PATH", "NODE_ENV", "JAVA_HOME", "GOPATH", "SSH_AUTH_SOCK",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_PROXY", "no_proxy", "HERMES_HOME", "TERMINAL_CWD",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads a configuration as it is written, variables not yet put in.</summary>
    /// <param name="config">Its root.</param>
    /// <param name="environment">Where the variables are.</param>
    public static ConfiguredSecrets Of(ConfigNode config, GatewayEnvironment environment)
    {
        var search = new Search(environment);
        search.Walk(config, "", Place.Elsewhere);
        return new ConfiguredSecrets(search.Variables, search.Values);
    }

    /// <summary>What a text is found in.</summary>
    private enum Place
    {
        /// <summary>Any setting: names and values tell what it is.</summary>
        Elsewhere,

        /// <summary>The environment of an MCP server.</summary>
        Environment,

        /// <summary>Headers, which are there for credentials.</summary>
        Headers,
    }

    private sealed class Search(GatewayEnvironment environment)
    {
        public HashSet<string> Variables { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Values { get; } = new(StringComparer.Ordinal);

        public void Walk(ConfigNode node, string name, Place place)
        {
            foreach (var item in node.Items) Walk(item, name, place);
            foreach (var (key, value) in node.Entries) Walk(value, key, value.IsMap ? Below(key, place) : place);
            if (node.Kind == ConfigKind.Text && node.AsText() is { } text) Take(name, text, place);
        }

        private static Place Below(string key, Place place) =>
            key == "env" ? Place.Environment : key.EndsWith("headers", StringComparison.OrdinalIgnoreCase) ? Place.Headers : place;

        private void Take(string name, string text, Place place)
        {
            if (NamesKeyVariable(name) && IsName(text))
            {
                Variables.Add(text);
                if (environment.Get(text) is { } key) Values.Add(key.Trim());
                return;
            }

            bool called = SecretMask.IsSecretName(name), isCredential = SecretMask.IsCredentialName(name);
            if (place == Place.Environment && environment.Get(name) is { } own && !IsOrdinary(name) && IsSecret(own, sure: false, isCredential)) Keep(name, own);
            foreach (string variable in References(text))
            {
                if (environment.Get(variable) is not { } value || IsOrdinary(variable)) continue;
                if (IsSecret(value, place != Place.Elsewhere || called, SecretMask.IsCredentialName(variable))) Keep(variable, value);
            }

            if (text.Contains("${", StringComparison.Ordinal)) return;
            if (place == Place.Headers) Values.UnionWith(text.Split(' ').Where(part => IsSecret(part, called, called)));
            else if ((called || isCredential || place == Place.Environment) && IsSecret(text, sure: false, isCredential)) Values.Add(text);
        }

        private void Keep(string variable, string value)
        {
            Variables.Add(variable);
            Values.Add(value.Trim());
        }
    }

    // A word such as "production" is none, unless it is called a password.
    private static bool IsSecret(string value, bool sure, bool named)
    {
        value = value.Trim();
        if (value.Length < Shortest || SecretLiteral.IsPath(value) || SecretLiteral.IsPlaceholder(value)) return false;
        return named || KnownSecrets.LooksLikeKey(value) || (sure && value.AsSpan().ContainsAnyExceptInRange('a', 'z') && !value.All(unit => char.IsAsciiDigit(unit) || unit is '.' or '-'));
    }

    private static bool IsOrdinary(string variable) =>
        Ordinary.Contains(variable) || variable.StartsWith("LC_", StringComparison.Ordinal) || variable.StartsWith("XDG_", StringComparison.Ordinal);

    // key_env, api_key_env, keyEnv, token_env_var, … of whatever section.
    private static bool NamesKeyVariable(string name)
    {
        string plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (plain.EndsWith("var", StringComparison.Ordinal)) plain = plain[..^3];
        else if (plain.EndsWith("variable", StringComparison.Ordinal)) plain = plain[..^8];
        return plain.EndsWith("env", StringComparison.Ordinal) && plain.Length > 3 && (SecretMask.IsSecretName(plain[..^3]) || plain.EndsWith("keyenv", StringComparison.Ordinal));
    }

    private static bool IsName(string text) => !text.AsSpan().ContainsAnyExcept(SecretMask.NameCharacters) && !char.IsAsciiDigit(text[0]);

    private static IEnumerable<string> References(string text)
    {
        for (int start = text.IndexOf("${", StringComparison.Ordinal); start >= 0; start = text.IndexOf("${", start + 2, StringComparison.Ordinal))
        {
            int end = text.IndexOf('}', start);
            if (end < 0) yield break;
            string name = text[(start + 2)..end];
            if (name.Length > 0 && IsName(name)) yield return name;
        }
    }
}
