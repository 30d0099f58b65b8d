using System.Net;
using System.Net.Sockets;
using Gateway.Diagnostics;

namespace Gateway.Agent.Models;

/// <summary>The process's HTTP connections to model endpoints. Nothing is created before the first request.</summary>
/// <param name="time">Clock for the connection race.</param>
/// <param name="tls">Whether https can work; null asks the system.</param>
internal sealed class ModelHttp(TimeProvider time, TlsLibrary? tls = null) : IDisposable
{
    private static readonly HttpRequestOptionsKey<TimeSpan> ConnectTimeoutKey = new("connect-timeout");
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(30);

    private readonly TlsLibrary _tls = tls ?? new TlsLibrary();
    private Lazy<HttpClient>? _client;

    private Lazy<HttpClient> Client => _client ?? Interlocked.CompareExchange(ref _client, new Lazy<HttpClient>(Create), null) ?? _client;

    /// <summary>Clock that the calls' timeouts run on.</summary>
    public TimeProvider Time => time;

    /// <summary>Sends a request and returns when the answer's headers are there; the body is still to be read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connectTimeout">Limit for name resolution and connecting, 30 s at most.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <exception cref="ModelException">https without OpenSSL on this machine.</exception>
    /// <exception cref="HttpRequestException">The network failed.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        if (request.RequestUri?.Scheme == Uri.UriSchemeHttps && !_tls.Present)
        {
            throw new ModelException(new ModelError(
                ModelErrorKind.Local,
                "HTTPS needs the OpenSSL library (libssl), which is not installed on this machine. Install the openssl or libssl3 package."));
        }

        request.Options.Set(ConnectTimeoutKey, connectTimeout);
        return Client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client is { IsValueCreated: true } client)
        {
            client.Value.Dispose();
        }
    }

    private HttpClient Create() => new(
        new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = DefaultConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),

            // A redirect would carry the key to another host.
            AllowAutoRedirect = false,
            UseCookies = false,

            // An answer that nobody reads any more is cut off, not read to its end.
            MaxResponseDrainSize = 0,
            ResponseDrainTimeout = TimeSpan.Zero,
        })
    {
        // Calls bring their own limits.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var limit = context.InitialRequestMessage.Options.TryGetValue(ConnectTimeoutKey, out var asked) ? asked : DefaultConnectTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var host = context.DnsEndPoint.Host;
        try
        {
            var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, both.Token);
            if (addresses.Length == 0)
            {
                throw new SocketException((int)SocketError.HostNotFound);
            }

            var socket = await HappyEyeballs.ConnectAsync(
                HappyEyeballs.Interleave(addresses),
                (address, token) => OpenAsync(address, context.DnsEndPoint.Port, token),
                time,
                both.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private static async Task<Socket> OpenAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
