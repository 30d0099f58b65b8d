using System.Text;
using Gateway.Tests.Shared;
using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Tests.Wire;

/// <summary>Reading what standard input can be: pipe, FIFO, socket, file, device, terminal, nothing.</summary>
public class InputKindsTests
{
    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task A_pipe_is_read_to_its_end(bool nonBlocking)
    {
        var (reading, writing) = Descriptors.Pipe();
        using var _ = reading;
        if (nonBlocking) Descriptors.MakeNonBlocking(reading);
        var input = new InputDescriptor(Descriptors.Number(reading));
        var text = ReadAll(input);
        Descriptors.Write(writing, "one ");
        Descriptors.Write(writing, "two");
        await Assert.That(input.HungUp).IsFalse();
        writing.Dispose();
        await Assert.That(await text).IsEqualTo("one two");
        await Assert.That(input.EndKind).IsEqualTo("hang-up");
    }

    [Test]
    public async Task A_hang_up_is_seen_while_data_still_waits()
    {
        var (reading, writing) = Descriptors.Pipe();
        using var _ = reading;
        Descriptors.Write(writing, "left");
        writing.Dispose();
        var input = new InputDescriptor(Descriptors.Number(reading));
        await Assert.That(input.HungUp).IsTrue();
        await Assert.That(await ReadAll(input)).IsEqualTo("left");
    }

    [Test]
    [Arguments(false)]
    [Arguments(true)]
    public async Task A_socket_whose_peer_closed_is_at_its_end(bool onlyItsSendingHalf)
    {
        var (ours, peers) = Descriptors.SocketPair();
        using var _ = ours;
        using var __ = peers;
        Descriptors.Write(peers, "left");
        var input = new InputDescriptor(Descriptors.Number(ours));
        await Assert.That(input.HungUp).IsFalse();
        if (onlyItsSendingHalf) Descriptors.EndSending(peers);
        else peers.Dispose();
        await Assert.That(input.HungUp).IsTrue();
        await Assert.That(await ReadAll(input)).IsEqualTo("left");
        await Assert.That(input.EndKind).IsEqualTo("hang-up");
    }

    [Test]
    public async Task A_file_is_read_to_its_end()
    {
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "content");
        using var file = Descriptors.Open(path, OpenFlags.O_RDONLY);
        var input = new InputDescriptor(Descriptors.Number(file));
        await Assert.That(await ReadAll(input)).IsEqualTo("content");
        await Assert.That(input.EndKind).IsEqualTo("end of file");
        File.Delete(path);
    }

    [Test]
    public async Task The_null_device_is_at_its_end()
    {
        using var device = Descriptors.Open("/dev/null", OpenFlags.O_RDONLY);
        var input = new InputDescriptor(Descriptors.Number(device));
        await Assert.That(await ReadAll(input)).IsEqualTo("");
        await Assert.That(input.EndKind).IsEqualTo("end of file");
    }

    [Test]
    public async Task A_fifo_that_has_no_writer_yet_is_not_at_its_end()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gateway-fifo-{Guid.NewGuid():n}");
        Descriptors.MakeFifo(path);
        using var reading = Descriptors.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
        var text = ReadAll(new InputDescriptor(Descriptors.Number(reading)));
        using (var writing = Descriptors.Open(path, OpenFlags.O_WRONLY)) Descriptors.Write(writing, "late");
        await Assert.That(await text).IsEqualTo("late");
        File.Delete(path);
    }

    [Test]
    public async Task A_terminal_ends_where_the_user_says_so()
    {
        var (terminal, user) = Descriptors.Terminal();
        using var _ = terminal;
        using var __ = user;
        var input = new InputDescriptor(Descriptors.Number(terminal));
        var text = ReadAll(input);
        Descriptors.Write(user, "line\n\u0004");
        await Assert.That(await text).IsEqualTo("line\n");
        await Assert.That(input.EndKind).IsEqualTo("end of file");
    }

    [Test]
    public async Task A_terminal_that_vanished_is_at_its_end()
    {
        var (terminal, user) = Descriptors.Terminal();
        using var _ = terminal;
        var input = new InputDescriptor(Descriptors.Number(terminal));
        var text = ReadAll(input);
        user.Dispose();
        await Assert.That(await text).IsEqualTo("");
        await Assert.That(input.EndKind).IsEqualTo("hang-up").Or.IsEqualTo("EIO");
        await Assert.That(input.HungUp).IsTrue();
    }

    [Test]
    public async Task A_descriptor_that_is_not_open_is_at_its_end()
    {
        var input = new InputDescriptor(1_000_000);
        await Assert.That(input.Read(new byte[1])).IsEqualTo(0);
        await Assert.That(input.EndKind).IsEqualTo("EBADF");
        await Assert.That(input.HungUp).IsTrue();
    }

    [Test]
    public async Task A_directory_is_an_error_with_a_name()
    {
        using var directory = Descriptors.Open("/", OpenFlags.O_RDONLY);
        var failure = await Assert.That(() => new InputDescriptor(Descriptors.Number(directory)).Read(new byte[1])).Throws<IOException>();
        await Assert.That(failure!.Message).Contains("EISDIR");
    }

    private static Task<string> ReadAll(InputDescriptor input) => Task.Factory.StartNew(
        () =>
        {
            byte[] buffer = new byte[100];
            var text = new StringBuilder();
            while (input.Read(buffer) is var count and > 0) text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            return text.ToString();
        },
        TaskCreationOptions.LongRunning).WaitAsync(Conversation.Patience);
}
