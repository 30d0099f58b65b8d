using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Config;

/// <summary>The text edit behind <see cref="ConfigEditor.ChangeList"/>: takes texts out of a list that stands below some keys and puts others in;
/// every line that is not the list's stays byte for byte.</summary>
internal sealed class ListEdit
{
    private readonly string _text;
    private readonly List<ParsingEvent> _events = [];
    private readonly IReadOnlyCollection<string> _removed;
    private readonly IReadOnlyList<string> _added;
    private readonly IReadOnlyList<string> _result;

    private ListEdit(string text, IReadOnlyCollection<string> removed, IReadOnlyList<string> added, IReadOnlyList<string> result)
    {
        (_text, _removed, _added, _result) = (text, removed, added, result);
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext()) _events.Add(parser.Current!);
    }

    private string NewLine => _text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>Changes the text.</summary>
    /// <param name="text">Valid YAML.</param>
    /// <param name="keys">The keys that lead to the list.</param>
    /// <param name="removed">Texts to take out.</param>
    /// <param name="added">Texts to put in.</param>
    /// <param name="result">What the list says then.</param>
    /// <returns>Null when the file is written in a way that is not handled. Whoever calls checks that the result says what it should.</returns>
    public static string? Apply(string text, ReadOnlySpan<string> keys, IReadOnlyCollection<string> removed, IReadOnlyList<string> added, IReadOnlyList<string> result)
    {
        var edit = new ListEdit(text, removed, added, result);
        int at = edit._events.FindIndex(item => item is MappingStart);
        for (int depth = 0; at >= 0 && depth < keys.Length; depth++)
        {
            switch (edit._events[at])
            {
                case MappingStart when edit.Key(at, keys[depth]) is { } key:
                    at = key + 1;
                    break;
                case MappingStart map:
                    return edit.Insert(map, at, edit.Entry(keys[depth..]));
                case Scalar empty when IsEmpty(empty):
                    return edit.Fill(at, $"{{{edit.Entry(keys[depth..])}}}");
                default:
                    return null;
            }
        }

        return at < 0 ? null : edit._events[at] switch
        {
            SequenceStart { Style: SequenceStyle.Flow } => edit.Flow(at),
            SequenceStart => edit.Block(at),
            Scalar empty when IsEmpty(empty) => edit.Fill(at, $"[{edit.Values()}]"),
            _ => null,
        };
    }

    // The last one, because that is the one that counts when a key is repeated.
    private int? Key(int map, string name)
    {
        int? found = null;
        bool isKey = true;
        for (int at = map + 1; _events[at] is not MappingEnd; at = End(at) + 1)
        {
            if (isKey && _events[at] is Scalar key && key.Value == name) found = at;
            isKey = !isKey;
        }

        return found;
    }

    private int End(int start)
    {
        int depth = 0;
        for (int at = start; ; at++)
        {
            depth += _events[at].NestingIncrease;
            if (depth <= 0) return at;
        }
    }

    private string? Insert(MappingStart map, int at, string entry)
    {
        if (map.Style == MappingStyle.Flow)
        {
            int behind = Index(map.Start) + 1;
            if (_text[behind - 1] != '{') return null;
            return string.Concat(_text.AsSpan(0, behind), entry, _events[at + 1] is MappingEnd ? "" : ", ", _text.AsSpan(behind));
        }

        int first = Index(_events[at + 1].Start);
        int line = LineStart(first);
        string indent = _text[line..first];
        return indent.All(letter => letter == ' ') ? _text[..line] + indent + entry + NewLine + _text[line..] : null;
    }

    private static bool IsEmpty(Scalar scalar) => scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty && scalar.Anchor.IsEmpty && YamlScalar.Resolve(scalar.Value).Kind == ConfigKind.Null;

    private string? Fill(int at, string value)
    {
        var empty = (Scalar)_events[at];
        if (empty.Value.Length > 0) return string.Concat(_text.AsSpan(0, Index(empty.Start)), value, _text.AsSpan(Index(empty.End)));
        int colon = Index(_events[at - 1].End);
        while (colon < _text.Length && _text[colon] is ' ' or '"' or '\'') colon++;
        return colon < _text.Length && _text[colon] == ':' ? string.Concat(_text.AsSpan(0, colon + 1), " " + value, _text.AsSpan(colon + 1)) : null;
    }

    private string? Flow(int start)
    {
        int end = End(start);
        var kept = new List<string>();
        foreach (var item in _events[(start + 1)..end])
        {
            if (item is not Scalar scalar) return null;
            if (!_removed.Contains(scalar.Value)) kept.Add(_text[Index(scalar.Start)..Index(scalar.End)]);
        }

        // The parser gives the place of the bracket, not the one behind it.
        int close = Index(_events[end].Start);
        if (_text[close] != ']') return null;
        return string.Concat(_text.AsSpan(0, Index(_events[start].Start)), $"[{string.Join(", ", kept.Concat(_added.Select(AllowlistEdit.Quote)))}]", _text.AsSpan(close + 1));
    }

    private string? Block(int start)
    {
        int end = End(start);
        var items = _events[(start + 1)..end];
        if (items.Count == 0 || items.Exists(item => item is not Scalar { Style: not (ScalarStyle.Literal or ScalarStyle.Folded) } || item.Start.Line != item.End.Line)) return null;
        var edited = new StringBuilder();
        int done = 0;
        string indent = "";
        foreach (var item in items.Cast<Scalar>())
        {
            int line = LineStart(Index(item.Start));
            string lead = _text[line..Index(item.Start)];
            indent = lead[..^lead.TrimStart(' ').Length];
            if (lead.Trim(' ') != "-") return null;
            if (!_removed.Contains(item.Value)) continue;
            edited.Append(_text, done, line - done);
            done = NextLine(line);
        }

        // An empty list needs another form, and what the lines were says nothing about it any more.
        if (_result.Count == 0)
        {
            int colon = _text.IndexOf(':', Index(_events[start - 1].End));
            return string.Concat(_text.AsSpan(0, colon + 1), " []", edited.Append(_text, done, _text.Length - done).ToString().AsSpan(colon + 1));
        }

        int behind = Math.Max(NextLine(LineStart(Index(items[^1].Start))), done);
        edited.Append(_text, done, behind - done);
        if (_added.Count > 0 && edited.Length > 0 && edited[^1] != '\n') edited.Append(NewLine);
        foreach (string value in _added) edited.Append(indent).Append("- ").Append(AllowlistEdit.Quote(value)).Append(NewLine);
        return edited.Append(_text, behind, _text.Length - behind).ToString();
    }

    private string Entry(ReadOnlySpan<string> keys)
    {
        string entry = $"{AllowlistEdit.Quote(keys[^1])}: [{Values()}]";
        for (int at = keys.Length - 2; at >= 0; at--) entry = $"{AllowlistEdit.Quote(keys[at])}: {{{entry}}}";
        return entry;
    }

    private string Values() => string.Join(", ", _result.Select(AllowlistEdit.Quote));

    private int LineStart(int position) => _text.LastIndexOf('\n', Math.Max(position - 1, 0)) + 1;

    private int NextLine(int position) => _text.IndexOf('\n', position) is var end and >= 0 ? end + 1 : _text.Length;

    private static int Index(Mark mark) => checked((int)mark.Index);
}
