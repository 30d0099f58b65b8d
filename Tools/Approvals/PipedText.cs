using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>What the commands print that are used to hide a script: encoded, turned round, put together.</summary>
internal static partial class PipedText
{
    private const int Longest = 100_000;

    /// <summary>The text that a command prints; null when it cannot be told.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="arguments">Its words behind the name.</param>
    /// <param name="input">What it reads; null when that is not known.</param>
    public static string? Of(string name, IReadOnlyList<string> arguments, string? input)
    {
        string[] operands = [.. arguments.TakeWhile(word => word is not ("<<<" or "<" or ">" or ">>")).Where(word => !word.StartsWith('-'))];
        if (arguments.Count > 1 && arguments[^2] == "<<<") input = arguments[^1];
        if (input is { Length: > Longest }) return null;
        return name switch
        {
            "echo" => ShellQuotes.DecodeAnsi(string.Join(' ', operands)),
            "printf" => Printf(operands),
            "which" or "command" or "type" when operands.Length > 0 => operands[^1],
            "curl" or "wget" => "curl",
            "cut" => input is null ? null : Lines(input, line => Cut(line, arguments)),
            "awk" or "gawk" or "mawk" => input is null ? null : Lines(input, line => Field(line, operands)),
            "cat" or "tee" or "head" or "tail" or "sort" or "uniq" => input,
            "base64" or "basenc" or "openssl" or "gbase64" when arguments.Any(word => word is "-d" or "-D" or "--decode" or "-di" or "-id" or "-A" or "-a" or "-base64") => input is null ? null : FromBase64(input),
            "xxd" when arguments.Any(word => word.StartsWith('-') && word.Contains('r')) => input is null ? null : FromHex(input),
            "rev" => input is null ? null : string.Join('\n', input.Split('\n').Select(line => new string([.. line.Reverse()]))),
            "tr" => input is null ? null : Translated(input, arguments.Any(word => word is "-d" or "--delete"), operands),
            "sed" => input is null ? null : Replaced(input, operands),
            _ => null,
        };
    }

    /// <summary>A text with one piece in the place of each occurrence of another; null when that gets too long.</summary>
    public static string? Swapped(string text, string piece, string other) =>
        text.Length + ((long)text.AsSpan().Count(piece) * other.Length) > Longest * 2 ? null : text.Replace(piece, other, StringComparison.Ordinal);

    private static string Printf(string[] operands)
    {
        if (operands.Length == 0) return "";
        string format = operands[0].Replace("%b", "%s", StringComparison.Ordinal).Replace("%c", "%s", StringComparison.Ordinal);
        var text = new StringBuilder();
        int next = 1;

        // As long as there are arguments the format begins anew.
        for (int round = 0; round < 16 && (round == 0 || next < operands.Length); round++)
        {
            int before = next, from = 0;
            for (int at = format.IndexOf("%s", StringComparison.Ordinal); at >= 0; at = format.IndexOf("%s", from, StringComparison.Ordinal))
            {
                text.Append(format, from, at - from).Append(next < operands.Length ? operands[next++] : "");
                from = at + 2;
            }

            text.Append(format, from, format.Length - from);
            if (next == before) break;
        }

        return ShellQuotes.DecodeAnsi(string.Join(' ', [text.ToString(), .. operands[Math.Min(next, operands.Length)..]]));
    }

    private static string? FromBase64(string input)
    {
        string plain = string.Concat(input.Where(sign => char.IsAsciiLetterOrDigit(sign) || sign is '+' or '/')).TrimEnd('=');
        byte[] bytes = new byte[plain.Length];
        return Convert.TryFromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '='), bytes, out int count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }

    private static string? FromHex(string input)
    {
        string plain = string.Concat(input.Where(char.IsAsciiHexDigit));
        byte[] bytes = new byte[plain.Length / 2];
        return Convert.FromHexString(plain.AsSpan(0, bytes.Length * 2), bytes, out _, out _) == OperationStatus.Done ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static string? Translated(string input, bool delete, string[] sets)
    {
        if (sets.Length == 0 || (!delete && sets.Length < 2)) return null;
        string from = Set(sets[0]);
        if (delete) return string.Concat(input.Where(sign => !from.Contains(sign)));
        string to = Set(sets[1]);
        return to.Length == 0 ? null : string.Concat(input.Select(sign => from.IndexOf(sign) is >= 0 and var at ? to[Math.Min(at, to.Length - 1)] : sign));
    }

    private static string Set(string text)
    {
        text = text.Replace("[:upper:]", "A-Z", StringComparison.Ordinal).Replace("[:lower:]", "a-z", StringComparison.Ordinal);
        text = ShellQuotes.DecodeAnsi(text.Trim('[', ']'));
        var result = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            if (at + 2 < text.Length && text[at + 1] == '-' && text[at + 2] >= text[at] && text[at + 2] < 128)
            {
                for (char sign = text[at]; sign <= text[at + 2]; sign++) result.Append(sign);
                at += 2;
            }
            else
            {
                result.Append(text[at]);
            }
        }

        return result.ToString();
    }

    private static string? Replaced(string input, string[] operands)
    {
        foreach (string expression in operands.Take(8).SelectMany(operand => operand.Split(';')).Take(8))
        {
            if (expression.Trim() is not ['s', var mark, .. var rest] || char.IsLetterOrDigit(mark)) continue;
            string[] parts = rest.Split(mark);
            if (parts.Length >= 2 && parts[0].Length > 0 && input.Length < Longest)
            {
                int first = input.IndexOf(parts[0], StringComparison.Ordinal);
                bool all = parts.Length > 2 && parts[2].Contains('g');
                string? changed = all ? Swapped(input, parts[0], parts[1]) : first < 0 ? input : string.Concat(input.AsSpan(0, first), parts[1], input.AsSpan(first + parts[0].Length));
                if (changed is null) return null;
                input = changed;
            }
        }

        return input;
    }

    private static string Lines(string input, Func<string, string> change) => string.Join('\n', input.Split('\n').Select(change));

    // The first list of places counts: -c2-, -c1-3, -d' ' -f2.
    private static string Cut(string line, IReadOnlyList<string> arguments)
    {
        string options = string.Join(' ', arguments.TakeWhile(word => word != "<<<"));
        if (CutList().Match(options) is not { Success: true } list) return line;
        int from = int.Parse(list.Groups[2].ValueSpan, CultureInfo.InvariantCulture) - 1;
        int to = list.Groups[4].Success ? int.Parse(list.Groups[4].ValueSpan, CultureInfo.InvariantCulture) : list.Groups[3].Success ? int.MaxValue : from + 1;
        if (to <= from) return "";
        if (list.Groups[1].Value != "f") return line.Length <= from || from < 0 ? "" : line[from..Math.Min(line.Length, to)];
        char delimiter = CutDelimiter().Match(options) is { Success: true } given ? given.Groups[1].Value[0] : '\t';
        return string.Join(delimiter, line.Split(delimiter).Skip(from).Take(to == int.MaxValue ? to : to - from));
    }

    private static string Field(string line, string[] operands)
    {
        if (operands.Length == 0 || PrintedField().Match(operands[0]) is not { Success: true } print) return line;
        int number = int.Parse(print.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return number == 0 ? line : number <= fields.Length ? fields[number - 1] : "";
    }

    [GeneratedRegex(@"-([cbf])\s*([1-9][0-9]{0,4})(-)?([0-9]{1,4})?")]
    private static partial Regex CutList();

    [GeneratedRegex(@"-d\s?(\S| )")]
    private static partial Regex CutDelimiter();

    [GeneratedRegex(@"\{\s*print\s+\$([0-9]{1,3})\s*;?\s*\}")]
    private static partial Regex PrintedField();
}
