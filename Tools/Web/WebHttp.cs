using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Config;
using Gateway.Diagnostics;

namespace Gateway.Tools.Web;

/// <summary>A service could not be asked; the message is for the model and the user.</summary>
/// <param name="message">What failed.</param>
/// <param name="mayPass">Whether another attempt can help.</param>
internal sealed class WebException(string message, bool mayPass = false) : Exception(message)
{
    /// <summary>Whether another attempt can help.</summary>
    public bool MayPass => mayPass;
}

/// <summary>Asks the services that search and read the web. Nothing is created before the first request.</summary>
/// <param name="handler">Sends requests in tests; null for the network.</param>
/// <param name="tls">Whether https can work; null asks the system.</param>
internal sealed class WebHttp(Func<HttpMessageHandler>? handler = null, TlsLibrary? tls = null)
{
    private const int LongestAnswer = 20 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TlsLibrary _tls = tls ?? new TlsLibrary();

    /// <summary>What sends the requests of one call. It follows no redirects, since those have to be checked first.</summary>
    /// <param name="connect">Opens connections; null: by the name in the address.</param>
    public HttpMessageHandler Handler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) =>
        handler?.Invoke() ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectCallback = connect };

    /// <summary>Makes sure that an address can be called at all: the runtime would end the process at the first https request without OpenSSL.</summary>
    /// <exception cref="WebException">It is an https address, and the library is missing.</exception>
    public void RequireTls(string url)
    {
        if (handler is null && url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) && !_tls.Present)
            throw new WebException("HTTPS needs the OpenSSL library (libssl), which is not installed on this machine. Install the openssl or libssl3 package.");
    }

    /// <summary>Posts a JSON object and reads the JSON that comes back.</summary>
    /// <param name="service">Name of the service, for errors.</param>
    /// <param name="url">Its address.</param>
    /// <param name="headers">Headers beside the content's.</param>
    /// <param name="body">Writes the members of the object.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="WebException">There is no answer that can be used.</exception>
    public async Task<JsonElement> PostAsync(string service, string url, IReadOnlyDictionary<string, string> headers, Action<Utf8JsonWriter> body, CancellationToken cancellationToken)
    {
        RequireTls(url);
        using var client = new HttpClient(Handler()) { Timeout = Limit, MaxResponseContentBufferSize = LongestAnswer };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(buffer.WrittenMemory) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode) throw new WebException(Refused(service, (int)response.StatusCode, answer));
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new WebException($"{service} sent an answer that is not JSON.");
        }
        catch (HttpRequestException exception)
        {
            throw new WebException($"{service} cannot be reached ({exception.HttpRequestError}). Check the network and try again.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebException($"{service} did not answer within {Limit.TotalSeconds:0} s.");
        }
    }

    private static string Refused(string service, int status, byte[] answer)
    {
        string text = SecretMask.Redact(System.Text.Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 300)))).ReplaceLineEndings(" ").Trim();
        return status switch
        {
            401 or 403 => $"{service} refused the API key (HTTP {status}). Check the key in .env.",
            402 or 429 => $"{service} has no more requests for this key now (HTTP {status}). Wait, or use another service (web.backend).",
            _ => $"{service} answered HTTP {status}: {text}",
        };
    }
}
