using System.Text;

namespace Gateway.Tools;

/// <summary>Finds the tool that a model meant by a misspelled name (AGENT.md section 4).</summary>
internal static class ToolNameRepair
{
    /// <summary>Similarity from which a name is taken for another one: 0.7.</summary>
    private const double Threshold = 0.7;

    private const string Suffix = "_tool";

    /// <summary>Names longer than this are not compared: no tool's is, and the comparison is cubic.</summary>
    private const int LongestCompared = 128;

    /// <summary>The known name that is meant; null when none is near enough.</summary>
    public static string? Repair(string name, IReadOnlyCollection<string> known)
    {
        if (known.Contains(name)) return name;

        var lower = Separated(name.Trim().ToLowerInvariant());
        var snake = Separated(SnakeCase(name.Trim()));
        foreach (var spelling in (string[])[lower, snake, WithoutSuffix(lower), WithoutSuffix(snake)])
            if (known.Contains(spelling)) return spelling;

        if (lower.Length is 0 or > LongestCompared) return null;
        var best = known.Select(candidate => (Name: candidate, Score: Similarity(lower, candidate))).DefaultIfEmpty().MaxBy(pair => pair.Score);
        return best.Score >= Threshold ? best.Name : null;
    }

    /// <summary>Twice the length of the common blocks over the length of both texts: 1 for equal texts, 0 for texts without
    /// a common character. Common blocks are the longest common part and, recursively, those left and right of it.</summary>
    internal static double Similarity(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        left.Length + right.Length == 0 ? 1 : 2.0 * CommonLength(left, right) / (left.Length + right.Length);

    private static int CommonLength(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int length = 0, atLeft = 0, atRight = 0;
        for (var l = 0; l < left.Length; l++)
        {
            for (var r = 0; r < right.Length; r++)
            {
                var common = left[l..].CommonPrefixLength(right[r..]);
                if (common > length) (length, atLeft, atRight) = (common, l, r);
            }
        }

        return length == 0
            ? 0
            : length + CommonLength(left[..atLeft], right[..atRight]) + CommonLength(left[(atLeft + length)..], right[(atRight + length)..]);
    }

    private static string Separated(string name) => name.Replace('-', '_').Replace(' ', '_');

    private static string WithoutSuffix(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;

    private static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var at = 0; at < name.Length; at++)
        {
            var startsWord = at > 0 && char.IsUpper(name[at]) && name[at - 1] is not ('_' or '-' or ' ')
                && (!char.IsUpper(name[at - 1]) || at + 1 < name.Length && char.IsLower(name[at + 1]));
            if (startsWord) result.Append('_');
            result.Append(char.ToLowerInvariant(name[at]));
        }

        return result.ToString();
    }
}
