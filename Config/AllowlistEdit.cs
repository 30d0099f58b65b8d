using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Config;

/// <summary>The text edit behind <see cref="ConfigEditor.AddToAllowlist"/>: finds the list by its YAML events and inserts next to it.</summary>
internal static class AllowlistEdit
{
    private const string Key = "command_allowlist";

    /// <summary>The text with the entries added, or null when its shape is not one of those handled. The text must be valid YAML.</summary>
    public static string? Apply(string text, IReadOnlyList<string> added)
    {
        var newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var events = Events(text);
        var root = events.FindIndex(e => e is MappingStart);
        if (root < 0)
        {
            return Append(text, text.Length, 0, newLine, added);
        }

        if (FindKey(events, root) is not { } key)
        {
            return AppendKey(text, events, root, newLine, added);
        }

        return events[key + 1] switch
        {
            Scalar empty => FillEmpty(text, events[key], empty, newLine, added),
            SequenceStart { Style: SequenceStyle.Flow } => ExtendFlow(text, events, key + 1, added),
            SequenceStart => ExtendBlock(text, events, key + 1, newLine, added),
            _ => null,
        };
    }

    /// <summary>An entry as YAML text: plain where that is safe, else in double quotes.</summary>
    public static string Quote(string value)
    {
        var plain = value.Length > 0 && char.IsAsciiLetter(value[0]) && value[^1] != ' '
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '-' or '.' or '/' or '(' or ')' or '+')
            && YamlScalar.Resolve(value).Kind == ConfigKind.Text;
        if (plain)
        {
            return value;
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' => quoted.Append($"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static List<ParsingEvent> Events(string text)
    {
        var parser = new Parser(new StringReader(text));
        var events = new List<ParsingEvent>();
        while (parser.MoveNext())
        {
            events.Add(parser.Current!);
        }

        return events;
    }

    // The last one, because that is the one that counts when a key is repeated.
    private static int? FindKey(List<ParsingEvent> events, int root)
    {
        int? found = null;
        var depth = 0;
        var isKey = true;
        for (var i = root + 1; i < events.Count && depth >= 0; i++)
        {
            if (depth == 0 && isKey && events[i] is Scalar { Value: Key })
            {
                found = i;
            }

            depth += events[i].NestingIncrease;
            if (depth == 0)
            {
                isKey = !isKey;
            }
        }

        return found;
    }

    private static string? AppendKey(string text, List<ParsingEvent> events, int root, string newLine, IReadOnlyList<string> added)
    {
        if (((MappingStart)events[root]).Style == MappingStyle.Flow)
        {
            var end = events.FindIndex(root, e => e is MappingEnd);
            return end == root + 1
                ? string.Concat(text.AsSpan(0, Index(events[root].Start)), $"{{{Key}: [{Join(added)}]", text.AsSpan(Index(events[end].Start)))
                : null;
        }

        var marker = events.OfType<DocumentEnd>().FirstOrDefault(e => !e.IsImplicit);
        var column = (int)events[root + 1].Start.Column - 1;
        return Append(text, marker is null ? text.Length : Index(marker.Start), column, newLine, added);
    }

    private static string Append(string text, int at, int column, string newLine, IReadOnlyList<string> added)
    {
        var head = text[..at];
        var separator = head.Length == 0 || head.EndsWith('\n') || head.EndsWith('\r') ? "" : newLine;
        var indent = new string(' ', column);
        return head + separator + indent + Key + ":" + newLine + Lines(added, indent + "  ", newLine) + text[at..];
    }

    private static string? FillEmpty(string text, ParsingEvent key, Scalar empty, string newLine, IReadOnlyList<string> added)
    {
        if (!empty.Tag.IsEmpty || !empty.Anchor.IsEmpty)
        {
            return null;
        }

        if (empty.Value.Length > 0)
        {
            return string.Concat(text.AsSpan(0, Index(empty.Start)), $"[{Join(added)}]", text.AsSpan(Index(empty.End)));
        }

        var indent = new string(' ', (int)key.Start.Column - 1 + 2);
        return InsertAfterLine(text, Index(key.End), Lines(added, indent, newLine), newLine);
    }

    private static string ExtendFlow(string text, List<ParsingEvent> events, int start, IReadOnlyList<string> added)
    {
        var end = End(events, start);
        // Directly behind the last entry, so that a comment before the bracket stays a comment.
        var at = end == start + 1 ? Index(events[end].Start) : Index(LastContent(events, start, end).End);
        return string.Concat(text.AsSpan(0, at), (end == start + 1 ? "" : ", ") + Join(added), text.AsSpan(at));
    }

    private static string? ExtendBlock(string text, List<ParsingEvent> events, int start, string newLine, IReadOnlyList<string> added)
    {
        var dash = text.IndexOf('-', Index(events[start].Start));
        if (dash < 0)
        {
            return null;
        }

        var lineStart = text.LastIndexOfAny(['\n', '\r'], dash) + 1;
        var indent = new string(' ', dash - lineStart);
        var last = LastContent(events, start, End(events, start));
        var lines = Lines(added, indent, newLine);
        var at = Index(last.End);
        return last is Scalar { Style: ScalarStyle.Literal or ScalarStyle.Folded } && at > 0 && text[at - 1] is '\n' or '\r'
            ? text[..at] + lines + text[at..]
            : InsertAfterLine(text, at, lines, newLine);
    }

    private static string InsertAfterLine(string text, int position, string lines, string newLine)
    {
        var end = text.IndexOf('\n', position);
        return end < 0 ? text + newLine + lines : text[..(end + 1)] + lines + text[(end + 1)..];
    }

    private static int End(List<ParsingEvent> events, int start)
    {
        var depth = 0;
        for (var i = start; ; i++)
        {
            depth += events[i].NestingIncrease;
            if (depth == 0)
            {
                return i;
            }
        }
    }

    // Ends of block collections lie behind the comments that follow them; only these events end where the text does.
    private static ParsingEvent LastContent(List<ParsingEvent> events, int start, int end)
    {
        for (var i = end - 1; i > start; i--)
        {
            if (events[i] is Scalar or AnchorAlias || (events[i] is SequenceEnd or MappingEnd && Index(events[i].End) > Index(events[i].Start)))
            {
                return events[i];
            }
        }

        return events[start];
    }

    private static string Lines(IReadOnlyList<string> added, string indent, string newLine) =>
        string.Concat(added.Select(entry => indent + "- " + Quote(entry) + newLine));

    private static string Join(IReadOnlyList<string> added) => string.Join(", ", added.Select(Quote));

    private static int Index(Mark mark) => checked((int)mark.Index);
}
