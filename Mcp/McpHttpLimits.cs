using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Mcp;

/// <summary>Bounds what servers on the network answer, whoever reads it: no document and no event without end, and streams are not asked for
/// again and again.</summary>
/// <param name="inner">Sends.</param>
/// <param name="traffic">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class McpHttpLimits(HttpMessageHandler inner, McpTraffic traffic, TimeProvider time) : DelegatingHandler(inner)
{
    private readonly Lock _gate = new();
    private long _nextStream = time.GetTimestamp();

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (traffic.Reason is { } reason) throw new McpFloodException(reason);
        if (request.Method == HttpMethod.Get && Wait() is { Ticks: > 0 } wait) await Task.Delay(wait, time, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        response.Content = new Counted(response.Content, traffic);
        return response;
    }

    // A server that ends its stream at once would have it asked for without pause.
    private TimeSpan Wait()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            long at = Math.Max(now, _nextStream);
            _nextStream = at + time.TimestampFrequency;
            return time.GetElapsedTime(now, at);
        }
    }

    private sealed class Counted : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly McpTraffic _traffic;

        public Counted(HttpContent inner, McpTraffic traffic)
        {
            (_inner, _traffic) = (inner, traffic);
            foreach (var (name, values) in inner.Headers) Headers.TryAddWithoutValidation(name, values);
        }

        private bool IsStream => _inner.Headers.ContentType is MediaTypeHeaderValue { MediaType: "text/event-stream" };

        protected override async Task<Stream> CreateContentReadStreamAsync() => new McpCountedStream(await _inner.ReadAsStreamAsync(), _traffic, IsStream);

        protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
            new McpCountedStream(await _inner.ReadAsStreamAsync(cancellationToken), _traffic, IsStream);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            using var body = await CreateContentReadStreamAsync(cancellationToken);
            await body.CopyToAsync(stream, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? -1;
            return length >= 0;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
