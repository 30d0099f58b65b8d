using System.Net;
using System.Net.Sockets;

namespace Gateway.Config;

/// <summary>What an endpoint's address says about it (CONFIG.md 4.2, AGENT.md 3.6).</summary>
internal static class EndpointUrl
{
    /// <summary>Loopback, private, link-local and 100.64/10 addresses, and the host names of container engines.</summary>
    public static bool IsLocal(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return false;
        }

        var host = uri.Host.Trim('[', ']').ToLowerInvariant();
        return host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || host.EndsWith(".docker.internal", StringComparison.Ordinal)
            || host.EndsWith(".containers.internal", StringComparison.Ordinal) || host.EndsWith(".lima.internal", StringComparison.Ordinal)
            || (IPAddress.TryParse(host, out var address) && IsLocal(address));
    }

    /// <summary>True for loopback addresses and names.</summary>
    public static bool IsLoopback(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <summary>The host, lower case; "" when the text is no address.</summary>
    public static string Host(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host.ToLowerInvariant() : "";

    /// <summary>True for a host itself and its sub-domains.</summary>
    public static bool IsHost(string? url, string host) =>
        Host(url) is var actual && (actual == host || actual.EndsWith("." + host, StringComparison.Ordinal));

    /// <summary>True when the address is known for the Anthropic format: a path ending in /anthropic, or Kimi's coding endpoint.</summary>
    public static bool SpeaksAnthropic(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.AbsolutePath.TrimEnd('/').EndsWith("/anthropic", StringComparison.OrdinalIgnoreCase)
            || IsHost(url, "api.anthropic.com")
            || (IsHost(url, "api.kimi.com") && uri.AbsolutePath.StartsWith("/coding", StringComparison.OrdinalIgnoreCase)));

    /// <summary>True when the address is known for the Responses format: OpenAI's and xAI's own services.</summary>
    public static bool SpeaksResponses(string url) => IsHost(url, "api.openai.com") || IsHost(url, "api.x.ai");

    private static bool IsLocal(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
        {
            return true;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        return bytes[0] is 10 or 127
            || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31)
            || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 169 && bytes[1] == 254)
            || (bytes[0] == 100 && bytes[1] is >= 64 and <= 127);
    }
}
