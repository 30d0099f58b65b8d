namespace Gateway.Tools.Approvals;

/// <summary>One pattern for commands.</summary>
/// <param name="Key">Description for people; approvals are remembered under it.</param>
/// <param name="Pattern">Regular expression, searched for in the command without regard to case.</param>
/// <param name="Needles">Lower-case texts of which one occurs in every match. Commands without any are not searched, so
/// most patterns are never even built.</param>
internal sealed record CommandRule(string Key, string Pattern, params string[] Needles)
{
    private const string Boundary = @"\b";

    /// <summary>Only a match counts that this pattern does not follow anywhere; null: every match counts.</summary>
    public string? UnlessFollowedBy { get; init; }

    /// <summary>Whether upper and lower case differ; the pattern then says itself where they do not.</summary>
    public bool IsCaseSensitive { get; init; }

    /// <summary>The key that earlier versions stored: the text between the first two word boundaries of the pattern, or its
    /// first 20 characters (AGENT.md 8.1).</summary>
    public string LegacyKey
    {
        get
        {
            var pattern = IsCaseSensitive ? Pattern.Replace("(?i:", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal) : Pattern;
            var parts = pattern.Split(Boundary);
            return parts.Length > 1 ? parts[1] : pattern[..Math.Min(20, pattern.Length)];
        }
    }
}
