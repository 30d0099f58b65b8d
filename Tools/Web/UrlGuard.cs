using System.Net;
using System.Net.Sockets;
using Gateway.Config;

namespace Gateway.Tools.Web;

/// <summary>Which addresses tools may fetch (AGENT.md section 21): none inside the user's network, none that metadata of a cloud machine
/// stands behind, none that carries a credential away.</summary>
/// <param name="environment">Variables that open private addresses, and where lists of websites lie.</param>
/// <param name="config">The root of config.yaml.</param>
/// <param name="resolve">Finds the addresses of a name; null asks the system.</param>
internal sealed class UrlGuard(GatewayEnvironment environment, ConfigNode config, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    /// <summary>What is said of an address inside the user's network.</summary>
    public const string Internal = "Blocked: URL targets a private or internal network address";

    private bool AllowsPrivate => IsOn(environment.Get("HERMES_ALLOW_PRIVATE_URLS"))
        || config.Find("security", "allow_private_urls").AsBool(config.Find("browser", "allow_private_urls").AsBool(false));

    /// <summary>Why a URL is refused; null when it may be fetched.</summary>
    /// <param name="url">The address.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <param name="isRedirect">Whether a server named it; what is secret in it is that server's own, as in signed addresses of storage.</param>
    public async Task<string?> RefusalAsync(string url, CancellationToken cancellationToken, bool isRedirect = false)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
            return $"Invalid URL: '{url}'. Use http:// or https://.";
        if (!isRedirect && (uri.UserInfo.Length > 0 || HoldsSecret(url) || HoldsSecret(Uri.UnescapeDataString(url))))
            return "Blocked: URL contains what looks like an API key or token. Secrets must not be sent in URLs.";
        if (SiteRefusal(uri.IdnHost) is { } refusal) return refusal;
        return (await AddressesAsync(uri.IdnHost, cancellationToken)).Length == 0 ? Internal : null;
    }

    /// <summary>The addresses of a host that may be called; none when it has none or one of them is not allowed.</summary>
    public async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        host = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (host is "metadata.google.internal" or "metadata.goog") return [];
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await (resolve ?? Dns.GetHostAddressesAsync)(host, cancellationToken);
            return addresses.All(address => IsAllowed(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)) ? addresses : [];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    /// <summary>Whether the policy on websites forbids a host (security.website_blocklist).</summary>
    public string? SiteRefusal(string host)
    {
        var policy = config.Find("security", "website_blocklist");
        if (!policy.Find("enabled").AsBool(false)) return null;
        host = Site(host);
        foreach (var (rule, source) in Rules(policy))
        {
            bool matches = rule.StartsWith("*.", StringComparison.Ordinal)
                ? host.EndsWith(rule[1..], StringComparison.Ordinal)
                : host == rule || host.EndsWith("." + rule, StringComparison.Ordinal);
            if (matches) return $"Blocked by website policy: '{host}' matched rule '{rule}' from {source}";
        }

        return null;
    }

    private bool IsAllowed(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        if (length == 4)
        {
            // Link-local holds the metadata of cloud machines; it is closed whatever is configured.
            if ((bytes[0] == 169 && bytes[1] == 254) || (bytes[0], bytes[1], bytes[2], bytes[3]) == (100, 100, 100, 200)) return false;
            bool closed = bytes[0] is 0 or 10 or 127 or >= 224
                || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31)
                || (bytes[0] == 192 && bytes[1] == 168)
                || (bytes[0] == 100 && bytes[1] is >= 64 and <= 127)
                || (bytes[0] == 198 && bytes[1] is 18 or 19)
                || (bytes[0], bytes[1], bytes[2]) is (192, 0, 0) or (192, 0, 2) or (198, 51, 100) or (203, 0, 113);
            return !closed || AllowsPrivate;
        }

        if (address.Equals(IPAddress.Parse("fd00:ec2::254"))) return false;

        // Addresses of IPv4 in IPv6 clothes (NAT64, 6to4, the old ::a.b.c.d) are judged by what is inside.
        if (bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xFF && bytes[3] == 0x9B) return IsAllowed(new IPAddress(bytes[12..]));
        if (bytes[0] == 0x20 && bytes[1] == 0x02) return IsAllowed(new IPAddress(bytes[2..6]));
        if (bytes[..12].IndexOfAnyExcept((byte)0) < 0 && bytes[12..].IndexOfAnyExcept((byte)0) >= 0 && !IPAddress.IsLoopback(address)) return IsAllowed(new IPAddress(bytes[12..]));

        // Teredo and 6to4-like tunnels hide where they lead; documentation and discard addresses lead nowhere.
        bool tunnel = bytes[0] == 0x20 && bytes[1] == 0x01 && ((bytes[2] == 0 && bytes[3] == 0) || (bytes[2] == 0x0D && bytes[3] == 0xB8));
        bool reserved = tunnel || (bytes[0] == 0x01 && bytes[1..8].IndexOfAnyExcept((byte)0) < 0) || IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.IsIPv6SiteLocal || (bytes[0] & 0xFE) == 0xFC;
        return !reserved || AllowsPrivate;
    }

    private IEnumerable<(string Rule, string Source)> Rules(ConfigNode policy)
    {
        foreach (string rule in policy.Find("domains").Items.Select(item => Site(item.AsText() ?? "")).Where(rule => rule.Length > 0)) yield return (rule, "config");
        foreach (string file in policy.Find("shared_files").Items.Select(item => item.AsText() ?? ""))
            foreach (string rule in Lines(Path.Combine(environment.HermesHome, environment.ExpandHome(file)))) yield return (rule, file);
    }

    // A list that cannot be read forbids nothing.
    private static IEnumerable<string> Lines(string path)
    {
        try
        {
            return [.. (HomeFile.ReadText(path) ?? "").Split('\n').Select(line => Site(line.Split('#')[0])).Where(rule => rule.Length > 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Site(string host)
    {
        host = host.Trim().TrimEnd('.').ToLowerInvariant();
        if (host.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(host, UriKind.Absolute, out var uri)) host = uri.IdnHost;
        return host.StartsWith("www.", StringComparison.Ordinal) ? host[4..] : host;
    }

    private static bool HoldsSecret(string url) => SecretMask.Redact(url) != url;

    private static bool IsOn(string? value) => value?.ToLowerInvariant() is "1" or "true" or "yes" or "on";
}
