namespace Gateway.Tools.Files;

/// <summary>How much two texts have in common.</summary>
internal static class Likeness
{
    private const int Longest = 4000;

    /// <summary>Twice the length of the longest common subsequence over the length of both: 1 for equal texts, 0 for nothing in common.</summary>
    public static double Of(string first, string second)
    {
        if (first.Length > Longest) first = first[..Longest];
        if (second.Length > Longest) second = second[..Longest];
        if (first.Length + second.Length == 0) return 1;
        if (first == second) return 1;
        var row = new int[second.Length + 1];
        foreach (char one in first)
        {
            int diagonal = 0;
            for (int i = 1; i <= second.Length; i++)
            {
                int above = row[i];
                row[i] = one == second[i - 1] ? diagonal + 1 : Math.Max(above, row[i - 1]);
                diagonal = above;
            }
        }

        return 2.0 * row[^1] / (first.Length + second.Length);
    }

    /// <summary>Whether two texts have as much in common.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    /// <param name="least">Likeness from which on it is true.</param>
    /// <param name="effort">What it may cost; false when that is not enough.</param>
    public static bool IsAtLeast(string first, string second, double least, Effort effort) => AtLeast(first, second, least, effort) is not null;

    /// <summary>The likeness of two texts; null when it is less, or when comparing them costs too much.</summary>
    /// <inheritdoc cref="IsAtLeast"/>
    public static double? AtLeast(string first, string second, double least, Effort effort)
    {
        // Nothing can be more alike than the lengths allow.
        long shorter = Math.Min(Longest, Math.Min(first.Length, second.Length)), longer = Math.Min(Longest, Math.Max(first.Length, second.Length));
        if (longer > 0 && 2.0 * shorter / (shorter + longer) < least) return null;
        if (!effort.Spend(first == second ? longer + 1 : (shorter * longer) + 1)) return null;
        double likeness = Of(first, second);
        return likeness >= least ? likeness : null;
    }
}
