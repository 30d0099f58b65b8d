using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>Judges commands by the patterns of AGENT.md 8.2. Thread-safe.</summary>
/// <remarks>A command is searched as typed (normalised as the contract says) and once more in plain spelling, see
/// <see cref="ShellSimplifier"/>. Each pattern is tried with a matcher that is quick to build first, and where that takes
/// long, with one whose time is linear in the command, so no command can stall it; should a search take longer than <see cref="SearchLimit"/>
/// all the same, it counts as a match.</remarks>
internal sealed class DangerousCommands
{
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private readonly Matcher[] _hardline = [.. CommandRules.Hardline.Select(rule => new Matcher(rule))];
    private readonly Matcher[] _dangerous = [.. CommandRules.Dangerous.Concat(CommandRules.Own).Select(rule => new Matcher(rule))];

    /// <summary>Longest time for one search: 1 s.</summary>
    public static TimeSpan SearchLimit { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Judges one command.</summary>
    public CommandVerdict Check(string command)
    {
        string? hardline = null;
        var findings = new List<string>();
        foreach (var spelling in Spellings(command))
        {
            var lower = spelling.ToLowerInvariant();
            hardline ??= _hardline.FirstOrDefault(matcher => matcher.StartsIn(lower, spelling).Count > 0)?.Key;

            // Patterns overlap: what an earlier one found at the same place is not told again under another name.
            var told = new HashSet<int>();
            foreach (var matcher in _dangerous)
            {
                var starts = matcher.StartsIn(lower, spelling);
                var isNew = starts.Any(start => !told.Contains(start));
                told.UnionWith(starts);
                if (isNew && !findings.Contains(matcher.Key)) findings.Add(matcher.Key);
            }
        }

        return new CommandVerdict(hardline, findings);
    }

    private static IEnumerable<string> Spellings(string command)
    {
        var text = CompatibilityFold.Fold(command.Replace("\0", "", StringComparison.Ordinal));
        var stripped = AnsiText.Strip(text);
        yield return stripped;
        var plain = ShellSimplifier.Simplify(stripped);
        if (plain != stripped) yield return plain;
        if (stripped.Length == text.Length) yield break;

        // Control sequences are no sequences to a shell: a "title" may hold a command.
        yield return text;
        yield return ShellSimplifier.Simplify(text);
    }

    private sealed class Matcher(CommandRule rule)
    {
        private const RegexOptions Quick = RegexOptions.Singleline | RegexOptions.CultureInvariant;

        // Long enough for every command that is typed; longer ones are judged by the matcher whose time is linear.
        private const int LongestQuick = 4096;

        private readonly Lazy<Pair> _pattern = new(() => new Pair(rule.Pattern, rule.IsCaseSensitive));
        private readonly Lazy<Pair?> _pardon = new(() => rule.UnlessFollowedBy is { } pattern ? new Pair(pattern, caseSensitive: false) : null);

        private static TimeSpan QuickLimit => TimeSpan.FromMilliseconds(20);

        public string Key => rule.Key;

        /// <summary>Where the pattern matches; [-1] when that could not be found out in time.</summary>
        public List<int> StartsIn(string lower, string original)
        {
            if (!rule.Needles.Any(needle => lower.Contains(needle, StringComparison.Ordinal))) return [];
            try
            {
                if (lower.Length <= LongestQuick) return Search(lower, original, pair => pair.Quick);
            }
            catch (RegexMatchTimeoutException)
            {
                // It is written to take long: the other matcher does not.
            }

            try
            {
                return Search(lower, original, pair => pair.Linear);
            }
            catch (RegexMatchTimeoutException)
            {
                return [-1];
            }
        }

        private List<int> Search(string lower, string original, Func<Pair, Regex> matcher)
        {
            var starts = new List<int>();
            var end = 0;
            foreach (var match in matcher(_pattern.Value).EnumerateMatches(rule.IsCaseSensitive ? original : lower))
            {
                starts.Add(match.Index);
                end = match.Index + match.Length;
            }

            // Behind the last match there is least to pardon it.
            return starts.Count > 0 && _pardon.Value is { } pardon && matcher(pardon).IsMatch(lower.AsSpan(end)) ? [] : starts;
        }

        /// <summary>A pattern for both matchers, which find the same. The one that may go back is built in no time, the other takes tens of
        /// milliseconds, which the first command would wait for.</summary>
        private sealed class Pair(string pattern, bool caseSensitive)
        {
            private readonly Lazy<Regex> _quick = new(() => new Regex(pattern, With(DangerousCommands.Matcher.Quick, pattern, caseSensitive), QuickLimit));
            private readonly Lazy<Regex> _linear = new(() => new Regex(pattern, With(Options, pattern, caseSensitive), SearchLimit));

            public Regex Quick => _quick.Value;

            public Regex Linear => _linear.Value;

            // The text is in lower case: only a pattern with capitals needs the other case.
            private static RegexOptions With(RegexOptions options, string pattern, bool caseSensitive) => caseSensitive || !HasCapitals(pattern) ? options : options | RegexOptions.IgnoreCase;

            private static bool HasCapitals(string pattern)
            {
                for (int at = 0; at < pattern.Length; at++)
                {
                    if (pattern[at] == '\\') at++;
                    else if (char.IsAsciiLetterUpper(pattern[at])) return true;
                }

                return false;
            }
        }
    }
}
