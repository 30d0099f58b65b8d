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
            lines.Add(line.TooLong ? "(too long)" : (encoding ?? Encoding.UTF8).GetString(line.Bytes));
            LineReader.Release(line);
        }

        return lines;
    }
}
