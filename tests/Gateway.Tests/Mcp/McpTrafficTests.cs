using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Gateway.Mcp;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Tests.McpTests;

/// <summary>What a server may bring before its connection is ended.</summary>
public class McpTrafficTests
{
    [Test]
    public async Task Requests_whose_answers_are_not_taken_are_bounded()
    {
        using var traffic = new McpTraffic(new ManualTime());
        for (int i = 0; i < 64; i++) await Assert.That(traffic.Take(Ping(i))).IsTrue();
        await Assert.That(traffic.Over.IsCancellationRequested).IsFalse();
        await Assert.That(traffic.Take(Ping(64))).IsFalse();
        await Assert.That(traffic.Reason).IsEqualTo("it sent 64 requests and does not take the answers");
        await Assert.That(traffic.Take(new JsonRpcNotification { Method = "x" })).IsFalse();
    }

    [Test]
    public async Task What_was_answered_or_withdrawn_no_longer_counts()
    {
        var time = new ManualTime();
        using var traffic = new McpTraffic(time);
        for (int i = 0; i < 1000; i++)
        {
            await Assert.That(traffic.Take(Ping(i))).IsTrue();
            if (i % 2 == 0) traffic.Answered(new RequestId(i));
            else traffic.Take(new JsonRpcNotification { Method = "notifications/cancelled", Params = JsonNode.Parse($$"""{"requestId":{{i}}}""") });
            time.Advance(TimeSpan.FromMilliseconds(50));
        }

        await Assert.That(traffic.Reason).IsNull();
    }

    [Test]
    public async Task Requests_come_at_a_bounded_rate()
    {
        var time = new ManualTime();
        using var traffic = new McpTraffic(time);
        int taken = 0;
        for (; taken < 10_000 && traffic.Take(Ping(taken)); taken++)
        {
            traffic.Answered(new RequestId(taken));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await Assert.That(taken).IsBetween(200, 220);
        await Assert.That(traffic.Reason).IsEqualTo("it sent more than 20 requests a second");
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Documents_and_events_without_end_are_cut_off(bool events)
    {
        using var traffic = new McpTraffic(TimeProvider.System);
        using var client = new HttpMessageInvoker(new McpHttpLimits(new Answers(() => new EndlessStream(events ? "data: x\n"u8.ToArray() : "xxxxxxxx"u8.ToArray()), events), traffic, TimeProvider.System));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://x.invalid/");
        using var response = await client.SendAsync(request, CancellationToken.None);
        await using var body = await response.Content.ReadAsStreamAsync();
        await Assert.That(async () => await body.CopyToAsync(Stream.Null)).Throws<McpFloodException>();
        await Assert.That(traffic.Reason).IsEqualTo("it sent a line, event or document of more than 16 MiB");
        using var again = new HttpRequestMessage(HttpMethod.Post, "http://x.invalid/");
        await Assert.That(async () => await client.SendAsync(again, CancellationToken.None)).Throws<McpFloodException>();
    }

    [Test]
    public async Task Many_small_events_are_no_endless_one()
    {
        using var traffic = new McpTraffic(new ManualTime());
        byte[] events = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 1000)}\r\n\r\n", 40_000)));
        using var stream = new McpCountedStream(new MemoryStream(events), traffic, hasEvents: true);
        byte[] buffer = new byte[7919];
        long read = 0;
        while (await stream.ReadAsync(buffer) is > 0 and var count) read += count;
        await Assert.That(read).IsEqualTo(events.Length);
        await Assert.That(traffic.Reason).IsNull();
    }

    [Test]
    public async Task A_stream_that_ends_at_once_is_asked_for_once_a_second()
    {
        var time = new ManualTime();
        using var traffic = new McpTraffic(time);
        using var client = new HttpMessageInvoker(new McpHttpLimits(new Answers(() => new MemoryStream(), true), traffic, time));
        Task<HttpResponseMessage> Get() => client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://x.invalid/"), CancellationToken.None);
        (await Get()).Dispose();
        var second = Get();
        await Assert.That(second.IsCompleted).IsFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await second).Dispose();
    }

    [Test]
    public async Task A_flood_ends_the_connection_and_few_answers_are_under_way()
    {
        using var traffic = new McpTraffic(new ManualTime());
        var silent = new SilentServer();
        await using var session = await new McpGuardedTransport(silent, traffic).ConnectAsync();
        for (int i = 0; i < 100; i++) silent.Messages.Writer.TryWrite(Ping(i));
        int seen = 0;
        await Assert.That(async () =>
        {
            await foreach (var message in session.MessageReader.ReadAllAsync())
            {
                seen++;
                _ = session.SendMessageAsync(new JsonRpcResponse { Id = ((JsonRpcRequest)message).Id, Result = new JsonObject() });
            }
        }).Throws<McpFloodException>();
        await Assert.That(seen).IsEqualTo(64);
        await Assert.That(silent.Sending).IsEqualTo(4);
        await Assert.That(traffic.Over.IsCancellationRequested).IsTrue();
    }

    [Test]
    public async Task Changes_at_every_listing_are_listed_at_a_bounded_rate()
    {
        var time = new ManualTime();
        int listings = 0;
        McpRelisting relisting = null!;
        relisting = new McpRelisting(
            () =>
            {
                listings++;
                for (int i = 0; i < 100; i++) relisting.Hint();
                return Task.CompletedTask;
            },
            time,
            CancellationToken.None);
        relisting.Hint();
        await Assert.That(listings).IsEqualTo(1);
        for (int second = 0; second < 600; second++) time.Advance(TimeSpan.FromSeconds(1));
        await Assert.That(listings).IsBetween(10, 20);
    }

    [Test]
    public async Task A_single_change_is_listed_at_once()
    {
        var time = new ManualTime();
        int listings = 0;
        var relisting = new McpRelisting(() => Task.FromResult(listings++), time, CancellationToken.None);
        for (int i = 1; i <= 5; i++)
        {
            relisting.Hint();
            await Assert.That(listings).IsEqualTo(i);
            time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    private static JsonRpcRequest Ping(int id) => new() { Id = new RequestId(id), Method = "ping" };

    private sealed class Answers(Func<Stream> body, bool events) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(body());
            content.Headers.ContentType = new(events ? "text/event-stream" : "application/json");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }

    private sealed class EndlessStream(byte[] part) : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => Fill(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Fill(buffer.Span));

        private int Fill(Span<byte> buffer)
        {
            int whole = buffer.Length / part.Length * part.Length;
            for (int i = 0; i < whole; i += part.Length) part.CopyTo(buffer[i..]);
            return whole;
        }
    }

    private sealed class SilentServer : IClientTransport, ITransport
    {
        private int _sending;

        public Channel<JsonRpcMessage> Messages { get; } = Channel.CreateUnbounded<JsonRpcMessage>();

        public int Sending => Volatile.Read(ref _sending);

        public string Name => "silent";

        public string? SessionId => null;

        public ChannelReader<JsonRpcMessage> MessageReader => Messages.Reader;

        public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => Task.FromResult<ITransport>(this);

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _sending);
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
