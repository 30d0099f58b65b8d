using Gateway.Transport;

namespace Gateway.Tests.Fuzz;

/// <summary>The line reader against a naive split, whatever the bytes, the limit and the pieces in which they come.</summary>
public class LineReaderFuzzTests
{
    [Test]
    public Task Lines_are_those_of_a_naive_split() => FuzzRun.PlayAsync(1500, random =>
    {
        byte[] input = Input(random);
        int limit = Pick(random, random.Next(1, 20), random.Next(1, 2000), 1023, 1024, 1025, 65_535, 65_536, 65_537, int.MaxValue);
        int chunk = Pick(random, 1, random.Next(1, 10), random.Next(1, 5000), 0, int.MaxValue);
        var expected = NaiveSplit(input);
        int at = 0;
        var reader = new LineReader(
            buffer =>
            {
                int most = chunk > 0 ? chunk : random.Next(1, buffer.Length + 1);
                int count = Math.Min(Math.Min(most, buffer.Length), input.Length - at);
                input.AsSpan(at, count).CopyTo(buffer);
                at += count;
                return count;
            },
            limit);

        int read = 0;
        while (reader.TryRead(out var line))
        {
            Check((read++, line));
        }

        if (read != expected.Count) throw new InvalidOperationException($"{read} lines instead of {expected.Count}, limit {limit}, chunk {chunk}");
        return Task.CompletedTask;

        void Check((int Index, Line Line) item)
        {
            if (item.Index >= expected.Count) throw new InvalidOperationException($"line {item.Index} is one too many, limit {limit}, chunk {chunk}");
            var (start, length) = expected[item.Index];
            bool right = length > limit
                ? item.Line is { Fault: LineFault.TooLong, Memory.Length: 0 } && item.Line.Limit == limit
                : item.Line.Fault == LineFault.None && item.Line.Bytes.SequenceEqual(input.AsSpan(start, length));
            if (!right) throw new InvalidOperationException($"line {item.Index} of {length} bytes at {start} is wrong, limit {limit}, chunk {chunk}");
        }
    });

    private static byte[] Input(Random random)
    {
        byte[] input = new byte[Pick(random, random.Next(0, 30), random.Next(0, 3000), random.Next(0, 3000), random.Next(0, 200_000), random.Next(0, 50) == 0 ? 3_000_000 : 0)];
        random.NextBytes(input);
        int rarity = Pick(random, 2, 10, 100, 1000, 100_000, int.MaxValue);
        for (int i = 0; i < input.Length; i++)
        {
            bool newline = random.Next(rarity) == 0;
            if (newline) input[i] = (byte)'\n';
            else if (input[i] == '\n') input[i] = (byte)'\r';
        }

        return input;
    }

    private static List<(int Start, int Length)> NaiveSplit(byte[] input)
    {
        var lines = new List<(int Start, int Length)>();
        int start = 0;
        for (int i = 0; i < input.Length; i++)
        {
            if (input[i] != '\n') continue;
            lines.Add((start, i - start));
            start = i + 1;
        }

        if (start < input.Length) lines.Add((start, input.Length - start));
        return lines;
    }

    private static int Pick(Random random, params ReadOnlySpan<int> choices) => choices[random.Next(choices.Length)];
}
