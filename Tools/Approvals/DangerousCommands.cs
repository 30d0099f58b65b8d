using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>Judges commands by the patterns of AGENT.md 8.2. Thread-safe.</summary>
/// <remarks>A command is searched as typed (normalised as the contract says) and once more in plain spelling, see
/// <see cref="ShellSimplifier"/>. The matcher takes time linear in the command, so no command can stall it; should a
/// search take longer than <see cref="SearchLimit"/> all the same, it counts as a match.</remarks>
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
        private readonly Lazy<Regex> _pattern = new(() => Build(rule.Pattern, rule.IsCaseSensitive));
        private readonly Lazy<Regex?> _pardon = new(() => rule.UnlessFollowedBy is { } pattern ? Build(pattern, caseSensitive: false) : null);

        public string Key => rule.Key;

        /// <summary>Where the pattern matches; [-1] when that could not be found out in time.</summary>
        public List<int> StartsIn(string lower, string original)
        {
            if (!rule.Needles.Any(needle => lower.Contains(needle, StringComparison.Ordinal))) return [];

            var starts = new List<int>();
            var end = 0;
            try
            {
                foreach (var match in _pattern.Value.EnumerateMatches(rule.IsCaseSensitive ? original : lower))
                {
                    starts.Add(match.Index);
                    end = match.Index + match.Length;
                }

                // Behind the last match there is least to pardon it.
                return starts.Count > 0 && _pardon.Value?.IsMatch(lower.AsSpan(end)) == true ? [] : starts;
            }
            catch (RegexMatchTimeoutException)
            {
                return [-1];
            }
        }

        private static Regex Build(string pattern, bool caseSensitive) =>
            new(pattern, caseSensitive ? Options : Options | RegexOptions.IgnoreCase, SearchLimit);
    }
}
