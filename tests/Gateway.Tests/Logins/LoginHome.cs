using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.Logins;

/// <summary>A home with logins in it.</summary>
internal sealed class LoginHome : IDisposable
{
    private readonly ConfigTestHome _home = new();

    public ConfigTestHome Home => _home;

    /// <summary>auth.json as it stands now.</summary>
    public JsonNode Auth
    {
        get => JsonNode.Parse(File.ReadAllText(Path.Combine(_home.Home, "auth.json")))!;
        set => _home.Write("hermes/auth.json", value.ToJsonString());
    }

    public GatewayEnvironment Environment(params (string, string)[] variables) => _home.Environment(variables);

    public ModelResolution Resolve(string yaml, params (string, string)[] variables) =>
        ModelResolver.Resolve(_home.Environment(variables), ConfigTestHome.Parse(yaml));

    /// <summary>The credentials of the endpoint that a configuration leads to, in their order.</summary>
    public string Order(string yaml, params (string, string)[] variables)
    {
        var resolution = Resolve(yaml, variables);
        if (resolution.Endpoint is not { } endpoint) return resolution.Problem!;
        return endpoint.Credentials.Count == 0 ? "only " + endpoint.ApiKey : string.Join(' ', endpoint.Credentials.Select(credential => credential.Key));
    }

    /// <summary>An unsigned JSON web token.</summary>
    public static string Token(string claims)
    {
        static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        return $"{Part("""{"alg":"none"}""")}.{Part(claims)}.sig";
    }

    /// <summary>A token that ends so many seconds from now.</summary>
    public static string Ending(int seconds, string more = "") => Token($$"""{"exp":{{DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds()}}{{more}}}""");

    public void Dispose() => _home.Dispose();
}
