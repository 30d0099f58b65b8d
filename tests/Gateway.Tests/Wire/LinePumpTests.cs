using System.Text;
using Gateway.Tests.Shared;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

public class LinePumpTests
{
    [Test]
    public async Task Lines_come_out_in_order_and_then_the_end()
    {
        var pump = new LinePump(capacity: 2);
        pump.Start(Reader("a\nb\nc\nd\ne"), _ => { });
        var lines = new List<string>();
        while (pump.Take(out var line)) lines.Add(Encoding.UTF8.GetString(line.Bytes));
        await Assert.That(string.Join(' ', lines)).IsEqualTo("a b c d e");
    }

    [Test]
    public async Task Bytes_that_wait_are_bounded()
    {
        var pump = new LinePump(maxBytes: 100);
        pump.Put(Of(60));
        var second = Put(pump, Of(50));
        await WaitUntilBlockedAsync(second);
        pump.Take(out _);
        await Assert.That(second.Join(Conversation.Patience)).IsTrue();
        await Assert.That(pump.Take(out var line)).IsTrue();
        await Assert.That(line.Length).IsEqualTo(50);
    }

    [Test]
    public async Task A_line_beyond_the_bound_passes_alone()
    {
        var pump = new LinePump(maxBytes: 100);
        pump.Put(Of(1000));
        var second = Put(pump, Of(1));
        await WaitUntilBlockedAsync(second);
        pump.Take(out _);
        await Assert.That(second.Join(Conversation.Patience)).IsTrue();
        var third = Put(pump, Of(1000));
        await WaitUntilBlockedAsync(third);
        pump.Take(out _);
        await Assert.That(third.Join(Conversation.Patience)).IsTrue();
        await Assert.That(pump.Take(out var line)).IsTrue();
        await Assert.That(line.Length).IsEqualTo(1000);
    }

    [Test]
    public async Task Lines_that_wait_are_bounded()
    {
        var pump = new LinePump(capacity: 1);
        pump.Put(Of(0));
        var second = Put(pump, Of(0));
        await WaitUntilBlockedAsync(second);
        pump.Take(out _);
        await Assert.That(second.Join(Conversation.Patience)).IsTrue();
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task A_reader_that_waits_for_room_is_let_go_at_the_end(bool stop)
    {
        var pump = new LinePump(capacity: 1);
        pump.Put(Of(0));
        bool put = true;
        var second = new Thread(() => put = pump.Put(Of(0))) { IsBackground = true };
        second.Start();
        await WaitUntilBlockedAsync(second);
        if (stop) pump.Stop();
        else pump.End();
        await Assert.That(second.Join(Conversation.Patience)).IsTrue();
        await Assert.That(put).IsFalse();
        await Assert.That(pump.Take(out _)).IsEqualTo(!stop);
    }

    [Test]
    public async Task A_reading_failure_is_told_and_ends_the_lines()
    {
        var told = await FailureOf(new IOException("EISDIR, 4 times in a row"));
        await Assert.That(told.Message).IsEqualTo("EISDIR, 4 times in a row");
    }

    [Test]
    public async Task Any_other_exception_of_the_reader_is_told_and_ends_the_lines()
    {
        var bug = new InvalidOperationException("a framework's text");
        var told = await FailureOf(bug);
        await Assert.That(told.Message).IsEqualTo("unexpected InvalidOperationException");
        await Assert.That(told.InnerException).IsSameReferenceAs(bug);
    }

    [Test]
    public async Task Usual_lines_cost_no_allocation_on_either_thread()
    {
        const int Windows = 6;
        const int ReadsPerWindow = 10;
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 600)));
        long[] atRead = new long[Windows + 1];
        int reads = 0;
        var pump = new LinePump();
        pump.Start(
            new LineReader(buffer =>
            {
                if (reads % ReadsPerWindow == 0) atRead[reads / ReadsPerWindow] = GC.GetAllocatedBytesForCurrentThread();
                if (reads++ == Windows * ReadsPerWindow) return 0;
                lines.CopyTo(buffer);
                return lines.Length;
            }),
            _ => { });
        long[] atTake = new long[Windows + 1];
        int taken = 0;
        while (pump.Take(out var line))
        {
            LineReader.Release(line);
            if (taken++ % (ReadsPerWindow * 600) == 0) atTake[taken / (ReadsPerWindow * 600)] = GC.GetAllocatedBytesForCurrentThread();
        }

        // The best window: the runtime may compile or count something of its own in between.
        await Assert.That(Enumerable.Range(1, Windows - 1).Min(i => atRead[i + 1] - atRead[i])).IsEqualTo(0);
        await Assert.That(Enumerable.Range(1, Windows - 2).Min(i => atTake[i + 1] - atTake[i])).IsEqualTo(0);
    }

    private static async Task<IOException> FailureOf(Exception exception)
    {
        var pump = new LinePump();
        var told = new TaskCompletionSource<IOException>();
        bool first = true;
        pump.Start(
            new LineReader(buffer =>
            {
                if (!first) throw exception;
                first = false;
                "whole\nhalf"u8.CopyTo(buffer);
                return 10;
            }),
            told.SetResult);
        await Assert.That(pump.Take(out var line)).IsTrue();
        await Assert.That(Encoding.UTF8.GetString(line.Bytes)).IsEqualTo("whole");
        await Assert.That(pump.Take(out _)).IsFalse();
        return await told.Task.WaitAsync(Conversation.Patience);
    }

    private static Line Of(int length) => new(new byte[length], length);

    private static Thread Put(LinePump pump, Line line)
    {
        var thread = new Thread(() => pump.Put(line)) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static async Task WaitUntilBlockedAsync(Thread thread)
    {
        var deadline = DateTime.UtcNow + Conversation.Patience;
        while ((thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
        {
            if (!thread.IsAlive || DateTime.UtcNow > deadline) throw new TimeoutException("the thread does not wait");
            await Task.Yield();
        }
    }

    private static LineReader Reader(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int at = 0;
        return new LineReader(buffer =>
        {
            int count = Math.Min(1, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        });
    }
}
