using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>A value beside the name of a credential.</summary>
/// <param name="Name">The name.</param>
/// <param name="Start">Where the value begins, without its quote.</param>
/// <param name="Length">How long it is.</param>
/// <param name="IsSecret">Whether it is a credential rather than code or a placeholder.</param>
internal readonly record struct SecretAssignment(string Name, int Start, int Length, bool IsSecret);

/// <summary>Finds assignments to names of credentials, whatever the language: <c>NAME=value</c>, <c>"name": "value"</c>, also inside JSON
/// texts, <c>name: type = 'value'</c>, headers, queries, flags.</summary>
internal static partial class SecretAssignments
{
    private const int LongestName = 80;
    private const int LongestValue = 2000;
    private const int Judged = 256;

    /// <summary>The assignments of a text, in its order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="inSource">Whether it is source code.</param>
    public static IEnumerable<SecretAssignment> Find(string text, bool inSource)
    {
        for (var match = Assigned().Match(text); match.Success;)
        {
            string name = NameEndingAt(text, match.Groups["word"].Index, match.Groups["word"].Length);
            int at = match.Index + match.Length, next = at;
            if (SecretMask.IsCredentialName(name))
            {
                var (start, end, quoted) = Value(text, at, IsSure(text, match, name));
                if (end > start)
                {
                    bool secret = SecretLiteral.IsSecret(name, text[start..Math.Min(end, start + Judged)], new LiteralForm(quoted, IsSure(text, match, name), inSource));
                    yield return new SecretAssignment(name, start, end - start, secret);
                    if (secret) next = end;
                }
            }

            match = Assigned().Match(text, next);
        }
    }

    private static string NameEndingAt(string text, int word, int length)
    {
        int start = word;
        while (start > 0 && word - start < LongestName && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '-')) start--;

        // In escaped texts the letter of a line end stands before the name.
        if (start > 0 && start < word && text[start - 1] == '\\' && text[start] is 'n' or 't' or 'r') start++;
        return text[start..(word + length)];
    }

    // NAME=value without blanks, --flag=value, ?query=value, x-some-key: value.
    private static bool IsSure(string text, Match match, string name)
    {
        string separator = match.Groups["sep"].Value;
        int start = match.Groups["word"].Index + match.Groups["word"].Length - name.Length;
        bool plain = !match.Groups["close"].Success && !match.Groups["type"].Success;
        if (!plain) return false;
        if (separator == "=") return !name.Any(char.IsAsciiLetterLower) || name[0] == '-' || (start > 0 && text[start - 1] is '?' or '&' or ';');
        return separator.Trim() == ":" && name.IndexOf('-') > 0;
    }

    private static (int Start, int End, bool Quoted) Value(string text, int at, bool sure)
    {
        int start = at;
        while (start < text.Length && start < at + 2 && text[start] is 'f' or 'b' or 'r' or 'u' or 'F' or 'B' or 'R' or '$' or '@') start++;
        int slashes = 0;
        while (start + slashes < text.Length && slashes < 8 && text[start + slashes] == '\\') slashes++;
        if (start + slashes < text.Length && text[start + slashes] is '"' or '\'' or '`') return Quoted(text, start + slashes, slashes);
        int end = at;
        while (end < text.Length && end - at < LongestValue && !Ends(text[end], sure)) end++;
        return (at, end, false);
    }

    private static (int Start, int End, bool Quoted) Quoted(string text, int quote, int slashes)
    {
        int start = quote + 1, before = 0;
        for (int i = start; i < text.Length && i - start < LongestValue && text[i] is not ('\n' or '\r'); i++)
        {
            if (text[i] == text[quote] && (slashes == 0 ? before % 2 == 0 : before <= slashes)) return (start, i - Math.Min(before, slashes), true);
            before = text[i] == '\\' ? before + 1 : 0;
        }

        // It was cut off, or is no quote at all.
        int end = start;
        while (end < text.Length && end - start < LongestValue && !Ends(text[end], sure: true)) end++;
        return (start, end, true);
    }

    private static bool Ends(char letter, bool sure) =>
        char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '"' or '\'' or '`' or ',' or ';' or '&' or '|' or '\\' || (!sure && letter is ')' or '}' or ']');

    // What stands before the word belongs to the name; what stands behind it must be an assignment.
    [GeneratedRegex(
        @"(?<word>(?i:api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|token|secret|passwd|password|passphrase|pwd|authorization)|_KEY|_PASS|_pass|_AUTH|_auth)(?<close>\\{0,7}[""'`]\]?)?(?<type>\s{0,4}\??:\s{0,4}[A-Za-z_][\w.<>\[\]|?]{0,60}(?=\s{0,4}=[^=>]))?(?<sep>\s{0,4}(?::=|=>|!?={1,3}|:)[ \t]{0,4})")]
    private static partial Regex Assigned();
}
