namespace Gateway.Tools.Approvals;

/// <summary>Redirections, here-documents and <c>&lt;(…)</c>: what a command reads, and where it writes.</summary>
internal sealed partial class ShellSimplifier
{
    private readonly Queue<(string Delimiter, bool IsScript)> _hereDocuments = new();
    private const int MostLooked = 256;
    private string? _hereText;
    private int _hereEnd;
    private bool _expectsHereDocument;
    private bool _hasQuotes;

    private void ReadRedirection()
    {
        // A number or {name} in front of the sign belongs to it, and is of no interest.
        if (_inWord && _shown.ToString() is var number && number.All(char.IsAsciiDigit)) DropWord();
        bool isAssignment = _at + 1 < _script.Length && _script[_at + 1] == '(' && IsAssignment();
        if (!isAssignment) EndWord();
        if (_at + 1 < _script.Length && _script[_at + 1] == '(' && _quotes.FindParenthesis(_at + 2) is var close and >= 0)
        {
            ReadProcess(close);
            return;
        }

        var start = _at;
        while (_at < _script.Length && _script[_at] is '<' or '>' or '&' && _at - start < 3) _at++;
        if (_at < _script.Length && _script[_at] is '|' && _script[_at - 1] == '>') _at++;
        var sign = _script[start.._at].TrimEnd('|');
        bool isDescriptor = _at < _script.Length && (char.IsAsciiDigit(_script[_at]) || _script[_at] == '-');
        if (sign == "<<" && _at < _script.Length && _script[_at] == '-') _at++;
        _expectsHereDocument = sign == "<<";

        // All of these write to the file that follows.
        if (sign is ">&" or "&>" or "<>" && !isDescriptor) sign = ">";
        else if (sign == "&>>") sign = ">>";
        _words.Add(new ShellWord(sign, sign));
    }

    // <(…) and >(…): a file that a command writes or reads.
    private void ReadProcess(int close)
    {
        string inside = _script[(_at + 2)..close];
        bool reads = _script[_at] == '<';
        _inner.Add(reads ? inside : $"cat {UnreadText.Whole} | {inside}");
        if (reads && _value.ToString() is "BASH_ENV=" or "ENV=")
        {
            AddScript(Printed(inside));
        }
        else if (reads && _words.Count > MostLooked)
        {
            // Looking at all of them once more for each would take long.
            _scope.LostTrack = true;
        }
        else if (reads && _words.Count > 0)
        {
            string text = Printed(inside);
            if (_words[^1].Shown == "<") _hereText = text;
            else if (new SimpleCommand(_words, []) is { RunsNextFile: true }) AddScript(text);
            else if (new SimpleCommand(_words, []) is { IsFedInterpreter: true }) AddUnread(CommandRules.FedInterpreter);
        }

        string beginning = string.Join(' ', inside.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries).Take(3));
        if (_inWord) EndWord();
        else _words.Add(new ShellWord($"{_script[_at]}({beginning})", ""));
        _at = close + 1;
    }

    // The text follows the line, but its command is judged before that: it is looked up now, and skipped at the line's end.
    private void BeginHereDocument(string delimiter, bool isQuoted)
    {
        _expectsHereDocument = false;
        _pendingDelimiters.Add(delimiter);
        int start = _hereEnd > _at ? _hereEnd : _script.IndexOf('\n', _at) + 1;
        int end = start <= 0 ? -1 : _quotes.FindHereDocumentEnd(start, delimiter);
        if (end < 0) return;
        _hereEnd = end;
        _hereText = WithoutDelimiter(_script[start..end]);
        if (!isQuoted) _hereText = ShellQuotes.Unescape(_hereText, _inner, _scope, Printed);
    }

    private static string WithoutDelimiter(string text)
    {
        int last = text.AsSpan().TrimEnd('\n').LastIndexOf('\n');
        return last < 0 ? "" : text[..(last + 1)];
    }

    private void SkipHereDocuments()
    {
        while (_hereDocuments.TryDequeue(out var document))
        {
            var end = _quotes.FindHereDocumentEnd(_at, document.Delimiter);

            // Without an end, what follows is read as the commands it may be.
            if (end < 0) break;
            if (document.IsScript) _inner.Add(_script[_at..end]);
            _at = end;
        }

        _hereDocuments.Clear();
        _hereEnd = 0;
    }
}
