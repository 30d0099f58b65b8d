using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

/// <summary>A difference leads from the one text to the other.</summary>
public partial class LineDiffTests
{
    [Test]
    public async Task Applying_a_difference_gives_the_new_text()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            string[] before = Lines(random), after = random.Next(3) == 0 ? Lines(random) : Changed(before, random);
            string diff = LineDiff.Unified("f", string.Concat(before), string.Concat(after));
            await Assert.That(string.Concat(Applied(before, diff))).IsEqualTo(string.Concat(after));
        }
    }

    [Test]
    [Arguments("a\nb\nc\n", "a\nc\nd\n", 2)]
    [Arguments("a\nx\nb\nx\nc\n", "x\nb\nx\n", 2)]
    [Arguments("1\n2\n3\n", "3\n2\n1\n", 4)]
    public async Task No_more_changes_than_it_takes(string before, string after, int changes)
    {
        string[] lines = LineDiff.Unified("f", before, after).Split('\n')[2..];
        await Assert.That(lines.Count(line => line.StartsWith('+') || line.StartsWith('-'))).IsEqualTo(changes);
    }

    [Test]
    [Arguments("/work/a/b.txt", "/work", "a/b.txt")]
    [Arguments("/work/..b", "/work", "..b")]
    [Arguments("/worker/b", "/work", "/worker/b")]
    [Arguments("/b", "/work", "/b")]
    public async Task Names_begin_at_the_working_directory(string path, string directory, string name) =>
        await Assert.That(LineDiff.Name(path, directory)).IsEqualTo(name);

    private static string[] Lines(Random random) => [.. Enumerable.Range(0, random.Next(25)).Select(_ => $"{random.Next(6)}\n")];

    private static string[] Changed(string[] lines, Random random)
    {
        var changed = lines.ToList();
        for (int i = random.Next(4); i > 0; i--)
        {
            if (changed.Count > 0 && random.Next(2) == 0) changed.RemoveAt(random.Next(changed.Count));
            else changed.Insert(random.Next(changed.Count + 1), $"{random.Next(9)}\n");
        }

        return [.. changed];
    }

    private static List<string> Applied(string[] before, string diff)
    {
        var result = new List<string>();
        int at = 0;
        foreach (string line in diff.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                int start = int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture), count = int.Parse(head.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
                for (int first = count == 0 ? start : start - 1; at < first; at++) result.Add(before[at]);
                continue;
            }

            if (line[0] is '+' or ' ') result.Add(line[1..] + "\n");
            if (line[0] is '-' or ' ') at++;
        }

        result.AddRange(before[at..]);
        return result;
    }

    [GeneratedRegex(@"^@@ -(\d+),(\d+) \+\d+,\d+ @@$")]
    private static partial Regex Head();
}
