using Gateway.Diagnostics;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Client;

namespace Gateway.Mcp;

/// <summary>The way to servers on the network.</summary>
internal static class McpHttp
{
    /// <summary>A transport to a server.</summary>
    /// <param name="server">The server; has an address.</param>
    /// <param name="login">How its login is used; null for none.</param>
    /// <exception cref="PlatformNotSupportedException">HTTPS cannot work on this machine.</exception>
    public static IClientTransport Transport(McpServerConfig server, ClientOAuthOptions? login)
    {
        // Without the library the runtime would end the process.
        if (server.Url!.Scheme == Uri.UriSchemeHttps && !new TlsLibrary().Present) throw new PlatformNotSupportedException("HTTPS needs the OpenSSL library (libssl), which is not installed on this machine");
        return new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = server.Url,
            Name = server.Name,
            AdditionalHeaders = new Dictionary<string, string>(server.Headers, StringComparer.OrdinalIgnoreCase),
            ConnectionTimeout = server.ConnectTimeout,
            TransportMode = HttpTransportMode.AutoDetect,
            OAuth = login,
        });
    }
}
