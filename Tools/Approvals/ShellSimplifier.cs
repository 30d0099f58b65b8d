using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Rewrites a shell script in the plainest spelling of the same commands, so that patterns see through quotes,
/// escapes, joined lines and command prefixes. For matching only: the result is never run.</summary>
/// <remarks>An approximation that errs towards showing more commands. Quoted words that hold spaces or operators are data and
/// are left out, except where a shell runs them: <c>sh -c</c>, <c>eval</c>, <c>echo … | sh</c>, here-documents of a shell and
/// command substitutions follow as further lines. Time is linear in the length of the script for each of the few levels.</remarks>
internal sealed partial class ShellSimplifier
{
    private const int MaxDepth = 4;
    private const int LongestEvaluated = 20_000;

    // A rule of our own asks about it.
    private const string Unfollowed = "eval base64";

    private static readonly SearchValues<char> Breaking = SearchValues.Create(" \t\r\n;|&<>()");

    private readonly string _script;
    private readonly StringBuilder _output;
    private readonly List<ShellWord> _words = [];
    private readonly List<string> _inner = [];
    private readonly List<(string Delimiter, bool IsScript)> _hereDocuments = [];
    private readonly List<string> _delimiters = [];
    private readonly StringBuilder _shown = new();
    private readonly StringBuilder _value = new();
    private readonly ShellQuotes _quotes;
    private readonly ShellScope _scope;
    private string? _printed;
    private bool _inWord;
    private string? _piped;
    private string _all = "";
    private bool _expectsHereDocument;
    private int _at;

    private ShellSimplifier(string script, StringBuilder output, ShellScope scope)
    {
        (_script, _output, _scope) = (script, output, scope);
        _quotes = new ShellQuotes(script);
    }

    /// <summary>The simplified script, one line per level of nesting and per line.</summary>
    public static string Simplify(string script)
    {
        var output = new StringBuilder();
        var scope = new ShellScope();
        int limit = (8 * script.Length) + 4096;
        Simplify(script, output, scope, depth: 0, limit);

        // What was not followed to its end may be anything.
        if (output.Length > limit || scope.LostTrack) output.Append('\n').Append(Unfollowed);
        return output.ToString();
    }

    private static void Simplify(string script, StringBuilder output, ShellScope scope, int depth, int limit)
    {
        var simplifier = new ShellSimplifier(script, output, scope);
        simplifier.Run();
        if (depth == MaxDepth) return;
        foreach (var inner in simplifier._inner)
        {
            if (output.Length > limit) return;
            output.Append('\n');
            Simplify(inner, output, scope, depth + 1, limit);
        }
    }

    private void Run()
    {
        foreach (var (name, body) in ShellFunctions.In(_script))
        {
            _scope.Define(name, body);
            if (ShellFunctions.Multiplies(name, body)) _output.Append(ShellFunctions.ForkBomb).Append('\n');
        }

        while (_at < _script.Length)
        {
            var next = _script[_at];
            switch (next)
            {
                case '\n':
                    EndCommand("\n");
                    _at++;
                    SkipHereDocuments();
                    break;
                case ' ' or '\t' or '\r' or '\v' or '\f':
                    EndWord();
                    _at++;
                    break;
                case '#' when !_inWord:
                    _at = _script.IndexOf('\n', _at) is var end and >= 0 ? end : _script.Length;
                    break;
                case '\\':
                    ReadEscape();
                    break;
                case '\'' or '"':
                    ReadQuoted(next);
                    break;
                case '`':
                    ReadSubstitution(_at + 1, _quotes.FindBacktick(_at + 1));
                    break;
                case '$':
                    ReadDollar();
                    break;
                case '<' or '>':
                case '&' when _at + 1 < _script.Length && _script[_at + 1] == '>':
                    ReadRedirection();
                    break;
                case ';' or '&' or '|' or '(' or ')':
                    ReadOperator();
                    break;
                default:
                    Add(next);
                    _at++;
                    break;
            }
        }

        EndCommand("");
    }

    private void ReadEscape()
    {
        if (_at + 1 >= _script.Length)
        {
            _at++;
            return;
        }

        var escaped = _script[_at + 1];
        _at += 2;
        if (escaped == '\n') return;

        // Escaped letters are letters; an escaped wildcard, tilde or operator is not the special character any more.
        _inWord = true;
        _value.Append(escaped);
        if (!char.IsLetterOrDigit(escaped) && escaped is not ('-' or '/' or '.' or '_' or '=' or ':' or ',')) _shown.Append('\\');
        _shown.Append(char.IsWhiteSpace(escaped) ? '_' : escaped);
    }

    private void ReadQuoted(char quote)
    {
        var end = quote == '"' ? _quotes.FindDoubleQuote(_at + 1) : _quotes.FindSingleQuote(_at + 1);
        if (end < 0)
        {
            _at++;
            return;
        }

        var content = _script[(_at + 1)..end];
        if (quote == '"' && content.StartsWith('$')) AddTurns(content.AsSpan(1), end + 1);
        _at = end + 1;
        if (quote == '"' && (content == "$@" || content.EndsWith("[@]}", StringComparison.Ordinal)) && content.StartsWith('$') && _scope.Read(content.AsSpan(1), out int length) is var words && length == content.Length - 1)
        {
            // The one quotation that falls apart into words.
            AddWords(_scope.Expand(words));
            return;
        }

        if (quote == '"') content = ShellQuotes.Unescape(content, _inner, _scope, Printed);
        AddQuoted(content);
    }

    private void AddQuoted(string content)
    {
        _inWord = true;
        _value.Append(content);
        _shown.Append(content.AsSpan().IndexOfAny(Breaking) < 0 ? content : "\"\"");
    }

    private void ReadRedirection()
    {
        // A number in front of the sign belongs to it, and is of no interest.
        if (_inWord && _shown.ToString() is var number && number.All(char.IsAsciiDigit)) DropWord();
        EndWord();
        if (_at + 1 < _script.Length && _script[_at + 1] == '(' && _quotes.FindParenthesis(_at + 2) is var close and >= 0)
        {
            ReadProcess(close);
            return;
        }

        var start = _at;
        while (_at < _script.Length && _script[_at] is '<' or '>' or '&' && _at - start < 3) _at++;
        if (_at < _script.Length && _script[_at] is '|' && _script[_at - 1] == '>') _at++;
        var sign = _script[start.._at].TrimEnd('|');
        if (sign == "<<" && _at < _script.Length && _script[_at] == '-') _at++;
        _expectsHereDocument = sign == "<<";
        _words.Add(new ShellWord(sign, sign));
    }

    // <(…) and >(…): a file that a command writes or reads.
    private void ReadProcess(int close)
    {
        string inside = _script[(_at + 2)..close];
        _inner.Add(inside);
        if (_words.Count > 0 && new SimpleCommand(_words, _inner) is { RunsFiles: true } && Printed(inside) is { Length: > 0 } text) _inner.Add(text);
        _words.Add(new ShellWord(_script[_at] + "(" + string.Join(' ', inside.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries).Take(3)) + ")", ""));
        _at = close + 1;
    }

    private void ReadOperator()
    {
        var start = _at;
        while (_at < _script.Length && _script[_at] == _script[start] && _at - start < 2) _at++;
        var sign = _script[start.._at];
        EndCommand(sign[0] is '(' or ')' ? ";" : sign);
        if (sign[0] is '(' or ')') _inList = sign[0] == '(' && BeginsList(start);
    }

    private void SkipHereDocuments()
    {
        foreach (var (delimiter, isScript) in _hereDocuments)
        {
            var end = _quotes.FindHereDocumentEnd(_at, delimiter);
            // Without an end, what follows is read as the commands it may be.
            if (end < 0) break;
            if (isScript) _inner.Add(_script[_at..end]);
            _at = end;
        }

        _hereDocuments.Clear();
    }

    private void Add(char next)
    {
        _inWord = true;
        _value.Append(next);
        _shown.Append(next);
    }

    private void AddWords(string value)
    {
        string? separators = _scope.Get("IFS");
        foreach (char next in value)
        {
            if (char.IsWhiteSpace(next) || separators?.Contains(next) == true) EndWord();
            else Add(next);
        }
    }

    private void DropWord()
    {
        _shown.Clear();
        _value.Clear();
        _inWord = false;
    }

    private void EndWord()
    {
        if (!_inWord) return;
        var word = new ShellWord(_shown.ToString(), _value.ToString());
        DropWord();
        if (_expectsHereDocument)
        {
            _expectsHereDocument = false;
            _delimiters.Add(word.Value);
        }

        _words.AddRange(word.Expand());
    }

    private void EndCommand(string sign)
    {
        EndWord();
        _expectsHereDocument = false;
        if (_words.Count > 0)
        {
            var command = new SimpleCommand(_words, _inner);
            command.Tell(_scope, _piped);
            if (_piped is not null && command.RunsInput) _inner.Add(_piped);
            if (command.RunsInput && _words.FindIndex(word => word.Shown == "<<<") is >= 0 and var here && here + 1 < _words.Count) _inner.Add(_words[here + 1].Value);
            if (_scope.Defined(command.Name) is { } body && _scope.Evaluations-- > 0) _inner.Add(command.Call(body));
            command.CollectScripts(_piped);
            _hereDocuments.AddRange(_delimiters.Select(delimiter => (delimiter, command.RunsInput)));
            _delimiters.Clear();
            _printed = command.Printed(_piped);
            if (_printed is { Length: > 0 } && _all.Length < LongestEvaluated) _all += _printed + "\n";

            // What a group prints goes to what follows it.
            _piped = sign != "|" ? null : command.Name is "" or "done" or "fi" or "esac" ? _all : _printed;
            if (!_inList && command.IsFilled(_scope)) AddUnread();
            command.AppendTo(_output, _scope.Directory);
            _words.Clear();
        }
        else if (sign == "|")
        {
            _piped = _all;
        }
        else if (sign is not ("\n" or ";"))
        {
            _piped = null;
        }

        _output.Append(sign.Length == 0 || sign == "\n" ? sign : $" {sign} ");
    }
}
