using System.Text;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

public class LineReaderTests
{
    [Test]
    [Arguments("a\nb\n", new[] { "a", "b" })]
    [Arguments("a\nb", new[] { "a", "b" })]
    [Arguments("\n\na\n", new[] { "", "", "a" })]
    [Arguments("a\r\nb\r\n", new[] { "a\r", "b\r" })]
    [Arguments("", new string[0])]
    public async Task Lines_are_what_stands_between_newlines(string input, string[] lines)
    {
        for (int chunk = 1; chunk <= input.Length + 1; chunk++)
            await Assert.That(Read(Encoding.UTF8.GetBytes(input), chunk, 1000)).IsEquivalentTo(lines);
    }

    [Test]
    public async Task Any_chunking_gives_the_same_lines()
    {
        var random = new Random(4711);
        byte[] input = new byte[300_000];
        random.NextBytes(input);
        for (int i = 0; i < input.Length; i++)
            if (input[i] < 4) input[i] = (byte)'\n';
        string[] expected = Encoding.Latin1.GetString(input).Split('\n');
        if (expected[^1].Length == 0) expected = expected[..^1];
        foreach (int chunk in (int[])[1, 7, 4096, 65_536, 300_000])
        {
            var lines = Read(input, chunk, int.MaxValue, Encoding.Latin1);
            await Assert.That(lines.SequenceEqual(expected)).IsTrue();
        }
    }

    [Test]
    public async Task A_line_over_the_limit_is_skipped_to_its_newline()
    {
        var lines = Read(Encoding.UTF8.GetBytes(new string('x', 11) + "\nshort\n" + new string('y', 10) + "\n" + new string('z', 400)), 3, 10);
        await Assert.That(lines).IsEquivalentTo(["(too long)", "short", new string('y', 10), "(too long)"]);
    }

    [Test]
    public async Task A_line_over_the_limit_names_the_limit_and_holds_no_memory()
    {
        int asked = 0;
        int limit = 3 << 20;
        byte[] input = new byte[limit + 100_000];
        int at = 0;
        var reader = new LineReader(
            buffer =>
            {
                int count = Math.Min(buffer.Length, input.Length - at);
                input.AsSpan(at, count).CopyTo(buffer);
                at += count;
                return count;
            },
            limit,
            length =>
            {
                asked = Math.Max(asked, length);
                return new byte[length];
            });
        await Assert.That(reader.TryRead(out var line)).IsTrue();
        await Assert.That(line.Fault).IsEqualTo(LineFault.TooLong);
        await Assert.That(line.Limit).IsEqualTo(limit);
        await Assert.That(line.Memory.Length).IsEqualTo(0);
        await Assert.That(asked).IsEqualTo(limit);
    }

    [Test]
    public async Task A_line_for_which_there_is_no_memory_is_skipped_to_its_newline()
    {
        byte[] input = [.. new byte[2 << 20], .. "\nshort\n"u8];
        int at = 0;
        var reader = new LineReader(
            buffer =>
            {
                int count = Math.Min(buffer.Length, input.Length - at);
                input.AsSpan(at, count).CopyTo(buffer);
                at += count;
                return count;
            },
            allocate: _ => throw new OutOfMemoryException());
        await Assert.That(reader.TryRead(out var line)).IsTrue();
        await Assert.That(line.Fault).IsEqualTo(LineFault.OutOfMemory);
        await Assert.That(reader.TryRead(out line)).IsTrue();
        await Assert.That(Encoding.UTF8.GetString(line.Bytes)).IsEqualTo("short");
        await Assert.That(reader.TryRead(out line)).IsFalse();
    }

    [Test]
    [Arguments(null, LineReader.DefaultMaxLineBytes, false)]
    [Arguments("1024", 1024, false)]
    [Arguments("1073741824", 1 << 30, false)]
    [Arguments("1023", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("1073741825", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("99999999999999999999", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("-2000", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("+2000", LineReader.DefaultMaxLineBytes, true)]
    [Arguments(" 2000", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("2e3", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("64M", LineReader.DefaultMaxLineBytes, true)]
    [Arguments("", LineReader.DefaultMaxLineBytes, true)]
    public async Task The_limit_is_read_strictly(string? value, int limit, bool invalid)
    {
        await Assert.That(LineReader.LimitFrom(value, out bool wrong)).IsEqualTo(limit);
        await Assert.That(wrong).IsEqualTo(invalid);
    }

    [Test]
    public async Task Usual_lines_cost_no_allocation_however_they_are_cut()
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', 300), (byte)'\n'];
        int cut = 0;
        var reader = new LineReader(buffer =>
        {
            int at = cut;
            cut = (cut + 211) % line.Length;
            var piece = cut > at ? line.AsSpan(at, cut - at) : line.AsSpan(at);
            if (cut <= at) cut = 0;
            piece.CopyTo(buffer);
            return piece.Length;
        });
        Play();
        await Assert.That(Enumerable.Range(0, 5).Min(_ => Play())).IsEqualTo(0);

        long Play()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 2000; i++) reader.TryRead(out var _);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static List<string> Read(byte[] input, int chunk, int limit, Encoding? encoding = null)
    {
        int at = 0;
        var reader = new LineReader(
            buffer =>
            {
                int count = Math.Min(Math.Min(chunk, buffer.Length), input.Length - at);
                input.AsSpan(at, count).CopyTo(buffer);
                at += count;
                return count;
            },
            limit);
        var lines = new List<string>();
        while (reader.TryRead(out var line))
        {
            lines.Add(line.Fault == LineFault.TooLong ? "(too long)" : (encoding ?? Encoding.UTF8).GetString(line.Bytes));
        }

        return lines;
    }
}
