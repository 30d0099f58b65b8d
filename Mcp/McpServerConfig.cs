using System.Collections.Immutable;
using Gateway.Config;

namespace Gateway.Mcp;

/// <summary>One server of section <c>mcp_servers</c> (CONFIG.md 6).</summary>
/// <param name="Name">Its name there.</param>
internal sealed record McpServerConfig(string Name)
{
    /// <summary>Program of a server on standard input and output; null for one on the network.</summary>
    public string? Command { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables it gets beside the few that every server gets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Where it runs; null for the working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Address of a server on the network; wins over a command.</summary>
    public Uri? Url { get; init; }

    /// <summary>Headers for it.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether its certificate is checked; only the user can do without.</summary>
    public bool ChecksCertificate { get; init; } = true;

    /// <summary>File with the certificates (PEM) that are trusted for it, in place of the system's; null for those.</summary>
    public string? Authorities { get; init; }

    /// <summary>How one logs in to it; null for a server without a login.</summary>
    public McpOAuthOptions? OAuth { get; init; }

    /// <summary>Limit of a call; default 120 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Limit of connecting; default 60 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The only tools that are taken, by the server's own names; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Tools that are left out, unless some are included.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether its resources are offered.</summary>
    public bool Resources { get; init; } = true;

    /// <summary>Whether its prompts are offered.</summary>
    public bool Prompts { get; init; } = true;

    /// <summary>How it may use the model.</summary>
    public McpSamplingOptions Sampling { get; init; } = new();

    /// <summary>How it may ask the user.</summary>
    public McpElicitationOptions Elicitation { get; init; } = new();

    /// <summary>What is wrong with the entry; null when nothing is.</summary>
    public string? Problem { get; init; }

    // All but what is compared by its members, and the choice of tools, which needs no other connection.
    private McpServerConfig Plain => this with
    {
        Arguments = Array.Empty<string>(),
        Environment = ImmutableDictionary<string, string>.Empty,
        Url = null,
        Headers = ImmutableDictionary<string, string>.Empty,
        Include = Array.Empty<string>(),
        Exclude = Array.Empty<string>(),
        Resources = true,
        Prompts = true,
        Sampling = Sampling with { AllowedModels = Array.Empty<string>() },
    };

    /// <summary>Whether a connection that was made for one entry serves the other as well: they differ in the choice of tools at most.</summary>
    public bool ConnectsLike(McpServerConfig other) =>
        Plain == other.Plain
        && Url?.OriginalString == other.Url?.OriginalString
        && Arguments.SequenceEqual(other.Arguments)
        && Sampling.AllowedModels.SequenceEqual(other.Sampling.AllowedModels)
        && Same(Environment, other.Environment)
        && Same(Headers, other.Headers);

    /// <summary>Whether a tool of the server is taken.</summary>
    public bool Takes(string tool) => Include.Count > 0 ? Include.Contains(tool) : !Exclude.Contains(tool);

    /// <summary>The servers that are on.</summary>
    public static IReadOnlyList<McpServerConfig> Read(ConfigNode config, GatewayEnvironment environment) =>
    [
        .. config.Find("mcp_servers").Expand(environment).Entries
            .Where(entry => IsOn(entry.Value.Find("enabled")))
            .Select(entry => Of(entry.Key, entry.Value, environment)),
    ];

    private static McpServerConfig Of(string name, ConfigNode node, GatewayEnvironment environment)
    {
        string? url = Text(node, "url"), command = Text(node, "command");
        Uri? address = null;
        string? problem = null;
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https"))) problem = "its url is not an http address";
        else if (url is null && command is null) problem = "it has neither command nor url";
        var tools = node.Find("tools");
        var (checks, authorities) = CertificateOf(node.Find("ssl_verify"), environment);
        if (problem is null && address?.Scheme == Uri.UriSchemeHttps && authorities is not null && !File.Exists(authorities)) problem = $"its ssl_verify names {authorities}, and there is no such file";
        return new McpServerConfig(name)
        {
            Command = command,
            Arguments = Texts(node.Find("args")),
            Environment = Map(node.Find("env")),
            WorkingDirectory = Text(node, "cwd"),
            Url = problem is null ? address : null,
            Headers = Map(node.Find("headers")),
            ChecksCertificate = checks,
            Authorities = authorities,
            OAuth = Text(node, "auth")?.ToLowerInvariant() == "oauth" ? OAuthOf(node.Find("oauth")) : null,
            Timeout = Seconds(node, "timeout", 120),
            ConnectTimeout = Seconds(node, "connect_timeout", 60),
            Include = Texts(tools.Find("include")),
            Exclude = Texts(tools.Find("exclude")),
            Resources = tools.Find("resources").AsBool(true),
            Prompts = tools.Find("prompts").AsBool(true),
            Sampling = SamplingOf(node.Find("sampling")),
            Elicitation = new McpElicitationOptions
            {
                Enabled = node.Find("elicitation", "enabled").AsBool(false),
                Timeout = Seconds(node.Find("elicitation"), "timeout", 300),
            },
            Problem = problem,
        };
    }

    // A switch, or the file to trust; nothing that is not clearly an "off" switches the check off.
    private static (bool Checks, string? Authorities) CertificateOf(ConfigNode node, GatewayEnvironment environment)
    {
        if (!IsOn(node)) return (false, null);
        if (node.Kind == ConfigKind.Boolean || node.AsText()?.Trim() is not { Length: > 0 } text || text.ToLowerInvariant() is "true" or "yes" or "on" or "1") return (true, null);
        return (true, Path.GetFullPath(environment.ExpandHome(text), environment.WorkingDirectory));
    }

    private static McpSamplingOptions SamplingOf(ConfigNode node) => new()
    {
        Enabled = IsOn(node) && IsOn(node.Find("enabled")),
        Model = Text(node, "model"),
        MostTokens = node.Find("max_tokens_cap").AsInt() is > 0 and var tokens ? tokens : 4096,
        Timeout = Seconds(node, "timeout", 30),
        MostPerMinute = node.Find("max_rpm").AsInt() is > 0 and var requests ? requests : 10,
        AllowedModels = Texts(node.Find("allowed_models")),
        MostToolRounds = node.Find("max_tool_rounds").AsInt() is >= 0 and var rounds ? rounds : 5,
        LogLevel = Text(node, "log_level")?.ToLowerInvariant() ?? "info",
    };

    private static McpOAuthOptions OAuthOf(ConfigNode node) => new()
    {
        ClientId = Text(node, "client_id"),
        ClientSecret = Text(node, "client_secret"),
        Scope = Text(node, "scope"),
        RedirectPort = node.Find("redirect_port").AsInt() is > 0 and <= ushort.MaxValue and var port ? port : 0,
        ClientName = Text(node, "client_name") ?? "Hermes Agent",
        Timeout = Seconds(node, "timeout", 300),
    };

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    private static bool IsOn(ConfigNode node) => node.Kind == ConfigKind.Boolean ? node.AsBool(true) : node.AsText()?.Trim().ToLowerInvariant() is not ("false" or "no" or "off" or "0");

    private static TimeSpan Seconds(ConfigNode node, string name, int fallback) => TimeSpan.FromSeconds(node.Find(name).AsDouble() is > 0 and < 86_400 and var seconds ? seconds : fallback);

    private static string? Text(ConfigNode node, string name) => node.Find(name).AsText()?.Trim() is { Length: > 0 } text ? text : null;

    private static IReadOnlyList<string> Texts(ConfigNode list) => [.. list.Items.Select(item => item.AsText()).OfType<string>()];

    private static ImmutableDictionary<string, string> Map(ConfigNode map) =>
        map.Entries.Where(entry => entry.Value.AsText() is not null).ToImmutableDictionary(entry => entry.Key, entry => entry.Value.AsText()!);
}
