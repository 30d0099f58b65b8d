using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tools.Web;

/// <summary>One hit of a search.</summary>
internal sealed record WebHit(string Title, string Url, string Description);

/// <summary>One page that was read.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Title">Its title, "" if unknown.</param>
/// <param name="Content">Its text; "" when there is none.</param>
/// <param name="Error">Why there is none; null when there is one.</param>
internal sealed record WebPage(string Url, string Title, string Content, string? Error = null)
{
    /// <summary>Addresses that the service says it was led to; the first may be that which was asked for.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];
}

/// <summary>A service that searches the web and reads pages (AGENT.md section 11, CONFIG.md web.backend).</summary>
/// <param name="Name">firecrawl, parallel, tavily or exa.</param>
/// <param name="Key">Its key, "" if there is none.</param>
/// <param name="Address">Base of its addresses, without a final slash.</param>
internal sealed record WebBackend(string Name, string Key, string Address)
{
    private const int PageLimit = 20;

    /// <summary>The service that is configured, else the first with a key; null when there is none that can be used.</summary>
    public static WebBackend? Of(GatewayEnvironment environment, ConfigNode config)
    {
        string[] names = Chosen(config) is { } chosen ? [chosen] : ["firecrawl", "parallel", "tavily", "exa"];
        foreach (string name in names)
        {
            string key = environment.Get(KeyName(name)) ?? "";
            string? own = name == "firecrawl" ? environment.Get("FIRECRAWL_API_URL") : null;
            if (key.Length > 0 || own is not null) return new WebBackend(name, key, own?.TrimEnd('/') ?? Home(name));
        }

        return null;
    }

    /// <summary>Why the service that is configured cannot be used; null when it can, or none is configured.</summary>
    public static string? Problem(GatewayEnvironment environment, ConfigNode config) => Chosen(config) is { } chosen && Of(environment, config) is null
        ? $"web.backend is {chosen}, but {KeyName(chosen)} is not set, so there are no web tools. Put the key into {environment.DotEnvPath}, or choose another backend."
        : null;

    /// <summary>Searches.</summary>
    /// <exception cref="WebException">The service gave no usable answer.</exception>
    public async Task<IReadOnlyList<WebHit>> SearchAsync(WebHttp http, string query, int limit, CancellationToken cancellationToken)
    {
        string path = Name switch { "firecrawl" => "/v2/search", "parallel" => "/v1beta/search", _ => "/search" };
        var answer = await http.PostAsync(Name, Address + path, Headers(), json =>
        {
            switch (Name)
            {
                case "tavily":
                    json.WriteString("query", query);
                    json.WriteNumber("max_results", Math.Min(limit, PageLimit));
                    json.WriteBoolean("include_raw_content", false);
                    json.WriteBoolean("include_images", false);
                    json.WriteString("api_key", Key);
                    break;
                case "exa":
                    json.WriteString("query", query);
                    json.WriteNumber("numResults", limit);
                    json.WriteStartObject("contents");
                    json.WriteBoolean("highlights", true);
                    json.WriteEndObject();
                    break;
                case "parallel":
                    json.WriteString("objective", query);
                    ToolJson.Strings(json, "search_queries", [query]);
                    json.WriteNumber("max_results", Math.Min(limit, PageLimit));
                    break;
                default:
                    json.WriteString("query", query);
                    json.WriteNumber("limit", limit);
                    break;
            }
        }, cancellationToken);
        var list = Name == "firecrawl" ? Member(answer, "data") is { ValueKind: JsonValueKind.Object } data ? Member(data, "web") : Member(answer, "data") : Member(answer, "results");
        return [.. Items(list).Select(hit => new WebHit(Text(hit, "title"), Text(hit, "url"), Description(hit))).Take(limit)];
    }

    /// <summary>Reads pages. Every address gets an answer.</summary>
    /// <exception cref="WebException">The service gave no usable answer.</exception>
    public async Task<IReadOnlyList<WebPage>> ExtractAsync(WebHttp http, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        if (Name == "firecrawl") return await Task.WhenAll(urls.Select(url => ScrapeAsync(http, url, cancellationToken)));
        string path = Name switch { "parallel" => "/v1beta/extract", "exa" => "/contents", _ => "/extract" };
        var answer = await http.PostAsync(Name, Address + path, Headers(), json =>
        {
            ToolJson.Strings(json, "urls", urls);
            if (Name == "tavily")
            {
                json.WriteBoolean("include_images", false);
                json.WriteString("api_key", Key);
            }

            if (Name == "exa") json.WriteBoolean("text", true);
            if (Name == "parallel") json.WriteBoolean("full_content", true);
        }, cancellationToken);
        var pages = Items(Member(answer, "results")).Select(page => new WebPage(Text(page, "url"), Text(page, "title"), Content(page))).ToList();
        foreach (var failed in Items(Member(answer, "failed_results")).Concat(Items(Member(answer, "errors"))))
            pages.Add(new WebPage(Text(failed, "url"), "", "", Text(failed, "error") is { Length: > 0 } error ? error : $"{Name} could not read the page"));
        return [.. urls.Select(url => pages.FirstOrDefault(page => Same(page.Url, url)) ?? new WebPage(url, "", "", $"{Name} sent nothing for this page"))];
    }

    private async Task<WebPage> ScrapeAsync(WebHttp http, string url, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await http.PostAsync(Name, Address + "/v2/scrape", Headers(), json =>
            {
                json.WriteString("url", url);
                ToolJson.Strings(json, "formats", ["markdown"]);
            }, cancellationToken);
            var data = Member(answer, "data");
            var about = Member(data, "metadata");
            string content = Text(data, "markdown");
            return new WebPage(url, Text(about, "title"), content, content.Length == 0 ? $"{Name} found no text on the page" : null)
            {
                Places = [.. new[] { Text(about, "sourceURL"), Text(about, "url") }.Where(place => place.Length > 0 && !Same(place, url)).Distinct(StringComparer.Ordinal)],
            };
        }
        catch (WebException exception)
        {
            return new WebPage(url, "", "", exception.Message);
        }
    }

    private Dictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Key.Length == 0 || Name == "tavily") return headers;
        headers[Name == "firecrawl" ? "Authorization" : "x-api-key"] = Name == "firecrawl" ? "Bearer " + Key : Key;
        if (Name == "parallel") headers["parallel-beta"] = "search-extract-2025-10-10";
        return headers;
    }

    private static string Description(JsonElement hit)
    {
        foreach (string name in (ReadOnlySpan<string>)["description", "content", "snippet"])
            if (Text(hit, name) is { Length: > 0 } text) return text;
        return string.Join(" … ", Items(Member(hit, "highlights")).Concat(Items(Member(hit, "excerpts"))).Select(item => ArgumentText.OrNull(item)).OfType<string>());
    }

    private static string Content(JsonElement page)
    {
        foreach (string name in (ReadOnlySpan<string>)["raw_content", "full_content", "text", "content"])
            if (Text(page, name) is { Length: > 0 } text) return text;
        return string.Join("\n\n", Items(Member(page, "excerpts")).Select(item => ArgumentText.OrNull(item)).OfType<string>());
    }

    private static bool Same(string one, string other) => string.Equals(one.TrimEnd('/'), other.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static JsonElement Member(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static string Text(JsonElement value, string name) => Member(value, name) is { ValueKind: JsonValueKind.String } text ? ArgumentText.OrNull(text) ?? "" : "";

    private static string? Chosen(ConfigNode config) =>
        config.Find("web", "backend").AsText()?.ToLowerInvariant() is ("firecrawl" or "parallel" or "tavily" or "exa") and var chosen ? chosen : null;

    private static string KeyName(string name) => name.ToUpperInvariant() + "_API_KEY";

    private static string Home(string name) => name switch
    {
        "parallel" => "https://api.parallel.ai",
        "tavily" => "https://api.tavily.com",
        "exa" => "https://api.exa.ai",
        _ => "https://api.firecrawl.dev",
    };
}
