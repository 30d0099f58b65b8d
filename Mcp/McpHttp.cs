using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Diagnostics;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Client;

namespace Gateway.Mcp;

/// <summary>The certificates that a server is to be checked with cannot be used; the message is for people.</summary>
internal sealed class McpCertificateException(string message) : IOException(message);

/// <summary>The way to servers on the network.</summary>
internal static class McpHttp
{
    // A stream of its own, and one for each call that is under way; further calls wait.
    private const int MostConnections = 32;

    /// <summary>A transport to a server.</summary>
    /// <param name="server">The server; has an address.</param>
    /// <param name="login">How its login is used; null for none.</param>
    /// <param name="traffic">Counts what it answers.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The file of certificates cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">HTTPS cannot work on this machine.</exception>
    public static IClientTransport Transport(McpServerConfig server, ClientOAuthOptions? login, McpTraffic traffic, TimeProvider time)
    {
        // Without the library the runtime would end the process.
        if (server.Url!.Scheme == Uri.UriSchemeHttps && !new TlsLibrary().Present) throw new PlatformNotSupportedException("HTTPS needs the OpenSSL library (libssl), which is not installed on this machine");
        var options = new HttpClientTransportOptions
        {
            Endpoint = server.Url,
            Name = server.Name,
            AdditionalHeaders = new Dictionary<string, string>(server.Headers, StringComparer.OrdinalIgnoreCase),
            ConnectionTimeout = server.ConnectTimeout,
            TransportMode = HttpTransportMode.AutoDetect,
            OAuth = login,
        };

        // The limits are ours (timeout, connect_timeout); the client's own 100 s would end calls that may take longer.
        var handler = new McpHttpLimits(new McpRedirects(Handler(server), server.Headers.Keys), traffic, time);
        return new McpGuardedTransport(new HttpClientTransport(options, new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, null, ownsHttpClient: true), traffic);
    }

    private static SocketsHttpHandler Handler(McpServerConfig server)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = MostConnections };
        if (server.Url!.Scheme != Uri.UriSchemeHttps) return handler;

        // What the user asked for, for this server alone; the log has a warning.
        if (!server.ChecksCertificate)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (stream, _, _, problems) =>
                problems == SslPolicyErrors.None || (stream is SslStream { TargetHostName: var host } && host.Equals(server.Url.IdnHost, StringComparison.OrdinalIgnoreCase));
        }
        else if (server.Authorities is { } file) handler.SslOptions.CertificateChainPolicy = Trusting(file);
        return handler;
    }

    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new McpCertificateException($"the certificates in {file} (ssl_verify) cannot be read");
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new McpCertificateException($"{file} (ssl_verify) has no certificates in PEM form");
    }
}
