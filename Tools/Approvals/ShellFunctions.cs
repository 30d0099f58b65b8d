using System.Buffers;

namespace Gateway.Tools.Approvals;

/// <summary>Finds the functions that a script defines.</summary>
internal static class ShellFunctions
{
    /// <summary>The best known one that starts itself twice without end.</summary>
    public const string ForkBomb = ":(){ :|:& };:";

    private const int Most = 32;
    private const int LongestHead = 80;

    private static readonly SearchValues<char> NoName = SearchValues.Create(";&|<>(){}$`\"'\\#=");

    /// <summary>Names and bodies of the functions in a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="isWhole">Whether these are all; false when there are more than are followed.</param>
    public static IReadOnlyList<(string Name, string Body)> In(string script, out bool isWhole)
    {
        isWhole = true;
        List<(string Name, string Body)> found = [];
        int unclosed = 0;
        for (int open = script.AsSpan().IndexOfAny('{', '('); open >= 0; open = Next(script, open + 1))
        {
            bool isEmpty = open + 1 < script.Length && script[open + 1] == ')';
            if (isEmpty || Named(script.AsSpan(Math.Max(0, open - LongestHead), Math.Min(open, LongestHead))) is not { Length: > 0 } name) continue;
            if (found.Count == Most || unclosed == Most)
            {
                isWhole = false;
                break;
            }

            int end = End(script, open, readsQuotes: true) is >= 0 and var quoted ? quoted : End(script, open, readsQuotes: false);
            if (end >= 0) found.Add((name, script[(open + 1)..end]));
            else unclosed++;
        }

        return found;
    }

    private static int Next(string script, int start) => script.AsSpan(start).IndexOfAny('{', '(') is >= 0 and var at ? start + at : -1;

    // Where the bracket at a place is closed; -1: nowhere.
    private static int End(string script, int open, bool readsQuotes)
    {
        char opening = script[open], closing = opening == '{' ? '}' : ')';
        int depth = 0;
        for (int at = open; at < script.Length; at++)
        {
            char next = script[at];
            if (next == opening) depth++;
            else if (next == closing && --depth == 0) return at;
            else if (!readsQuotes) continue;
            else if (next == '\\') at++;
            else if (next == '#' && char.IsWhiteSpace(script[at - 1])) at = script.IndexOf('\n', at) is >= 0 and var line ? line : script.Length;
            else if (next is '\'' or '"') at = Closing(script, at);
        }

        return -1;
    }

    private static int Closing(string script, int quote)
    {
        for (int at = quote + 1; at < script.Length; at++)
        {
            if (script[at] == script[quote]) return at;
            if (script[at] == '\\' && script[quote] == '"') at++;
        }

        return script.Length;
    }

    /// <summary>Whether a function starts itself twice and leaves.</summary>
    public static bool Multiplies(string name, string body)
    {
        string plain = string.Concat(body.Where(sign => !char.IsWhiteSpace(sign)));
        return plain.Contains($"{name}|{name}&", StringComparison.Ordinal) || plain.Contains($"{name}&{name}", StringComparison.Ordinal);
    }

    // The name in front of a bracket: "name()", "function name" or both.
    private static string? Named(ReadOnlySpan<char> head)
    {
        head = head.TrimEnd();
        bool isCall = head.EndsWith(")");
        if (isCall)
        {
            head = head[..^1].TrimEnd();
            if (!head.EndsWith("(")) return null;
            head = head[..^1].TrimEnd();
        }

        int start = head.Length;
        while (start > 0 && !char.IsWhiteSpace(head[start - 1]) && !NoName.Contains(head[start - 1])) start--;
        return start < head.Length && (isCall || head[..start].TrimEnd().EndsWith("function")) ? head[start..].ToString() : null;
    }
}
