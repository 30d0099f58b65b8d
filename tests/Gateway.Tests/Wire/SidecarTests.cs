using System.Text;
using Gateway.Tests.Shared;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

/// <summary>The sidecar against real servers: good ones, bad ones, absent ones.</summary>
public class SidecarTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Every_frame_arrives_in_order_as_one_text_message()
    {
        await using var sink = await FrameSink.StartAsync();
        using var rig = new SidecarRig(sink.Url);
        rig.Offer(100);
        await sink.WaitForMessagesAsync(100);
        rig.Offer(100);
        rig.Sidecar.Close(Ample);
        await Assert.That(sink.Messages.SequenceEqual(SidecarRig.Numbered(1, 200))).IsTrue();
        await Assert.That(sink.Asked).IsEqualTo($"/api/pub?token={FrameSink.Token}&channel=c");
        await Assert.That(rig.Notes).IsEquivalentTo([$"sidecar: connected to ws://127.0.0.1:{sink.Port}/api/pub"]);
        await Assert.That(sink.Goodbyes).IsEqualTo(1);
    }

    [Test]
    public async Task A_frame_of_any_length_is_one_message()
    {
        await using var sink = await FrameSink.StartAsync();
        using var rig = new SidecarRig(sink.Url);
        string text = new('é', 20_000_000);
        rig.Sidecar.Offer(Encoding.UTF8.GetBytes(text + "\n"));
        rig.Sidecar.Close(Ample);
        await sink.WaitForMessagesAsync(1);
        await Assert.That(sink.Messages.Single() == text).IsTrue();
    }

    [Test]
    public async Task Nothing_happens_before_the_first_frame()
    {
        int asked = 0;
        await using var sink = await FrameSink.StartAsync();
        var sidecar = new Sidecar(sink.Url, () => Interlocked.Increment(ref asked) > 0, _ => { }, TimeProvider.System);
        sidecar.Close(Ample);
        sidecar.Offer("too late\n"u8);
        await Assert.That(asked).IsEqualTo(0);
        await Assert.That(sink.Connections).IsEqualTo(0);
    }

    [Test]
    public async Task A_server_that_comes_late_gets_the_frames_from_the_start()
    {
        var port = new DeafPort(listens: false);
        using var rig = new SidecarRig(port.Url);
        rig.Offer(3);
        await rig.FailAsync("sidecar: connection failed (Connection refused)", 0.5, 1, 2, 4, 8, 16);
        await rig.NotedAsync("next attempt in 30 s; further ones are not noted");
        int taken = port.Port;
        port.Dispose();
        await using var sink = await FrameSink.StartAsync(taken);
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        await sink.WaitForMessagesAsync(3);
        rig.Sidecar.Close(Ample);
        await Assert.That(sink.Messages.SequenceEqual(SidecarRig.Numbered(1, 3))).IsTrue();
        await Assert.That(rig.Notes.Count).IsEqualTo(8);
        await Assert.That(rig.Notes[7]).StartsWith("sidecar: connected to");
    }

    [Test]
    public async Task A_server_that_stays_away_is_not_waited_for()
    {
        using var port = new DeafPort(listens: false);
        using var rig = new SidecarRig(port.Url);
        rig.Offer(300);
        await rig.NotedAsync("next attempt in 0.5 s");

        // The clock does not move: closing alone ends the pause.
        rig.Sidecar.Close(Ample);
        await Assert.That(rig.Notes[^1]).Contains("frames were dropped");
        await Assert.That(rig.Sidecar.Dropped).IsEqualTo(300);
    }

    [Test]
    public async Task A_server_that_does_not_answer_the_handshake_is_given_up_after_two_seconds()
    {
        using var port = new DeafPort(listens: true);
        using var rig = new SidecarRig(port.Url);
        rig.Offer();
        await Waiting.UntilAsync(() => port.HasVisitor, there => there, "the connection");
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        await rig.NotedAsync("sidecar: connection failed (no answer within 2 s), next attempt in 0.5 s");
    }

    [Test]
    public async Task An_attempt_under_way_at_the_end_is_given_up_with_the_time()
    {
        using var port = new DeafPort(listens: true);
        using var rig = new SidecarRig(port.Url);
        rig.Offer();
        await Waiting.UntilAsync(() => port.HasVisitor, there => there, "the connection");
        rig.Sidecar.Close(TimeSpan.FromMilliseconds(10));
        await rig.NotedAsync("sidecar: 1 frame was dropped");
    }

    [Test]
    public async Task A_connection_that_ends_is_made_again_and_what_did_not_fit_meanwhile_is_counted()
    {
        bool closed = false;
        await using var sink = await FrameSink.StartAsync(close: count => count == 3 && !closed && (closed = true) ? 1001 : 0);
        using var rig = new SidecarRig(sink.Url);
        rig.Offer(3);
        await rig.NotedAsync("sidecar: connection lost (closed by the server with code 1001), next attempt in 0.5 s");
        rig.Offer(SidecarQueue.MaxFrames + 44);
        await Assert.That(rig.Sidecar.Dropped).IsEqualTo(44);
        rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        await sink.WaitForMessagesAsync(3 + SidecarQueue.MaxFrames);
        rig.Offer();
        rig.Sidecar.Close(Ample);

        // The newest of those that came too early are missing, and nothing else.
        var expected = SidecarRig.Numbered(1, 3 + SidecarQueue.MaxFrames).Append($"{{\"n\":{3 + SidecarQueue.MaxFrames + 44 + 1}}}");
        await Assert.That(sink.Messages.SequenceEqual(expected)).IsTrue();
        await Assert.That(rig.Notes[2]).StartsWith("sidecar: connected to");
        await Assert.That(rig.Notes[3]).IsEqualTo("sidecar: 44 frames were dropped");
        await Assert.That(rig.Notes.Count).IsEqualTo(4);
    }

    [Test]
    public async Task A_connection_that_held_begins_with_the_first_pause_again()
    {
        int connections = 0;
        await using var sink = await FrameSink.StartAsync(close: _ => ++connections <= 2 ? 1011 : 0);
        using var rig = new SidecarRig(sink.Url);
        rig.Offer();
        await rig.FailAsync("closed by the server with code 1011)", 0.5, 1);
        await rig.NotedAsync("connected to", 3);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        await Waiting.UntilAsync(() => sink.Connections, count => count == 3, "the third connection");
        sink.CutOff();
        await rig.NotedAsync("next attempt in 0.5 s", 2);
        await Assert.That(rig.Notes.Last(note => note.Contains("next attempt in 0.5 s", StringComparison.Ordinal))).StartsWith("sidecar: connection lost (");
    }

    [Test]
    public async Task A_server_that_never_reads_harms_nobody()
    {
        var reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sink = await FrameSink.StartAsync(greet: _ => reads.Task);
        using var rig = new SidecarRig(sink.Url);
        var client = new MemoryTransport(_ => { });
        var tee = new TeeTransport(client, rig.Sidecar);
        string filler = new('x', 100_000);
        int written = 0;
        while (rig.Sidecar.Dropped == 0 && written < 10_000)
        {
            if (!tee.Write(new OutgoingFrame { Bytes = Encoding.UTF8.GetBytes($"{++written} {filler}\n") })) break;
        }

        await Assert.That(rig.Sidecar.Dropped).IsEqualTo(1);
        await rig.NotedAsync("connected to");
        await Waiting.UntilAsync(
            () =>
            {
                rig.Time.Advance(SidecarConnection.SendTimeout);
                return rig.Notes;
            },
            notes => notes.Any(note => note.Contains("the server took no frame for 10 s", StringComparison.Ordinal)),
            "the connection to be given up");

        // The oldest are still there, and arrive once somebody reads.
        reads.SetResult();
        var messages = await Waiting.UntilAsync(
            () =>
            {
                rig.Time.Advance(TimeSpan.FromSeconds(1));
                return sink.Messages;
            },
            seen => seen.Count >= 100,
            "the oldest frames",
            seen => $"{seen.Count}, {string.Join(" | ", rig.Notes)}");
        await Assert.That(messages.All(message => message.EndsWith(filler, StringComparison.Ordinal))).IsTrue();
        await Assert.That(tee.Write(new OutgoingFrame { Bytes = "more\n"u8 })).IsTrue();
    }

    [Test]
    public async Task Closing_waits_no_longer_than_told_and_counts_what_is_left()
    {
        var never = new TaskCompletionSource();
        await using var sink = await FrameSink.StartAsync(greet: _ => never.Task);
        using var rig = new SidecarRig(sink.Url);
        byte[] frame = new byte[1_000_000];
        rig.Sidecar.Offer(frame);
        await rig.NotedAsync("connected to");
        for (int i = 0; i < 30; i++) rig.Sidecar.Offer(frame);
        rig.Sidecar.Close(TimeSpan.FromMilliseconds(50));
        await rig.NotedAsync($"dropped");
        await Assert.That(rig.Notes[^1]).Contains($" {rig.Sidecar.Dropped} ");
        never.SetResult();
    }

    [Test]
    [Arguments(4400)]
    [Arguments(4401)]
    [Arguments(4403)]
    public async Task A_server_that_refuses_for_good_is_left_alone(int code)
    {
        await using var sink = await FrameSink.StartAsync(close: _ => code);
        using var rig = new SidecarRig(sink.Url);
        rig.Offer();
        await rig.NotedAsync($"sidecar: refused by the server (closed by the server with code {code}); no frames go there");
        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Offer(500);
        rig.Sidecar.Close(Ample);
        await Assert.That(sink.Connections).IsEqualTo(1);
        await Assert.That(rig.Sidecar.Dropped).IsLessThanOrEqualTo(1);
    }

    [Test]
    [Arguments(400, false)]
    [Arguments(401, false)]
    [Arguments(403, false)]
    [Arguments(404, true)]
    [Arguments(503, true)]
    public async Task A_handshake_that_is_refused_is_tried_again_only_where_that_helps(int status, bool again)
    {
        await using var sink = await FrameSink.StartAsync(refusal: status);
        using var rig = new SidecarRig(sink.Url);
        rig.Offer();
        await rig.NotedAsync(again ? $"connection failed (HTTP {status}), next attempt" : $"refused by the server (HTTP {status}); no frames go there");
    }

    [Test]
    [Arguments("http://127.0.0.1/api/pub?token=t0p-s3cret-t0ken")]
    [Arguments("t0p-s3cret-t0ken")]
    [Arguments("ws:")]
    [Arguments("ws://[t0p-s3cret-t0ken")]
    [Arguments("/api/pub")]
    public async Task An_address_that_is_none_is_noted_once(string address)
    {
        using var rig = new SidecarRig(address);
        rig.Offer(300);
        await rig.NotedAsync("no ws:// or wss:// address");
        rig.Offer();
        rig.Sidecar.Close(Ample);
        await Assert.That(rig.Notes).IsEquivalentTo(["sidecar: HERMES_TUI_SIDECAR_URL is no ws:// or wss:// address; no frames go there"]);
    }

    [Test]
    public async Task Without_OpenSSL_nothing_is_tried()
    {
        await using var sink = await FrameSink.StartAsync();
        using var rig = new SidecarRig(sink.Url, openSsl: false);
        rig.Offer();
        await rig.NotedAsync("OpenSSL");
        rig.Sidecar.Close(Ample);
        await Assert.That(sink.Connections).IsEqualTo(0);
        await Assert.That(rig.Notes.Count).IsEqualTo(1);
    }

    [Test]
    public async Task Bytes_that_wait_are_bounded_too()
    {
        var queue = new SidecarQueue();
        byte[] half = new byte[SidecarQueue.MaxBytes / 2 + 1];
        queue.Offer(new byte[SidecarQueue.MaxBytes + 10]);
        await Assert.That(queue.Dropped).IsEqualTo(0);
        queue.Offer("x"u8);
        await Assert.That(queue.Dropped).IsEqualTo(1);
        await Assert.That(queue.TryTake(out var huge)).IsTrue();
        SidecarQueue.Release(huge);
        queue.Offer(half);
        queue.Offer(half);
        await Assert.That(queue.Dropped).IsEqualTo(2);
        queue.Offer("x\n"u8);
        await Assert.That(queue.Dropped).IsEqualTo(2);
        queue.Clear();
        await Assert.That(queue.Dropped).IsEqualTo(4);
    }
}
