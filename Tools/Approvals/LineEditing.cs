using System.Buffers;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>Typed text that becomes another line than it looks like: a terminal edits what it is given, and a shell brings back old lines.</summary>
internal static partial class LineEditing
{
    // Backspace, delete, move, kill, yank, transpose, quote, search, undo and escape; interrupt, end of file, suspend and redraw edit nothing.
    private static readonly SearchValues<char> Keys =
        SearchValues.Create("\u0001\u0002\u0005\u0006\b\u000B\u000E\u000F\u0010\u0012\u0014\u0015\u0016\u0017\u0018\u0019\u001B\u001F\u007F");

    /// <summary>Whether a text holds such keys, or the signs with which a shell repeats an earlier line.</summary>
    public static bool IsIn(string text) => text.AsSpan().IndexOfAny(Keys) >= 0 || History().IsMatch(text);

    // !!, !12, !name at the start of a word, and ^old^new at the start of a line.
    [GeneratedRegex(@"(?:^|[\s;&|(`])!(?:[!$*?#-]|[0-9A-Za-z_/.])|^\^[^^\n]+\^", RegexOptions.Multiline)]
    private static partial Regex History();
}
