using System.Text.RegularExpressions;
using Gateway.Tools.Approvals;

namespace Gateway.Tools.Terminal;

/// <summary>What was written to the input of one process, for the judge of commands: the process may be a shell, so it is judged like a
/// command, together with the lines before it, since a command may be cut over several writes or use what an earlier line set.</summary>
/// <param name="directory">Absolute directory that the process was started in.</param>
internal sealed partial class TypedText(string directory)
{
    private const int KeptCharacters = 4096;
    private const int LongestLine = 65_536;
    private readonly Lock _gate = new();
    private string _before = "";
    private bool _hasForgotten;

    /// <summary>Notes what the process was started with.</summary>
    /// <param name="command">The command, unless it was found dangerous itself: the user has seen it then.</param>
    public void Begin(string command) => Wrote(command + "\n");

    /// <summary>Decides whether a text may be written, asking the user if need be.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted while the question was open.</exception>
    public async Task<ApprovalDecision> CheckAsync(string text, ApprovalGate gate, ToolContext context, CancellationToken cancellationToken)
    {
        string before;
        bool isIncomplete;
        lock (_gate) (before, isIncomplete) = (_before, _hasForgotten);
        int end = text.IndexOf('\n');
        if (Unfinished(before).Length + (end < 0 ? text.Length : end) > LongestLine)
            return new ApprovalDecision($"BLOCKED: a line of more than {LongestLine} characters cannot be judged. Put what you want to write into a file and have the process read that.", null);
        var approvals = new Shown(context.Approvals, Unfinished(before) + text);
        var alone = await gate.CheckAsync(Judged(text), approvals, context.Auxiliary, cancellationToken);
        if (!alone.IsAllowed || before.Length == 0) return alone;

        // Both ways, since a quote that an earlier line left open would make a text of what is a command.
        var whole = await gate.CheckAsync(Judged(before + text), approvals, context.Auxiliary, cancellationToken);
        return whole.IsAllowed ? whole with { Note = alone.Note ?? whole.Note } : whole;

        JudgedCommand Judged(string judged) => new(judged)
        {
            Directory = directory,
            Home = context.UserHome,
            IsTyped = true,
            IsIncomplete = isIncomplete,
            UnexpectedDirectory = directory == context.WorkingDirectory ? null : directory,
        };
    }

    /// <summary>Notes what was written.</summary>
    /// <param name="text">The text.</param>
    /// <param name="approved">Whether the user was asked about it: it is not asked about again with every line that follows.</param>
    public void Wrote(string text, bool approved = false)
    {
        lock (_gate)
        {
            // A line that is not finished is judged again with what completes it.
            string line = Unfinished(_before + text), lines = approved ? "" : (_before + text)[..^line.Length];
            if (lines.Length > KeptCharacters) lines = string.Concat(lines.Split('\n').Where(one => Setting().IsMatch(one)).Select(one => one + "\n"));
            _hasForgotten |= lines.Length > KeptCharacters;
            if (lines.Length > KeptCharacters) lines = lines[(lines.IndexOf('\n', lines.Length - KeptCharacters) + 1)..];
            _before = lines + line;
        }
    }

    // What later lines may depend on: variables, functions, aliases, the directory, and quotes that are still open.
    [GeneratedRegex(@"[='""`({\\]|<<|\b(alias|read|mapfile|readarray|set|cd|pushd|popd|printf|for|select|getopts|declare|function|hash)\b")]
    private static partial Regex Setting();

    // What follows the last line end; one after a backslash ends no line.
    private static string Unfinished(string text)
    {
        int end = text.LastIndexOf('\n');
        while (end > 0 && text[end - 1] == '\\') end = text.LastIndexOf('\n', end - 1);
        return text[(end + 1)..];
    }

    // The user is asked about what is written now, not about all that went before.
    private sealed class Shown(IApprovals approvals, string text) : IApprovals
    {
        private readonly HashSet<string> _approved = new(StringComparer.Ordinal);

        public bool AllowsEverything => approvals.AllowsEverything;

        public bool AsksModelFirst => approvals.AsksModelFirst;

        public void Grant(IReadOnlyList<string> patternKeys) => approvals.Grant(patternKeys);

        public bool IsGranted(string patternKey) => _approved.Contains(patternKey) || approvals.IsGranted(patternKey);

        public async Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            var choice = await approvals.AskAsync(request with { Command = text, Description = $"{request.Description} (typed into a process)" }, cancellationToken);
            if (choice is ApprovalChoice.Once or ApprovalChoice.Session or ApprovalChoice.Always) _approved.UnionWith(request.PatternKeys);
            return choice;
        }
    }
}
