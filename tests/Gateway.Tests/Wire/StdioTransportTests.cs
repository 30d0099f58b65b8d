using System.Text;
using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Tests.Wire;

/// <summary>The writer over real pipes and sockets: never waits, never loses, and says who is gone.</summary>
public sealed class StdioTransportTests : IDisposable
{
    private readonly List<int> _open = [];
    private readonly List<(string? Method, bool First, string? Failure)> _lost = [];
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public enum Channel
    {
        Pipe,
        Socket,
    }

    public void Dispose()
    {
        foreach (int fd in _open) _ = Syscall.close(fd);
    }

    [Test]
    [Arguments(Channel.Pipe)]
    [Arguments(Channel.Socket)]
    public async Task A_client_that_does_not_read_holds_nobody_up_and_gets_everything_later(Channel channel)
    {
        var (transport, reader) = Open(channel);
        var expected = new StringBuilder();
        for (int i = 0; i < 20_000; i++)
        {
            string frame = $"{{\"number\":{i},\"filling\":\"{new string('.', 100)}\"}}\n";
            expected.Append(frame);
            await Assert.That(Send(transport, frame)).IsTrue();
        }

        await Assert.That(transport.RoomAsync(CancellationToken.None).AsTask().IsCompleted).IsFalse();
        var room = transport.RoomAsync(CancellationToken.None).AsTask();
        string received = await ReadAsync(reader, expected.Length);
        await Assert.That(received).IsEqualTo(expected.ToString());
        await room;
        await Assert.That(transport.RoomAsync(CancellationToken.None).AsTask().IsCompleted).IsTrue();
    }

    [Test]
    public async Task An_idle_client_gets_a_frame_at_once_without_another_thread()
    {
        var (transport, reader) = Open(Channel.Pipe);
        await Assert.That(Send(transport, "{\"now\":1}\n")).IsTrue();
        await Assert.That(Available(reader)).IsTrue();
        await Assert.That(await ReadAsync(reader, 10)).IsEqualTo("{\"now\":1}\n");
    }

    [Test]
    public async Task Threads_do_not_mix_their_frames()
    {
        var (transport, reader) = Open(Channel.Pipe);
        const int Threads = 4, Frames = 3000;
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (int i = 0; i < Frames; i++) Send(transport, $"{thread} {i} {new string('x', i % 500)}\n", session: thread.ToString());
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        int length = Enumerable.Range(0, Frames).Sum(i => $"0 {i} {new string('x', i % 500)}\n".Length) * Threads;
        string[] lines = (await ReadAsync(reader, length)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int thread = 0; thread < Threads; thread++)
        {
            string[] own = [.. lines.Where(line => line.StartsWith($"{thread} ", StringComparison.Ordinal))];
            await Assert.That(own.SequenceEqual(Enumerable.Range(0, Frames).Select(i => $"{thread} {i} {new string('x', i % 500)}"))).IsTrue();
        }
    }

    [Test]
    [Arguments(Channel.Pipe)]
    [Arguments(Channel.Socket)]
    public async Task A_client_that_left_is_reported_once_with_what_could_not_be_sent(Channel channel)
    {
        var (transport, reader) = Open(channel);
        Send(transport, "{}\n");
        Close(reader);
        await Assert.That(Send(transport, "{}\n", method: "config.get")).IsFalse();
        await Assert.That(Send(transport, "{}\n", method: "again")).IsFalse();
        await Assert.That(_lost).IsEquivalentTo([((string?)"config.get", false, (string?)null)]);
        await transport.RoomAsync(CancellationToken.None);
        await Assert.That(transport.Close(TimeSpan.FromSeconds(20))).IsTrue();
    }

    [Test]
    public async Task A_client_that_leaves_while_frames_wait_is_reported_and_nobody_waits_for_it_any_more()
    {
        var (transport, reader) = Open(Channel.Pipe);
        for (int i = 0; i < 40; i++) Send(transport, new string('x', 65_000) + "\n");
        var room = transport.RoomAsync(CancellationToken.None).AsTask();
        await Assert.That(room.IsCompleted).IsFalse();
        Close(reader);
        await room;
        await _reported.Task;
        await Assert.That(_lost.Count).IsEqualTo(1);
        await Assert.That(_lost[0].Failure).IsNull();
    }

    [Test]
    public async Task A_client_that_was_never_there_is_reported_as_such()
    {
        var (transport, reader) = Open(Channel.Pipe);
        Close(reader);
        await Assert.That(Send(transport, "{}\n")).IsFalse();
        await Assert.That(_lost).IsEquivalentTo([((string?)null, true, (string?)null)]);
    }

    [Test]
    public async Task A_full_disk_is_not_a_client_that_left()
    {
        int fd = Syscall.open("/dev/full", OpenFlags.O_WRONLY);
        _open.Add(fd);
        var transport = new StdioTransport(OutputDescriptor.Copy(fd), Lost);
        Send(transport, "{}\n", method: "m");
        await _reported.Task;
        await Assert.That(_lost).IsEquivalentTo([((string?)"m", true, (string?)"ENOSPC")]);
    }

    [Test]
    public async Task Waiting_for_room_ends_with_the_interrupt()
    {
        var (transport, _) = Open(Channel.Pipe);
        for (int i = 0; i < 40; i++) Send(transport, new string('x', 65_000) + "\n");
        using var interrupt = new CancellationTokenSource();
        var room = transport.RoomAsync(interrupt.Token).AsTask();
        await Assert.That(room.IsCompleted).IsFalse();
        await interrupt.CancelAsync();
        await room;
    }

    [Test]
    public async Task Closing_sends_what_waits()
    {
        var (transport, reader) = Open(Channel.Pipe);
        for (int i = 0; i < 40; i++) Send(transport, new string('x', 65_000) + "\n");
        var reading = ReadAsync(reader, 40 * 65_001);
        await Assert.That(transport.Close(TimeSpan.FromSeconds(20))).IsTrue();
        await Assert.That((await reading).Length).IsEqualTo(40 * 65_001);
        await Assert.That(Send(transport, "{}\n")).IsFalse();
    }

    [Test]
    public async Task Closing_does_not_wait_for_a_client_that_takes_nothing()
    {
        var (transport, _) = Open(Channel.Pipe);
        for (int i = 0; i < 40; i++) Send(transport, new string('x', 65_000) + "\n");
        await Assert.That(transport.Close(TimeSpan.FromHours(1))).IsFalse();
    }

    [Test]
    public async Task Too_many_unread_answers_make_it_crowded_until_they_are_read()
    {
        var (transport, reader) = Open(Channel.Pipe);
        string frame = new string('x', 1 << 20) + "\n";
        for (int i = 0; i < 9; i++) Send(transport, frame);
        await Assert.That(transport.Crowded).IsTrue();
        await ReadAsync(reader, 9 * frame.Length);
        await Assert.That(transport.Crowded).IsFalse();
    }

    [Test]
    public async Task Neither_a_frame_that_goes_out_at_once_nor_one_that_is_joined_allocates()
    {
        var (transport, reader) = Open(Channel.Pipe);
        byte[] frame = Encoding.UTF8.GetBytes("{\"text\":\"chunk\"}\n");
        byte[] room = new byte[65536];
        void One()
        {
            transport.Write(new OutgoingFrame { Bytes = frame, Session = "s" });
            Drain(reader, room);
        }

        for (int i = 0; i < 100; i++) One();
        await Assert.That(Least(One)).IsEqualTo(0);

        for (int i = 0; i < 20_000; i++) transport.Write(new OutgoingFrame { Bytes = frame, Session = "s" });
        void Joined() => transport.Write(new OutgoingFrame { Bytes = frame, Session = "s", Joining = Joining.Append, BodyStart = 9, BodyEnd = 14 });
        for (int i = 0; i < 5000; i++) Joined();
        await Assert.That(Least(Joined)).IsEqualTo(0);
    }

    // The best of a few: the runtime may compile or count something of its own in between.
    private static long Least(Action act) => Enumerable.Range(0, 5).Min(_ =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++) act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    private static bool Send(StdioTransport transport, string frame, string? method = null, string? session = null) =>
        transport.Write(new OutgoingFrame { Bytes = Encoding.UTF8.GetBytes(frame), Method = method, Session = session });

    private (StdioTransport Transport, int Reader) Open(Channel channel)
    {
        int reader, writer;
        if (channel == Channel.Pipe) _ = Syscall.pipe(out reader, out writer);
        else _ = Syscall.socketpair(UnixAddressFamily.AF_UNIX, UnixSocketType.SOCK_STREAM, 0, out reader, out writer);
        var transport = new StdioTransport(OutputDescriptor.Copy(writer), Lost);
        _ = Syscall.close(writer);
        _open.Add(reader);
        return (transport, reader);
    }

    private void Lost(string? method, bool first, IOException? failure)
    {
        _lost.Add((method, first, failure?.Message));
        _reported.TrySetResult();
    }

    private void Close(int fd)
    {
        _open.Remove(fd);
        _ = Syscall.close(fd);
    }

    private static bool Available(int fd)
    {
        Pollfd[] polled = [new() { fd = fd, events = PollEvents.POLLIN }];
        return Syscall.poll(polled, 1, 0) > 0;
    }

    private static unsafe long Drain(int fd, byte[] room)
    {
        fixed (byte* start = room) return Syscall.read(fd, start, (ulong)room.Length);
    }

    private static Task<string> ReadAsync(int fd, int length) => Task.Run(() =>
    {
        byte[] all = new byte[length];
        byte[] room = new byte[65536];
        for (int at = 0; at < length;)
        {
            int count = (int)Drain(fd, room);
            if (count <= 0) throw new IOException("the output ended early");
            room.AsSpan(0, count).CopyTo(all.AsSpan(at));
            at += count;
        }

        return Encoding.UTF8.GetString(all);
    });
}
