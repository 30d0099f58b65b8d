using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>What the commands print that are used to hide a script: encoded, turned round, put together.</summary>
internal static class PipedText
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
            "cat" or "tee" or "head" or "tail" or "sort" or "uniq" => input,
            "base64" or "basenc" or "openssl" or "gbase64" when arguments.Any(word => word is "-d" or "-D" or "--decode" or "-di" or "-id" or "-A" or "-a" or "-base64") => input is null ? null : FromBase64(input),
            "xxd" when arguments.Any(word => word.StartsWith('-') && word.Contains('r')) => input is null ? null : FromHex(input),
            "rev" => input is null ? null : string.Join('\n', input.Split('\n').Select(line => new string([.. line.Reverse()]))),
            "tr" => input is null ? null : Translated(input, arguments.Any(word => word is "-d" or "--delete"), operands),
            "sed" => input is null ? null : Replaced(input, operands),
            _ => null,
        };
    }

    private static string Printf(string[] operands)
    {
        if (operands.Length == 0) return "";
        string format = operands[0];
        int next = 1;
        for (int at = format.IndexOf("%s", StringComparison.Ordinal); at >= 0 && next < operands.Length; at = format.IndexOf("%s", at, StringComparison.Ordinal))
        {
            format = string.Concat(format.AsSpan(0, at), operands[next], format.AsSpan(at + 2));
            at += operands[next++].Length;
        }

        return ShellQuotes.DecodeAnsi(string.Join(' ', [format, .. operands[next..]]));
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

    private static string Replaced(string input, string[] operands)
    {
        if (operands is not [['s', var mark, .. var rest], ..]) return input;
        string[] parts = rest.Split(mark);
        return parts.Length < 2 || parts[0].Length == 0 ? input : input.Replace(parts[0], parts[1], StringComparison.Ordinal);
    }
}
