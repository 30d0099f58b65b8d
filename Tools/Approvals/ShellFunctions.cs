namespace Gateway.Tools.Approvals;

/// <summary>Finds the functions that a script defines.</summary>
internal static class ShellFunctions
{
    /// <summary>The best known one that starts itself twice without end.</summary>
    public const string ForkBomb = ":(){ :|:& };:";

    private const int Most = 32;
    private const int LongestHead = 80;

    /// <summary>Names and bodies of the functions in a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="isWhole">Whether these are all; false when there are more than are followed.</param>
    public static IReadOnlyList<(string Name, string Body)> In(string script, out bool isWhole)
    {
        isWhole = true;
        List<(string Name, string Body)> found = [];
        for (int brace = script.IndexOf('{'); brace >= 0; brace = script.IndexOf('{', brace + 1))
        {
            if (Named(script.AsSpan(Math.Max(0, brace - LongestHead), Math.Min(brace, LongestHead))) is not { Length: > 0 } name) continue;
            if (found.Count == Most)
            {
                isWhole = false;
                break;
            }

            int depth = 1, at = brace + 1;
            for (; at < script.Length && depth > 0; at++) depth += script[at] == '{' ? 1 : script[at] == '}' ? -1 : 0;
            if (depth == 0) found.Add((name, script[(brace + 1)..(at - 1)]));
        }

        return found;
    }

    /// <summary>Whether a function starts itself twice and leaves.</summary>
    public static bool Multiplies(string name, string body)
    {
        string plain = string.Concat(body.Where(sign => !char.IsWhiteSpace(sign)));
        return plain.Contains($"{name}|{name}&", StringComparison.Ordinal) || plain.Contains($"{name}&{name}", StringComparison.Ordinal);
    }

    // The name in front of a brace: "name()", "function name" or both.
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
        while (start > 0 && (char.IsLetterOrDigit(head[start - 1]) || head[start - 1] is '_' or '-' or '.' or ':')) start--;
        return start < head.Length && (isCall || head[..start].TrimEnd().EndsWith("function")) ? head[start..].ToString() : null;
    }
}
