namespace Gateway.Processes;

/// <summary>What a command of the user printed and how it ended.</summary>
/// <param name="Output">Standard output, line ends as LF, its last 4000 characters.</param>
/// <param name="ErrorOutput">Standard error likewise, its last 2000 characters.</param>
/// <param name="Code">Exit status, or minus the number of the signal that ended it.</param>
/// <param name="TimedOut">Whether it was ended after <see cref="ShellCommand.TimeLimit"/>.</param>
/// <param name="Interrupted">Whether it was ended because the caller cancelled.</param>
internal sealed record ShellResult(string Output, string ErrorOutput, int Code, bool TimedOut, bool Interrupted);

/// <summary>Runs the commands that the user types (<c>shell.exec</c>, WIRE 16.1). Whether a command may run is the caller's
/// decision.</summary>
internal static class ShellCommand
{
    private const int OutputTail = 4_000;
    private const int ErrorTail = 2_000;

    /// <summary>How long a command may take: 30 s.</summary>
    public static TimeSpan TimeLimit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Runs <paramref name="command"/> in <c>/bin/sh</c> with an empty standard input.</summary>
    /// <exception cref="ChildStartException">The shell could not be started.</exception>
    public static async Task<ShellResult> RunAsync(
        ChildProcesses children,
        string command,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan timeLimit,
        CancellationToken cancellationToken)
    {
        var result = await children.RunAsync(
            new ChildStart
            {
                Path = "/bin/sh",
                Arguments = ["-c", command],
                Environment = environment,
                WorkingDirectory = workingDirectory,
                Timeout = timeLimit,
                // Twice the tail: even if every line end turns from two characters into one, the tail is full.
                OutputLimit = new OutputLimit(0, 2 * OutputTail),
                ErrorLimit = new OutputLimit(0, 2 * ErrorTail),
            },
            cancellationToken);
        return new ShellResult(
            Tail(result.Output, OutputTail), Tail(result.ErrorOutput, ErrorTail), result.ExitCode, result.TimedOut, result.Interrupted);
    }

    private static string Tail(CapturedText captured, int length)
    {
        var text = captured.Tail;
        // A CR LF cut in two by the limit would show as an empty line.
        if (captured.Omitted > 0 && text.StartsWith('\n')) text = text[1..];
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (captured.Omitted == 0 && text.Length <= length) return text;

        var from = Math.Max(0, text.Length - length);
        if (from < text.Length && char.IsLowSurrogate(text[from])) from++;
        return $"[earlier output omitted, the last {text.Length - from} characters follow]\n{text[from..]}";
    }
}
