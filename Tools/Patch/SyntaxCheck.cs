using Gateway.Processes;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>What a checker says of a changed file.</summary>
/// <param name="Status">ok, error or skipped.</param>
/// <param name="Output">What it printed; null for nothing.</param>
internal sealed record SyntaxVerdict(string Status, string? Output);

/// <summary>Has a changed file checked by the checker of its language, where one is installed. Nothing of the file's repository is run or
/// read as a setting.</summary>
internal sealed class SyntaxCheck(ChildProcesses children, IReadOnlyDictionary<string, string> environment)
{
    private const int LongestOutput = 2000;

    /// <summary>Checks a file; null when its language has no checker.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="cancellationToken">Ends the checker.</param>
    public async Task<SyntaxVerdict?> RunAsync(string path, CancellationToken cancellationToken)
    {
        if (SyntaxChecker.Of(path) is not { } checker) return null;
        var place = new CheckerPlace(path, environment);
        if (place.Find(checker.Program) is not { } program) return new SyntaxVerdict("skipped", $"{checker.Program} is not installed");
        try
        {
            byte[] input = checker.ReadsInput ? TextFile.Bytes(path) : [];
            if (await RunAsync(checker, program, checker.Arguments) is not { } first) return new SyntaxVerdict("skipped", $"{checker.Program} did not end in time");
            if (first.Length == 0) return new SyntaxVerdict("ok", null);
            string? second = checker.Otherwise is null ? null : await RunAsync(checker, program, checker.Otherwise);
            if (second is { Length: 0 }) return new SyntaxVerdict("ok", null);

            // What is found further down is what is wrong with a text of the right kind.
            return new SyntaxVerdict("error", second is not null && LineOf(second) > LineOf(first) ? second : first);

            async Task<string?> RunAsync(SyntaxChecker checker, string program, IReadOnlyList<string> arguments)
            {
                var result = await children.RunAsync(
                    new ChildStart
                    {
                        Path = program,
                        Arguments = arguments,
                        Environment = place.Environment,
                        WorkingDirectory = CheckerPlace.Folder,
                        StandardInput = input,
                        MergeStandardError = checker.Mistake is null || !checker.ReadsInput,
                        OutputLimit = new OutputLimit(LongestOutput, 0),
                        ErrorLimit = new OutputLimit(LongestOutput, 0),
                        Timeout = TimeSpan.FromSeconds(30),
                    },
                    cancellationToken);
                if (result.TimedOut || result.Interrupted) return null;
                string said = (checker.Mistake is null || !checker.ReadsInput ? result.Output : result.ErrorOutput).Head.Trim();
                bool failed = result.ExitCode != 0 && checker.Mistake?.IsMatch(said) != false;
                return failed ? said.Length == 0 ? $"{checker.Program} ended with status {result.ExitCode}" : said : "";
            }
        }
        catch (ChildStartException exception)
        {
            return new SyntaxVerdict("skipped", exception.Message);
        }
        catch (TextFileException exception)
        {
            return new SyntaxVerdict("skipped", exception.Message);
        }
    }

    // node begins with "[stdin]:LINE".
    private static int LineOf(string output)
    {
        int from = output.IndexOf("]:", StringComparison.Ordinal);
        if (from < 0) return 0;
        int end = from + 2;
        while (end < output.Length && char.IsAsciiDigit(output[end])) end++;
        return int.TryParse(output.AsSpan(from + 2, end - from - 2), System.Globalization.CultureInfo.InvariantCulture, out int line) ? line : 0;
    }
}
