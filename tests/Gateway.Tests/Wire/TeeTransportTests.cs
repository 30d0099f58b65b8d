using System.Collections.Concurrent;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

/// <summary>The client decides, listeners listen.</summary>
public class TeeTransportTests
{
    [Test]
    public async Task Listeners_get_what_the_client_took_and_nothing_else()
    {
        var client = new Client();
        var tap = new Tap();
        var tee = new TeeTransport(client, tap);
        await Assert.That(tee.Write(Frame("a\n"))).IsTrue();
        client.Gone = true;
        await Assert.That(tee.Write(Frame("b\n"))).IsFalse();
        client.Failure = new IOException("disk full");
        await Assert.That(() => tee.Write(Frame("c\n"))).Throws<IOException>();
        await Assert.That(tap.Frames).IsEquivalentTo(["a\n"]);
    }

    [Test]
    public async Task A_listener_that_fails_is_not_the_clients_trouble()
    {
        var client = new Client();
        var after = new Tap();
        var tee = new TeeTransport(client, new Tap { Fails = true }, after);
        await Assert.That(tee.Write(Frame("a\n"))).IsTrue();
        await Assert.That(client.Frames).IsEquivalentTo(["a\n"]);
        await Assert.That(after.Frames).IsEquivalentTo(["a\n"]);
        await Assert.That(tee.Close(TimeSpan.FromSeconds(5))).IsTrue();
        await Assert.That(after.Limit).IsNotNull();
    }

    [Test]
    public async Task Room_is_the_clients()
    {
        var client = new Client();
        var tee = new TeeTransport(client, new Tap());
        var waiting = tee.RoomAsync(default);
        await Assert.That(waiting.IsCompleted).IsFalse();
        client.Room.SetResult();
        await waiting;
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Closing_says_how_it_went_for_the_client_and_leaves_listeners_the_rest_of_the_time(bool sent)
    {
        var client = new Client { Sent = sent };
        var tap = new Tap();
        var tee = new TeeTransport(client, tap);
        await Assert.That(tee.Close(TimeSpan.FromMinutes(1))).IsEqualTo(sent);
        await Assert.That(client.Patience).IsEqualTo(TimeSpan.FromMinutes(1));
        await Assert.That(tap.Limit!.Value).IsLessThan(TimeSpan.FromMinutes(1));
        await Assert.That(tap.Limit!.Value).IsGreaterThanOrEqualTo(TimeSpan.Zero);
    }

    [Test]
    public async Task Frames_of_many_threads_keep_the_clients_order()
    {
        var client = new Client();
        var tap = new Tap();
        var tee = new TeeTransport(client, tap);
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => tee.Write(Frame($"{i}\n")));
        await Assert.That(client.Frames.Count).IsEqualTo(4000);
        await Assert.That(tap.Frames.SequenceEqual(client.Frames)).IsTrue();
    }

    [Test]
    public async Task Nothing_is_joined_when_no_address_is_given()
    {
        var client = new Client();
        await Assert.That(Sidecar.Tee(client, null, () => true, _ => { }, TimeProvider.System)).IsSameReferenceAs(client);
        await Assert.That(Sidecar.Tee(client, "ws://127.0.0.1:9", () => true, _ => { }, TimeProvider.System)).IsTypeOf<TeeTransport>();
    }

    private static OutgoingFrame Frame(string text) => new() { Bytes = System.Text.Encoding.UTF8.GetBytes(text) };

    private sealed class Client : ITransport
    {
        public bool Crowded => false;

        public ConcurrentQueue<string> Frames { get; } = new();

        public TaskCompletionSource Room { get; } = new();

        public bool Gone { get; set; }

        public bool Sent { get; set; } = true;

        public IOException? Failure { get; set; }

        public TimeSpan? Patience { get; private set; }

        public bool Write(in OutgoingFrame frame)
        {
            if (Failure is not null) throw Failure;
            if (!Gone) Frames.Enqueue(System.Text.Encoding.UTF8.GetString(frame.Bytes));
            return !Gone;
        }

        public ValueTask RoomAsync(CancellationToken cancellationToken) => new(Room.Task);

        public bool Close(TimeSpan patience)
        {
            Patience = patience;
            return Sent;
        }
    }

    private sealed class Tap : IFrameTap
    {
        public ConcurrentQueue<string> Frames { get; } = new();

        public bool Fails { get; init; }

        public TimeSpan? Limit { get; private set; }

        public void Offer(ReadOnlySpan<byte> frame)
        {
            if (Fails) throw new InvalidOperationException("a bug in a listener");
            Frames.Enqueue(System.Text.Encoding.UTF8.GetString(frame));
        }

        public void Close(TimeSpan limit)
        {
            if (Fails) throw new InvalidOperationException("a bug in a listener");
            Limit = limit;
        }
    }
}
