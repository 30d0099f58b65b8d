namespace Gateway.Tools.Terminal;

/// <summary>What an exit code other than 0 means, for programs that use it for something else than failure (AGENT.md 10.1).</summary>
/// <param name="Text">Explanation for the model.</param>
/// <param name="IsError">Whether the program failed all the same.</param>
internal sealed record ExitCodeMeaning(string Text, bool IsError)
{
    /// <summary>The meaning; null when the code means what it says. The last command of a list or pipeline decides.</summary>
    public static ExitCodeMeaning? Of(string command, int exitCode)
    {
        if (exitCode == 0) return null;
        return (Program(LastSegment(command)), exitCode) switch
        {
            ("grep" or "egrep" or "fgrep" or "rg" or "ag" or "ack", 1) => new("No matches found (not an error)", false),
            ("diff" or "colordiff", 1) => new("Files differ (expected, not an error)", false),
            ("find", 1) => new("Some directories were inaccessible (partial results may still be valid)", false),
            ("test" or "[", 1) => new("Condition evaluated to false (expected, not an error)", false),
            ("curl", 6) => new("The host name could not be resolved", true),
            ("curl", 7) => new("No connection to the host", true),
            ("curl", 22) => new("The server answered with an HTTP status of 400 or above", true),
            ("curl", 28) => new("The transfer timed out", true),
            ("git", 1) => new("Non-zero exit (often normal — e.g. 'git diff' returns 1 when files differ)", false),
            _ => null,
        };
    }

    private static string LastSegment(string command)
    {
        command = command.TrimEnd(' ', '\t', '\r', '\n', ';', '|', '&');
        var start = 0;
        var quote = '\0';
        for (var at = 0; at < command.Length; at++)
        {
            var next = command[at];
            if (next == '\\' && quote != '\'') at++;
            else if (quote != '\0') quote = next == quote ? '\0' : quote;
            else if (next is '\'' or '"') quote = next;
            else if (next is '|' or ';' or '\n' || next == '&' && at > 0 && command[at - 1] == '&') start = at + 1;
        }

        return command[start..].Trim();
    }

    private static string Program(string segment)
    {
        var words = segment.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var name = words.FirstOrDefault(word => !IsAssignment(word)) ?? "";
        return name[(name.LastIndexOf('/') + 1)..];
    }

    private static bool IsAssignment(string word) =>
        word.IndexOf('=') is var sign and > 0 && word.AsSpan(0, sign).IndexOfAny("/'\"[") < 0;
}
