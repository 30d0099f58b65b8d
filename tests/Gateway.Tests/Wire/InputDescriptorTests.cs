using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Tests.Wire;

/// <summary>What reading makes of sequences of answers of the system.</summary>
public class InputDescriptorTests
{
    public const PollEvents PeerClosed = (PollEvents)0x2000;

    [Test]
    public async Task Data_is_returned_and_a_signal_repeats_the_read()
    {
        var calls = new PlayedCalls(Errno.EINTR, Errno.EINTR, 7);
        await Assert.That(new InputDescriptor(calls).Read(new byte[10])).IsEqualTo(7);
        await Assert.That(calls.Log).IsEqualTo("read read read");
    }

    [Test]
    public async Task A_refused_read_waits_for_an_event()
    {
        var calls = new PlayedCalls(Errno.EAGAIN, 7) { Waits = [PollEvents.POLLIN] };
        await Assert.That(new InputDescriptor(calls).Read(new byte[10])).IsEqualTo(7);
        await Assert.That(calls.Log).IsEqualTo("read wait read");
    }

    [Test]
    public async Task A_device_that_always_refuses_is_asked_ever_more_rarely()
    {
        var calls = new PlayedCalls([.. Enumerable.Repeat<Answer>(Errno.EAGAIN, 10), 1]) { Waits = [.. Enumerable.Repeat(PollEvents.POLLIN, 10)] };
        await Assert.That(new InputDescriptor(calls).Read(new byte[10])).IsEqualTo(1);
        await Assert.That(calls.Pauses).IsEquivalentTo([20, 40, 80, 100, 100, 100, 100]);
    }

    [Test]
    [Arguments(PollEvents.POLLHUP, "hang-up")]
    [Arguments(PollEvents.POLLERR, "hang-up")]
    [Arguments(PollEvents.POLLNVAL, "hang-up")]
    [Arguments(PeerClosed, "hang-up")]
    public async Task An_empty_read_with_nothing_left_to_read_is_the_end(PollEvents events, string kind)
    {
        var calls = new PlayedCalls(0) { Looks = [events] };
        await AssertEnds(calls, kind, "read look");
    }

    [Test]
    [Arguments(PollEvents.POLLIN, InputDescriptor.MaxEmptyReads, "end of file")]
    [Arguments(PollEvents.POLLIN | PeerClosed, 2, "hang-up")]
    public async Task A_readable_descriptor_is_read_again_before_its_end_is_believed(PollEvents events, int reads, string kind)
    {
        var calls = new PlayedCalls([.. Enumerable.Repeat<Answer>(0, reads)]) { Looks = [.. Enumerable.Repeat(events, reads)] };
        await AssertEnds(calls, kind, string.Join(' ', Enumerable.Repeat("read look", reads)));
    }

    [Test]
    public async Task Data_that_came_after_an_empty_read_is_not_lost_to_a_hang_up()
    {
        var calls = new PlayedCalls(0, 5) { Looks = [PollEvents.POLLIN | PollEvents.POLLHUP] };
        var input = new InputDescriptor(calls);
        await Assert.That(input.Read(new byte[10])).IsEqualTo(5);
        await Assert.That(input.EndKind).IsNull();
    }

    [Test]
    public async Task An_empty_read_of_a_pipe_that_is_not_hung_up_waits()
    {
        var calls = new PlayedCalls(0, 5) { Looks = [0], Waits = [PollEvents.POLLIN] };
        await Assert.That(new InputDescriptor(calls).Read(new byte[10])).IsEqualTo(5);
        await Assert.That(calls.Log).IsEqualTo("read look wait read");
    }

    [Test]
    public async Task Empty_reads_in_a_row_are_the_end_at_last()
    {
        var calls = new PlayedCalls(0, 0, 0, 0) { Looks = [0, 0, 0, 0], Waits = [PollEvents.POLLIN, PollEvents.POLLIN, PollEvents.POLLIN] };
        await AssertEnds(calls, "repeated empty reads", "read look wait read look wait read look wait read look");
    }

    [Test]
    public async Task An_end_of_file_typed_at_a_terminal_is_believed()
    {
        await AssertEnds(new PlayedCalls(0) { IsTerminal = true }, "end of file", "read");
    }

    [Test]
    [Arguments(Errno.ECONNRESET)]
    [Arguments(Errno.EBADF)]
    [Arguments(Errno.EPIPE)]
    [Arguments(Errno.ESHUTDOWN)]
    public async Task A_vanished_peer_is_the_end(Errno error) => await AssertEnds(new PlayedCalls(error), error.ToString(), "read");

    [Test]
    public async Task An_io_error_of_a_terminal_is_the_end() =>
        await AssertEnds(new PlayedCalls(Errno.EIO) { IsTerminal = true, Looks = [0] }, "EIO", "read look");

    [Test]
    public async Task An_io_error_of_something_hung_up_is_the_end() =>
        await AssertEnds(new PlayedCalls(Errno.EIO) { Looks = [PollEvents.POLLHUP] }, "EIO", "read look");

    [Test]
    public async Task Another_error_is_tried_again_a_few_times_and_then_thrown()
    {
        var calls = new PlayedCalls(Errno.ENOMEM, Errno.ENOMEM, Errno.ENOMEM, Errno.ENOMEM);
        var failure = await Assert.That(() => new InputDescriptor(calls).Read(new byte[10])).Throws<IOException>();
        await Assert.That(failure!.Message).IsEqualTo("ENOMEM, 4 times in a row");
        await Assert.That(calls.Pauses).IsEquivalentTo([20, 40, 80]);
    }

    [Test]
    public async Task Another_error_that_passes_is_forgotten()
    {
        var calls = new PlayedCalls(Errno.ENOMEM, Errno.ENOMEM, Errno.ENOMEM, 3, Errno.ENOMEM, Errno.ENOMEM, Errno.ENOMEM, 4);
        var input = new InputDescriptor(calls);
        await Assert.That(input.Read(new byte[10])).IsEqualTo(3);
        await Assert.That(input.Read(new byte[10])).IsEqualTo(4);
    }

    [Test]
    public async Task A_failing_poll_does_not_spin()
    {
        var calls = new PlayedCalls(Errno.EAGAIN, Errno.EAGAIN, 1) { Waits = [0, 0] };
        await Assert.That(new InputDescriptor(calls).Read(new byte[10])).IsEqualTo(1);
        await Assert.That(calls.Pauses.Count).IsEqualTo(2);
    }

    private static async Task AssertEnds(PlayedCalls calls, string kind, string log)
    {
        var input = new InputDescriptor(calls);
        await Assert.That(input.EndKind).IsNull();
        await Assert.That(input.Read(new byte[10])).IsEqualTo(0);
        await Assert.That(input.EndKind).IsEqualTo(kind);
        await Assert.That(calls.Log).IsEqualTo(log);

        // Ended is ended: nothing is asked of the system any more.
        await Assert.That(input.Read(new byte[10])).IsEqualTo(0);
        await Assert.That(calls.Log).IsEqualTo(log);
    }

    /// <summary>A count, or an error.</summary>
    private readonly record struct Answer(long Count, Errno Error)
    {
        public static implicit operator Answer(long count) => new(count, 0);

        public static implicit operator Answer(Errno error) => new(-1, error);
    }

    /// <summary>Plays one answer after the other and fails when asked for more.</summary>
    private sealed class PlayedCalls(params Answer[] answers) : IInputCalls
    {
        private readonly Queue<Answer> _answers = new(answers);
        private readonly List<string> _log = [];
        private int _looks;
        private int _waits;

        public PollEvents[] Looks { get; init; } = [];

        public PollEvents[] Waits { get; init; } = [];

        public bool IsTerminal { get; init; }

        public List<int> Pauses { get; } = [];

        public string Log => string.Join(' ', _log);

        public long Read(Span<byte> buffer, out Errno error)
        {
            _log.Add("read");
            var answer = _answers.Dequeue();
            error = answer.Error;
            return answer.Count;
        }

        public PollEvents Poll(PollEvents events, int milliseconds)
        {
            _log.Add(milliseconds == 0 ? "look" : "wait");
            return milliseconds == 0 ? Looks[_looks++] : Waits[_waits++];
        }

        public void Pause(int milliseconds) => Pauses.Add(milliseconds);
    }
}
