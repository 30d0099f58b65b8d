using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>Masks the bodies of private keys in PEM form, also with line numbers or diff marks before their lines, inside JSON texts, and
/// without an end. The marks alone, as source code names them, are no key.</summary>
internal static partial class PrivateKeyBlocks
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";
    private const int LongestLabel = 60;

    // Without an end mark only a line that can be nothing else counts as the first of a key.
    private const int ShortestLineOfOpenKey = 32;

    /// <summary>The text with <c>***</c> for each body; the very one that was given when there is none.</summary>
    public static string Redact(string text)
    {
        StringBuilder? result = null;
        int kept = 0;
        for (int at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Begin, at + 1, StringComparison.Ordinal))
        {
            int label = at + Begin.Length, close = text.IndexOf(Dashes, label, StringComparison.Ordinal);
            if (close < 0 || close - label > LongestLabel || !text.AsSpan(label, close - label).Contains("PRIVATE KEY", StringComparison.Ordinal)) continue;
            int start = close + Dashes.Length, end = EndOfBody(text, start);
            if (end < 0) continue;
            result ??= new StringBuilder(text.Length);
            result.Append(text, kept, start - kept).Append("***");
            kept = end;
        }

        return result is null ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    // Minus one when what follows the mark is no key.
    private static int EndOfBody(string text, int start)
    {
        int next = text.IndexOf(Begin, start, StringComparison.Ordinal), mark = text.IndexOf(End, start, StringComparison.Ordinal);
        bool closed = mark >= 0 && (next < 0 || mark < next);
        int limit = closed ? mark : next < 0 ? text.Length : next;
        int last = start, longest = 0;
        for (int at = start; at < limit;)
        {
            int end = EndOfLine(text, at, limit), length = Mark().Match(text, at, end - at).Length;
            string line = text[(at + length)..end].TrimEnd('"', '\'', ',', '+', ' ', '\t', '\r', '\\');
            if (Data().IsMatch(line))
            {
                longest = Math.Max(longest, line.Length);
                last = end;
            }
            else if (line.Length > 0 && !Header().IsMatch(line))
            {
                if (closed) return -1;
                break;
            }

            at = end < limit && text[end] == '\\' ? end + 2 : end + 1;
        }

        if (closed) return longest > 0 ? mark : -1;
        return longest >= ShortestLineOfOpenKey ? last : -1;
    }

    // A line ends at a line feed, or at one that is written as \n or \r in a text.
    private static int EndOfLine(string text, int start, int limit)
    {
        for (int i = start; i < limit; i++)
            if (text[i] == '\n' || (text[i] == '\\' && i + 1 < limit && text[i + 1] is 'n' or 'r')) return i;
        return limit;
    }

    [GeneratedRegex(@"\G[ \t+>-]*(?:\d{1,6}[|:\t])?[ \t+-]*[""']?")]
    private static partial Regex Mark();

    [GeneratedRegex("^[A-Za-z0-9+/=]+$")]
    private static partial Regex Data();

    [GeneratedRegex("^[A-Za-z][A-Za-z-]*: ")]
    private static partial Regex Header();
}
