using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>What the commands print that are used to hide a script: encoded, turned round, put together.</summary>
internal static partial class PipedText
{
    private const int Longest = 100_000;

    private static readonly SearchValues<char> PatternSigns = SearchValues.Create("\\.*[]^$+?(){}|");

    /// <summary>The text that a command prints. What cannot be known is marked (<see cref="UnreadText"/>); what an approximation makes of the
    /// input is there all the same, so that patterns see it.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="arguments">Its words after the name.</param>
    /// <param name="input">What it reads; null when that is not known.</param>
    public static string Of(string name, IReadOnlyList<string> arguments, string? input)
    {
        string[] words = [.. arguments.TakeWhile(word => !ShellWord.IsRedirection(word))];
        string[] operands = [.. words.Where(word => !word.StartsWith('-') || word == "-")];
        string[] options = [.. arguments.Where(word => word.Length > 1 && word.StartsWith('-'))];
        if (OpaqueOutput.Of(name, operands, options) is { } opaque) return opaque;
        if (name is "echo") return ShellQuotes.DecodeAnsi(string.Join(' ', words.SkipWhile(word => word.Length > 1 && word[0] == '-' && word.AsSpan(1).IndexOfAnyExcept("neE") < 0)));
        if (name is "printf") return Printf([.. words.SkipWhile(word => word == "--")]);
        if (name is "yes") return string.Join(' ', operands.DefaultIfEmpty("y"));
        if (input is null or { Length: > Longest }) return UnreadText.Whole;

        // Parts that cannot be read may be anywhere in what comes out.
        if (UnreadText.IsIn(input)) return Copies(name, operands) ? input : input + UnreadText.Whole;
        return name switch
        {
            "cat" or "tee" => Copies(name, operands) ? input : Guess(input),
            "head" or "tail" => Lines(input, name == "tail", options, operands),
            "tac" when options.Length == 0 && operands.Length == 0 => string.Join('\n', input.TrimEnd('\n').Split('\n').Reverse()),
            "sort" or "uniq" => input.TrimEnd('\n').Contains('\n') ? Guess(input) : input,
            "cut" => Cuts(options) ? EachLine(input, line => Cut(line, arguments)) : Guess(EachLine(input, line => Cut(line, arguments))),
            "awk" or "gawk" or "mawk" => operands is [var program] && options.Length == 0 && WholePrint().IsMatch(program) ? EachLine(input, line => Field(line, operands)) : Guess(EachLine(input, line => Field(line, operands))),
            "base64" or "basenc" or "openssl" or "gbase64" when arguments.Any(word => word is "-d" or "-D" or "--decode" or "-di" or "-id" or "-A" or "-a" or "-base64") => FromBase64(input) ?? UnreadText.Whole,
            "xxd" when arguments.Any(word => word.StartsWith('-') && word.Contains('r')) => FromHex(input) ?? UnreadText.Whole,
            "rev" when operands.Length == 0 => EachLine(input, line => new string([.. line.Reverse()])),
            "tr" => Translated(input, options, operands),
            "sed" => Replaced(input, options, operands),
            "tac" or "grep" or "egrep" or "fgrep" or "rg" or "nl" or "fold" or "fmt" or "expand" or "unexpand" or "column" or "paste" or "shuf" or "strings" or "dd" or "iconv" or "pr" or "rev" or "jq"
                or "sponge" or "pv" or "dos2unix" => Guess(input),
            _ => UnreadText.Whole,
        };
    }

    // tee and a cat without files hand on what they read.
    private static bool Copies(string name, string[] operands) => name == "tee" || (name == "cat" && operands.All(operand => operand == "-"));

    private static string Guess(string? text) => text + UnreadText.Whole;

    /// <summary>A text with one piece in the place of each occurrence of another; null when that gets too long.</summary>
    public static string? Swapped(string text, string piece, string other) =>
        text.Length + ((long)text.AsSpan().Count(piece) * other.Length) > Longest * 2 ? null : text.Replace(piece, other, StringComparison.Ordinal);

    private static string Printf(string[] operands)
    {
        if (operands.Length == 0) return "";
        string format = operands[0];
        foreach (string directive in (string[])["%b", "%c", "%d", "%i"]) format = format.Replace(directive, "%s", StringComparison.Ordinal);
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

        string printed = ShellQuotes.DecodeAnsi(string.Join(' ', [text.ToString(), .. operands[Math.Min(next, operands.Length)..]]));
        return OtherDirective().IsMatch(operands[0]) ? Guess(printed) : printed;
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

    private static string Translated(string input, string[] options, string[] sets)
    {
        bool delete = options.Any(option => option is "-d" or "--delete");
        if (sets.Length == 0 || (!delete && sets.Length < 2) || options.Length > (delete ? 1 : 0)) return Guess(input);
        string from = Set(sets[0]);
        if (delete) return string.Concat(input.Where(sign => !from.Contains(sign)));
        string to = Set(sets[1]);
        if (to.Length == 0) return Guess(input);
        string text = string.Concat(input.Select(sign => from.IndexOf(sign) is >= 0 and var at ? to[Math.Min(at, to.Length - 1)] : sign));
        return sets.Take(2).Any(set => PlainSet(set).Contains('[')) ? Guess(text) : text;
    }

    // Classes other than these, and repetitions, are not followed.
    private static string PlainSet(string set) =>
        set.Replace("[:upper:]", "", StringComparison.Ordinal).Replace("[:lower:]", "", StringComparison.Ordinal) is var rest && rest is ['[', .., ']'] ? rest[1..^1] : rest;

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

    // s/a/b/ with a plain a is followed; what else sed does is guessed.
    private static string Replaced(string input, string[] options, string[] operands)
    {
        bool isExact = options.All(option => option is "-e" or "-E" or "-r" or "--expression");
        foreach (string expression in operands.Take(8).SelectMany(operand => operand.Split(';')))
        {
            if (expression.Trim() is not ['s', var mark, .. var rest] || char.IsLetterOrDigit(mark))
            {
                isExact = false;
                continue;
            }

            string[] parts = rest.Split(mark);
            if (parts.Length < 2 || parts[0].Length == 0 || input.Length >= Longest) return Guess(input);
            bool isPlain = parts[0].AsSpan().IndexOfAny(PatternSigns) < 0 && parts[1].AsSpan().IndexOfAny("\\&") < 0 && parts.Length == 3 && parts[2] is "" or "g";
            isExact &= isPlain && (parts[2] == "g" || !input.TrimEnd('\n').Contains('\n'));
            int first = input.IndexOf(parts[0], StringComparison.Ordinal);
            bool all = parts.Length > 2 && parts[2].Contains('g');
            string? changed = all ? Swapped(input, parts[0], parts[1]) : first < 0 ? input : string.Concat(input.AsSpan(0, first), parts[1], input.AsSpan(first + parts[0].Length));
            if (changed is null) return Guess(input);
            input = changed;
        }

        return isExact && operands.Length > 0 ? input : Guess(input);
    }

    private static string EachLine(string input, Func<string, string> change) => string.Join('\n', input.Split('\n').Select(change));

    // The first or last lines: -n 3, -n3, -3, --lines=3.
    private static string Lines(string input, bool fromEnd, string[] options, string[] operands)
    {
        string[] lines = input.TrimEnd('\n').Split('\n');
        string[] given = [.. options.Select(option => option.Replace("--lines=", "", StringComparison.Ordinal).TrimStart('-').TrimStart('n')).Concat(operands).Where(word => word.Length > 0)];
        int count = 10;
        if (given.Length > 1 || (given.Length == 1 && !int.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out count))) return Guess(input);
        return lines.Length <= count ? input : string.Join('\n', fromEnd ? lines[^count..] : lines[..count]);
    }

    // Whether the places to cut at are one list of the kind that is followed.
    private static bool Cuts(string[] options) => options.All(option => option.StartsWith("-c", StringComparison.Ordinal) || option.StartsWith("-b", StringComparison.Ordinal) || option.StartsWith("-f", StringComparison.Ordinal) || option.StartsWith("-d", StringComparison.Ordinal))
        && options.All(option => !option.Contains(','));

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

    [GeneratedRegex("%[^sbdi%]")]
    private static partial Regex OtherDirective();

    [GeneratedRegex(@"-([cbf])\s*([1-9][0-9]{0,4})(-)?([0-9]{1,4})?")]
    private static partial Regex CutList();

    [GeneratedRegex(@"-d\s?(\S| )")]
    private static partial Regex CutDelimiter();

    [GeneratedRegex(@"^\s*\{\s*print\s+\$[0-9]{1,3}\s*;?\s*\}\s*$")]
    private static partial Regex WholePrint();

    [GeneratedRegex(@"\{\s*print\s+\$([0-9]{1,3})\s*;?\s*\}")]
    private static partial Regex PrintedField();
}
