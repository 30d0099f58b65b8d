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
}
