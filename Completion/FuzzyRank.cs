namespace Gateway.Completion;

/// <summary>Ranks file names against a query (WIRE.md 14.2, fuzzy mode).</summary>
internal static class FuzzyRank
{
    /// <summary>0 equal, 1 prefix, 2 a part of the name starts with it, 3 contained, 4 its characters in order; null for no match. Case is ignored.</summary>
    public static int? Of(string name, string query)
    {
        if (name.Equals(query, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        if (name.StartsWith(query, StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }

        for (var i = 1; i < name.Length; i++)
        {
            var startsPart = name[i - 1] is '-' or '_' or '.' || (char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]));
            if (startsPart && name.AsSpan(i).StartsWith(query, StringComparison.OrdinalIgnoreCase))
            {
                return 2;
            }
        }

        return name.Contains(query, StringComparison.OrdinalIgnoreCase) ? 3 : IsSubsequence(name, query) ? 4 : null;
    }

    private static bool IsSubsequence(string name, string query)
    {
        var position = 0;
        foreach (var c in name)
        {
            if (position < query.Length && char.ToLowerInvariant(c) == char.ToLowerInvariant(query[position]))
            {
                position++;
            }
        }

        return position == query.Length;
    }
}
