using System.Text.RegularExpressions;
using Gateway.Tools.Files;

namespace Gateway.Tools.Approvals;

/// <summary>Judges commands by the rules of <see cref="CommandRules"/>. Thread-safe.</summary>
/// <remarks>A command is searched as typed and once more in plain spelling (<see cref="ShellSimplifier"/>). Each pattern is tried first with
/// a matcher that is quick to build and, where that takes too long, with one whose time is linear in the length, so no command can stall
/// the judge. The linear one has no time-out: .NET's non-backtracking matcher misses matches after about 100,000 characters when it has one.</remarks>
/// <param name="files">Files that only the user changes; null when none are known.</param>
internal sealed class DangerousCommands(ProtectedFiles? files = null)
{
    private readonly Matcher[] _hardline = [.. CommandRules.Hardline.Select(rule => new Matcher(rule))];
    private readonly Matcher[] _dangerous = [.. CommandRules.Dangerous.Concat(CommandRules.Own).Select(rule => new Matcher(rule))];

    /// <summary>Longest command in UTF-16 code units that is judged without a question: more than the system takes as one argument.</summary>
    public const int LongestJudged = 200_000;

    /// <summary>Judges one command of which nothing is known but its text.</summary>
    public CommandVerdict Check(string command) => Check(new JudgedCommand(command));

    /// <summary>Judges one command.</summary>
    public CommandVerdict Check(JudgedCommand command)
    {
        string? hardline = null;
        var findings = new List<string>();
        if (command.Text.Length > LongestJudged) findings.Add(CommandRules.TooLong);
        if (command.IsTyped && LineEditing.IsIn(command.Text)) findings.Add(CommandRules.EditedLine);
        if (command.IsIncomplete && command.Text.AsSpan().IndexOfAny('$', '`') >= 0) findings.Add(CommandRules.ForgottenVariables);
        foreach (var (spelling, written) in Spellings(command))
        {
            var lower = spelling.ToLowerInvariant();
            hardline ??= _hardline.FirstOrDefault(matcher => matcher.StartsIn(lower, spelling).Count > 0)?.Key;

            // Patterns overlap: what an earlier one found at the same place is not reported again under another name.
            var known = new HashSet<int>();
            foreach (var matcher in _dangerous)
            {
                var starts = matcher.StartsIn(lower, spelling);
                var isNew = starts.Any(start => !known.Contains(start));
                known.UnionWith(starts);
                if (isNew && !findings.Contains(matcher.Key)) findings.Add(matcher.Key);
            }

            bool isProtected = files is not null && written.Any(path => files.ReasonFor(path, writes: true) is not null);
            if (isProtected && !findings.Contains(CommandRules.ProtectedFile)) findings.Add(CommandRules.ProtectedFile);
        }

        return new CommandVerdict(hardline, findings);
    }

    private static IEnumerable<SimplifiedScript> Spellings(JudgedCommand command)
    {
        var text = CompatibilityFold.Fold(UnreadText.Remove(command.Text).Replace("\0", "", StringComparison.Ordinal));
        var stripped = AnsiText.Strip(text);
        yield return new SimplifiedScript(stripped, []);
        yield return ShellSimplifier.Simplify(stripped, command);
        if (stripped.Length == text.Length) yield break;

        // Control sequences mean nothing to a shell: a "title" may hold a command.
        yield return new SimplifiedScript(text, []);
        yield return ShellSimplifier.Simplify(text, command);
    }

    private sealed class Matcher(CommandRule rule)
    {
        // Long enough for every command that is typed; longer ones are judged by the matcher whose time is linear.
        private const int LongestQuick = 4096;

        private readonly Lazy<Pair> _pattern = new(() => new Pair(rule.Pattern, rule.IsCaseSensitive));
        private readonly Lazy<Pair?> _pardon = new(() => rule.UnlessFollowedBy is { } pattern ? new Pair(pattern, caseSensitive: false) : null);

        private static TimeSpan QuickLimit => TimeSpan.FromMilliseconds(20);

        public string Key => rule.Key;

        /// <summary>Where the pattern matches.</summary>
        public List<int> StartsIn(string lower, string original)
        {
            if (!rule.Needles.Any(needle => lower.Contains(needle, StringComparison.Ordinal))) return [];
            try
            {
                if (lower.Length <= LongestQuick) return Search(lower, original, pair => pair.Quick);
            }
            catch (RegexMatchTimeoutException)
            {
                // The command was written to take long; the other matcher does not.
            }

            return Search(lower, original, pair => pair.Linear);
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

            // After the last match there is least to pardon it.
            return starts.Count > 0 && _pardon.Value is { } pardon && matcher(pardon).IsMatch(lower.AsSpan(end)) ? [] : starts;
        }

        /// <summary>A pattern for both matchers, which find the same. The backtracking one is built in no time, the other takes tens of
        /// milliseconds, which the first command would wait for.</summary>
        private sealed class Pair(string pattern, bool caseSensitive)
        {
            private const RegexOptions Common = RegexOptions.Singleline | RegexOptions.CultureInvariant;

            private readonly Lazy<Regex> _quick = new(() => new Regex(pattern, With(Common, pattern, caseSensitive), QuickLimit));
            private readonly Lazy<Regex> _linear = new(() => new Regex(pattern, With(Common | RegexOptions.NonBacktracking, pattern, caseSensitive)));

            public Regex Quick => _quick.Value;

            public Regex Linear => _linear.Value;

            // The text is in lower case: only a pattern with capitals needs the other case.
            private static RegexOptions With(RegexOptions options, string pattern, bool caseSensitive) =>
                caseSensitive || !HasCapitals(pattern) ? options : options | RegexOptions.IgnoreCase;

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
