using System.Globalization;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Finds the ends of quotations in one script. An end that was searched for in vain is not searched for again, so
/// that a hostile script cannot make the search quadratic.</summary>
internal sealed class ShellQuotes(string script)
{
    private const int MostNested = 32;
    private const int MostFailures = 8;

    private bool _noSingle;
    private bool _noDouble;
    private bool _noBacktick;
    private bool _noParenthesis;
    private bool _noAnsi;
    private bool _noDelimiter;
    private int _depth;
    private int _failures;

    /// <summary>Index of the quote that closes a <c>'</c>; -1: none.</summary>
    public int FindSingleQuote(int start) => Remember(ref _noSingle, _noSingle ? -1 : script.IndexOf('\'', start));

    /// <summary>Index of the quote that closes a <c>"</c>; -1: none.</summary>
    public int FindDoubleQuote(int start)
    {
        if (_noDouble) return -1;
        if (_depth == MostNested || _failures == MostFailures) return Remember(ref _noDouble, FindUnescaped('"', start));
        _depth++;
        int end = FindOuterQuote(start);
        _depth--;
        if (end >= 0) return end;
        _failures++;
        return Remember(ref _noDouble, FindUnescaped('"', start));
    }

    // Quotes in a $(…) are its own.
    private int FindOuterQuote(int start)
    {
        for (int at = start; at < script.Length; at++)
        {
            if (script[at] == '\\') at++;
            else if (script[at] == '"') return at;
            else if (script[at] == '$' && at + 1 < script.Length && script[at + 1] == '(' && FindParenthesis(at + 2) is >= 0 and var close) at = close;
        }

        return -1;
    }

    /// <summary>Index of the quote that closes a <c>$'</c>; -1: none.</summary>
    public int FindAnsiQuote(int start) => Remember(ref _noAnsi, _noAnsi ? -1 : FindUnescaped('\'', start));

    /// <summary>Index of the closing <c>`</c>; -1: none.</summary>
    public int FindBacktick(int start) => Remember(ref _noBacktick, _noBacktick ? -1 : FindUnescaped('`', start));

    /// <summary>Index of the parenthesis that closes a <c>$(</c>; -1: none.</summary>
    public int FindParenthesis(int start)
    {
        if (_noParenthesis) return -1;

        var depth = 1;
        for (var at = start; at < script.Length; at++)
        {
            switch (script[at])
            {
                case '\\':
                    at++;
                    break;
                case '\'' when FindSingleQuote(at + 1) is var end and >= 0:
                    at = end;
                    break;
                case '"' when FindDoubleQuote(at + 1) is var end and >= 0:
                    at = end;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return at;
            }
        }

        return Remember(ref _noParenthesis, -1);
    }

    /// <summary>Text of a double quotation without its escapes and with the variables it names; commands substituted in it are added to
    /// <paramref name="inner"/>, and stand there as what they print.</summary>
    public static string Unescape(string content, List<string> inner, ShellScope scope, Func<string, string> printed)
    {
        if (content.AsSpan().IndexOfAny('\\', '$', '`') < 0) return content;

        var quotes = new ShellQuotes(content);
        var result = new StringBuilder(content.Length);
        for (var at = 0; at < content.Length; at++)
        {
            var next = at + 1 < content.Length ? content[at + 1] : '\0';
            var end = (content[at], next) switch
            {
                ('$', '(') => quotes.FindParenthesis(at + 2),
                ('`', _) => quotes.FindBacktick(at + 1),
                _ => -1,
            };
            if (end >= 0)
            {
                var inside = content[(at + (content[at] == '$' ? 2 : 1))..end];
                inner.Add(Substituted(inside));
                result.Append(IsCalculation(inside) ? "0" : scope.Expand(printed(inside)));
                at = end;
            }
            else if (content[at] == '$' && scope.Read(content.AsSpan(at + 1), out int length) is var value && length > 0)
            {
                CollectFrom(content.AsSpan(at + 1, length), value, inner, scope, printed);
                result.Append(scope.Expand(value));
                at += length;
            }
            else if (content[at] == '\\' && next is '"' or '\\' or '$' or '`' or '\n')
            {
                if (next != '\n') result.Append(next);
                at++;
            }
            else
            {
                result.Append(content[at]);
            }
        }

        return result.ToString();
    }

    /// <summary>Adds the commands that are substituted inside a parameter, such as <c>${x:-$(y)}</c>, or in a value that is used as a prompt.</summary>
    public static void CollectFrom(ReadOnlySpan<char> parameter, string value, List<string> inner, ShellScope scope, Func<string, string> printed)
    {
        if (parameter.Length > 3 && (parameter.Contains("$(", StringComparison.Ordinal) || parameter.Contains('`')))
            _ = Unescape(parameter[1..].ToString(), inner, scope, printed);
        if (!parameter.EndsWith("@P}")) return;
        _ = Unescape(value, inner, scope, printed);
        if (UnreadText.IsIn(value)) inner.Add("eval " + value);
    }

    /// <summary>The script of a substitution; of a calculation with both of its parentheses.</summary>
    public static string Substituted(string inside) => IsCalculation(inside) ? $"({inside})" : inside;

    /// <summary>Whether the inside of a substitution is one of <c>$((…))</c>.</summary>
    public static bool IsCalculation(string inside) => inside.StartsWith('(') && inside.EndsWith(')');

    /// <summary>Text of a <c>$'…'</c> quotation.</summary>
    public static string DecodeAnsi(ReadOnlySpan<char> content)
    {
        var result = new StringBuilder(content.Length);
        while (!content.IsEmpty)
        {
            if (content[0] != '\\' || content.Length == 1)
            {
                result.Append(content[0]);
                content = content[1..];
                continue;
            }

            var kind = content[1];
            var digits = kind switch { 'x' => 2, 'u' => 4, >= '0' and <= '7' => 3, _ => 0 };
            content = content[(kind is 'x' or 'u' || digits == 0 ? 2 : 1)..];
            if (digits == 0)
            {
                result.Append(kind switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => kind });
                continue;
            }

            var length = 0;
            while (length < digits && length < content.Length && char.IsAsciiHexDigit(content[length])) length++;
            if (length == 0) continue;
            var code = kind is 'x' or 'u' ? int.Parse(content[..length], NumberStyles.AllowHexSpecifier) : Octal(content[..length]);
            result.Append((char)code);
            content = content[length..];
        }

        return result.ToString();
    }

    /// <summary>Index after the line that holds only <paramref name="delimiter"/> and so ends a here-document; -1: none.</summary>
    public int FindHereDocumentEnd(int start, string delimiter)
    {
        while (!_noDelimiter && start < script.Length)
        {
            var end = script.IndexOf('\n', start);
            if (end < 0) end = script.Length;
            if (script.AsSpan(start, end - start).Trim().SequenceEqual(delimiter)) return Math.Min(end + 1, script.Length);
            start = end + 1;
        }

        return Remember(ref _noDelimiter, -1);
    }

    private static int Octal(ReadOnlySpan<char> digits)
    {
        var value = 0;
        foreach (var digit in digits) value = (value * 8) + (digit - '0');
        return value & 0xFF;
    }

    private int FindUnescaped(char sought, int start)
    {
        for (var at = start; at < script.Length; at++)
        {
            if (script[at] == '\\') at++;
            else if (script[at] == sought) return at;
        }

        return -1;
    }

    private static int Remember(ref bool missing, int found)
    {
        if (found < 0) missing = true;
        return found;
    }
}
