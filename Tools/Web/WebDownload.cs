using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tools.Web;

/// <summary>Fetches a file from an address that a model names. Every address on the way is checked, and the connection goes to the very
/// address that was checked, so that no name leads into the user's network at the second look-up.</summary>
internal sealed class WebDownload(WebHttp http, UrlGuard guard, TimeProvider time)
{
    private const int Attempts = 3;
    private const int MostRedirects = 5;
    private const int Chunk = 64 * 1024;

    /// <summary>Fetches a file; tries again what may pass.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="most">Most bytes it may have.</param>
    /// <param name="timeout">How long one attempt may take.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="WebException">There is no file to be had, or it may not be fetched.</exception>
    public async Task<ReadOnlyMemory<byte>> GetAsync(string url, int most, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(url, most, timeout, cancellationToken);
            }
            catch (WebException failure) when (failure.MayPass && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken);
            }
        }
    }

    private async Task<ReadOnlyMemory<byte>> AttemptAsync(string url, int most, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string address = url;
        try
        {
            using var client = new HttpClient(http.Handler(ConnectAsync)) { Timeout = Timeout.InfiniteTimeSpan };
            for (int redirects = 0; redirects <= MostRedirects; redirects++)
            {
                if (await guard.RefusalAsync(address, either.Token, isRedirect: redirects > 0) is { } refusal) throw new WebException(refusal);
                http.RequireTls(address);
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (compatible; tui-gateway)");
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
                int status = (int)response.StatusCode;
                if (status is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } target)
                {
                    address = new Uri(request.RequestUri!, target).AbsoluteUri;
                    continue;
                }

                if (!response.IsSuccessStatusCode) throw new WebException($"{Host(address)} answered HTTP {status}.", mayPass: status is 429 or >= 500);
                return await ReadAsync(response.Content, address, most, either.Token);
            }

            throw new WebException($"{Host(url)} leads from one address to the next without end.");
        }
        catch (HttpRequestException exception) when (exception.InnerException is WebException refused)
        {
            throw refused;
        }
        catch (HttpRequestException exception)
        {
            throw new WebException($"{Host(address)} cannot be reached ({exception.HttpRequestError}). Check the address and the network.", mayPass: true);
        }
        catch (IOException)
        {
            throw new WebException($"{Host(address)} broke off in the middle of the file.", mayPass: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebException(string.Create(CultureInfo.InvariantCulture, $"{Host(address)} did not send the file within {timeout.TotalSeconds:0.#} s."), mayPass: true);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, string address, int most, CancellationToken cancellationToken)
    {
        var tooLarge = new WebException($"The file at {Host(address)} has more than {most / (1024 * 1024)} MB, the most that is fetched.");
        if (content.Headers.ContentLength > most) throw tooLarge;
        using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var kept = new MemoryStream();
        var buffer = new byte[Chunk];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            // What the header says may be absent or wrong.
            if (kept.Length + count > most) throw tooLarge;
            kept.Write(buffer.AsSpan(0, count));
        }

        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // A proxy is the user's own choice and may stand in their network.
        var (host, request) = (context.DnsEndPoint.Host, context.InitialRequestMessage);
        bool isDirect = request.Method != HttpMethod.Connect && host.Equals(request.RequestUri?.IdnHost, StringComparison.OrdinalIgnoreCase);
        var addresses = isDirect ? await guard.AddressesAsync(host, cancellationToken) : await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (addresses.Length == 0) throw new WebException(UrlGuard.Internal);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.IdnHost : url;
}
