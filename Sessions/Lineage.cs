using Gateway.Agent.Compression;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>A conversation that goes over several stored sessions, as one: a part that was made by compression or by branching begins
/// with copies of what its parent holds, which are shown once.</summary>
internal static class Lineage
{
    /// <summary>Leaves out the copies.</summary>
    /// <param name="rows">The rows of all parts in the order they came.</param>
    public static IReadOnlyList<StoredMessage> Joined(IReadOnlyList<StoredMessage> rows)
    {
        var shown = new List<StoredMessage>(rows.Count);
        var earlier = new HashSet<(string, string?)>();
        for (int start = 0; start < rows.Count;)
        {
            int end = start;
            while (end < rows.Count && rows[end].SessionKey == rows[start].SessionKey) end++;

            // Only what stands at the beginning can be a copy; people do say the same thing twice.
            int at = start;
            if (start > 0) while (at < end && (SummaryPrompt.IsSummary(rows[at].Content) || earlier.Contains(Identity(rows[at])))) at++;
            for (; at < end; at++) shown.Add(rows[at]);
            for (; start < end; start++) earlier.Add(Identity(rows[start]));
        }

        return shown;
    }

    // The result of a call may have been shortened since.
    private static (string Role, string? What) Identity(StoredMessage row) => (row.Role, row.ToolCallId ?? row.Content ?? row.ToolCallsJson);
}
