namespace Gateway.Config;

/// <summary>An endpoint the user named in <c>custom_providers</c> or <c>providers</c> (CONFIG.md 3).</summary>
/// <param name="Key">Its key in the configuration, or its slug in the older list form.</param>
/// <param name="Name">Its display name.</param>
/// <param name="BaseUrl">Endpoint without a trailing slash.</param>
/// <param name="Node">The whole entry.</param>
internal sealed record CustomProvider(string Key, string Name, string BaseUrl, ConfigNode Node)
{
    /// <summary>The name as it is referred to: lower case, spaces as hyphens.</summary>
    public string Slug => Slugify(Name);

    /// <summary>The key written in the entry; null when there is none.</summary>
    public string? ApiKey => Text(Node, "api_key", "apiKey");

    /// <summary>The variable that holds the key.</summary>
    public string? KeyVariable => Text(Node, "key_env", "api_key_env", "keyEnv", "apiKeyEnv");

    /// <summary>The wire format asked for.</summary>
    public string? ApiMode => Text(Node, "api_mode", "transport", "apiMode");

    /// <summary>The model to use when none is chosen.</summary>
    public string? DefaultModel => Text(Node, "default_model", "model", "defaultModel");

    /// <summary>Model ids listed in the entry, in file order.</summary>
    public IReadOnlyList<string> Models =>
        [.. Node.Find("models").Entries.Select(entry => entry.Key), .. Node.Find("models").Items.Select(item => item.AsText()).OfType<string>()];

    /// <summary>All usable entries, the list form first; entries without a proper address are left out, repeated ones as well.</summary>
    public static IReadOnlyList<CustomProvider> All(ConfigNode config)
    {
        var found = new List<CustomProvider>();
        foreach (var item in config.Find("custom_providers").Items)
        {
            Add(found, null, item);
        }

        foreach (var (key, item) in config.Find("providers").Entries)
        {
            Add(found, key, item);
        }

        return found;
    }

    /// <summary>The entry a provider name refers to; null when there is none. A bare built-in id or alias never refers to an entry.</summary>
    public static CustomProvider? Find(ConfigNode config, string provider)
    {
        var wanted = provider.Trim();
        if (wanted.StartsWith("custom:", StringComparison.OrdinalIgnoreCase))
        {
            wanted = wanted["custom:".Length..];
        }
        else if (ProviderCatalog.Find(wanted) is not null)
        {
            return null;
        }

        var slug = Slugify(wanted);
        return All(config).FirstOrDefault(entry => entry.Slug == slug || Slugify(entry.Key) == slug);
    }

    /// <summary>Scheme and host must be there.</summary>
    public static bool IsUrl(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0;

    /// <summary>The first non-empty text among several spellings of a key.</summary>
    public static string? Text(ConfigNode node, params ReadOnlySpan<string> spellings)
    {
        foreach (var spelling in spellings)
        {
            if (node.Find(spelling).AsText() is { } text)
            {
                return text;
            }
        }

        return null;
    }

    private static void Add(List<CustomProvider> found, string? key, ConfigNode item)
    {
        var baseUrl = Text(item, "base_url", "url", "api", "baseUrl");
        if (!IsUrl(baseUrl))
        {
            return;
        }

        var name = Text(item, "name") ?? key;
        if (name is null)
        {
            return;
        }

        var entry = new CustomProvider(key ?? Slugify(name), name, baseUrl!.TrimEnd('/'), item);
        if (!found.Any(other => other.Slug == entry.Slug && other.BaseUrl == entry.BaseUrl))
        {
            found.Add(entry);
        }
    }

    private static string Slugify(string name) => name.Trim().ToLowerInvariant().Replace(' ', '-');
}
