using System.Globalization;
using Gateway.Processes;

namespace Gateway.Tools.Search;

/// <summary>Searches with ripgrep.</summary>
internal sealed class RipgrepSearch(ChildProcesses children, IReadOnlyDictionary<string, string> environment, string program)
{
    private const int LongestLine = 500;
    private const int MostOutput = 4_000_000;

    /// <summary>What is said of a search that was ended before it was through.</summary>
    public const string TookTooLong = "The search was ended after 60 seconds; there may be more. Search a smaller folder, or a more specific pattern.";

    private const string TooMuch = "There was more output than is kept; the last results are missing. Use a more specific pattern, or a smaller folder.";

    /// <summary>Searches.</summary>
    public async Task<SearchFindings> RunAsync(SearchQuery query, bool names, CancellationToken cancellationToken)
    {
        try
        {
            var result = await children.RunAsync(
                new ChildStart
                {
                    Path = program,
                    Arguments = names ? NameArguments(query) : ContentArguments(query),
                    Environment = environment,
                    WorkingDirectory = Directory.Exists(query.Path) ? query.Path : Path.GetDirectoryName(query.Path) ?? "/",
                    OutputLimit = new OutputLimit(MostOutput, 0),
                    ErrorLimit = new OutputLimit(2000, 0),
                    Timeout = TimeSpan.FromSeconds(60),
                },
                cancellationToken);
            string output = result.Output.Head;
            string? partial = result.TimedOut ? TookTooLong : result.Output.Omitted > 0 ? TooMuch : null;
            if (partial is not null) output = output[..(output.LastIndexOf('\n') + 1)];
            if (result.ExitCode == 2 && output.Length == 0) return new SearchFindings { Problem = $"Search failed: {Reason(result.ErrorOutput.Head)}" };
            if (result.TimedOut && output.Length == 0) return new SearchFindings { Problem = "The search took longer than 60 seconds. Search a smaller folder, or a more specific pattern." };
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var findings = new SearchFindings { Partial = partial };
            if (names || query.Mode == "files_only") return findings with { Files = [.. lines.Take(query.Most)] };
            return query.Mode == "count"
                ? findings with { Counts = [.. lines.Select(Count).OfType<(string, int)>().Take(query.Most)] }
                : findings with { Matches = [.. lines.Select(Match).OfType<SearchMatch>().Take(query.Most)] };
        }
        catch (ChildStartException exception)
        {
            return new SearchFindings { Problem = exception.Message };
        }
    }

    private static List<string> NameArguments(SearchQuery query)
    {
        string glob = query.Pattern.Contains('/', StringComparison.Ordinal) || query.Pattern.StartsWith('*') ? query.Pattern : '*' + query.Pattern;
        return ["--no-config", "--files", "--sortr=modified", "--no-messages", "-g", glob, "--", query.Path];
    }

    // A NUL stands between path and line, since paths may hold colons and figures.
    private static List<string> ContentArguments(SearchQuery query)
    {
        List<string> arguments = ["--no-heading", "--with-filename", "--null", "--color=never", "--no-messages", "--sort=path"];
        if (query.Mode == "files_only") arguments = ["-l", "--color=never", "--no-messages", "--sort=path"];
        else if (query.Mode == "count") arguments = ["-c", "--with-filename", "--null", "--color=never", "--no-messages", "--sort=path"];
        else arguments.AddRange(["--line-number", "-C", query.Context.ToString(CultureInfo.InvariantCulture), "--max-columns=2000", "--max-columns-preview"]);
        if (query.Glob is not null) arguments.AddRange(["-g", query.Glob]);
        arguments.AddRange(["--no-config", "-e", query.Pattern, "--", query.Path]);
        return arguments;
    }

    private static SearchMatch? Match(string line)
    {
        int end = line.IndexOf('\0');
        if (end < 0) return null;
        int digits = end + 1;
        while (digits < line.Length && char.IsAsciiDigit(line[digits])) digits++;
        if (digits == line.Length || !int.TryParse(line.AsSpan(end + 1, digits - end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return null;
        return new SearchMatch(line[..end], number, Cut(line[(digits + 1)..]));
    }

    private static (string Path, int Count)? Count(string line) =>
        line.IndexOf('\0') is var end and > 0 && int.TryParse(line.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? (line[..end], count) : null;

    /// <summary>A line as it is shown.</summary>
    public static string Cut(string line)
    {
        line = line.TrimEnd('\r');
        if (line.Length <= LongestLine) return line;
        return line[..(char.IsHighSurrogate(line[LongestLine - 1]) ? LongestLine - 1 : LongestLine)];
    }

    private static string Reason(string text) => text.Trim().Split('\n') is [.., var last] && last.Length > 0 ? last : "the pattern is not a valid regular expression";
}
