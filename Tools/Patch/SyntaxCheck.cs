using System.Text.RegularExpressions;
using Gateway.Processes;

namespace Gateway.Tools.Patch;

/// <summary>What a checker says of a changed file.</summary>
/// <param name="Status">ok, error or skipped.</param>
/// <param name="Output">What it printed; null for nothing.</param>
internal sealed record SyntaxVerdict(string Status, string? Output);

/// <summary>Has a changed file looked at by the checker of its language, where one is installed (AGENT.md 10.5).</summary>
internal sealed partial class SyntaxCheck(ChildProcesses children, IReadOnlyDictionary<string, string> environment)
{
    private const int LongestOutput = 2000;

    /// <summary>Checks a file; null when its language has no checker here.</summary>
    public async Task<SyntaxVerdict?> RunAsync(string path, CancellationToken cancellationToken)
    {
        (string Program, string[] Arguments)? checker = Path.GetExtension(path) switch
        {
            ".py" => ("python3", ["-c", "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')", path]),
            ".js" or ".mjs" or ".cjs" => ("node", ["--check", path]),
            ".ts" or ".mts" or ".cts" => ("tsc", ["--noEmit", "--noResolve", "--skipLibCheck", "--pretty", "false", path]),
            ".go" => ("gofmt", ["-e", "-l", path]),
            ".rs" => ("rustfmt", ["--check", "--edition", "2021", path]),
            ".sh" or ".bash" => ("bash", ["-n", path]),
            _ => null,
        };
        if (checker is not var (program, arguments)) return null;
        if (ExecutablePath.Find(program, environment.GetValueOrDefault("PATH")) is not { } found) return new SyntaxVerdict("skipped", $"{program} is not installed");
        try
        {
            var result = await children.RunAsync(
                new ChildStart
                {
                    Path = found,
                    Arguments = arguments,
                    Environment = environment,
                    WorkingDirectory = Path.GetDirectoryName(path) ?? "/",
                    MergeStandardError = true,
                    OutputLimit = new OutputLimit(LongestOutput, 0),
                    Timeout = TimeSpan.FromSeconds(30),
                },
                cancellationToken);
            if (result.TimedOut || result.Interrupted) return new SyntaxVerdict("skipped", $"{program} did not end in time");

            bool failed = result.ExitCode != 0 && IsOfSyntax(program, result.Output.Head);
            return failed ? new SyntaxVerdict("error", result.Output.Head.Trim()) : new SyntaxVerdict("ok", null);
        }
        catch (ChildStartException exception)
        {
            return new SyntaxVerdict("skipped", exception.Message);
        }
    }

    // rustfmt says 1 to what it would lay out differently, and tsc to every name of the files around, which it is not shown.
    private static bool IsOfSyntax(string program, string output) => program switch
    {
        "rustfmt" => output.Contains("error", StringComparison.Ordinal),
        "tsc" => SyntaxErrorOfTypeScript().IsMatch(output),
        _ => true,
    };

    [GeneratedRegex(@"error TS1\d{3}:", RegexOptions.CultureInvariant)]
    private static partial Regex SyntaxErrorOfTypeScript();
}
