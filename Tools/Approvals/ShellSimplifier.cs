using System.Buffers;
using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Rewrites a shell script in the plainest spelling of the same commands, so that patterns see through quotes,
/// escapes, joined lines and command prefixes. For matching only: the result is never run.</summary>
/// <remarks>An approximation that errs towards showing more commands. Quoted words that hold spaces or operators are data and
/// are left out, except where a shell runs them: <c>sh -c</c>, <c>eval</c>, <c>echo … | sh</c>, here-documents of a shell and
/// command substitutions follow as further lines. What only shows when the script runs is marked (<see cref="UnreadText"/>) and followed
/// like any other value; where it would be run, <see cref="CommandRules.Unread"/> or <see cref="CommandRules.UnreadScript"/> says so.
/// Time is linear in the length of the script for each of the few levels.</remarks>
internal sealed partial class ShellSimplifier
{
    private const int MaxDepth = 5;
    private const int LongestEvaluated = 20_000;
    private const int LongestName = 256;

    private static readonly SearchValues<char> Breaking = SearchValues.Create(" \t\r\n;|&<>()");

    private readonly string _script;
    private readonly StringBuilder _output;
    private readonly List<ShellWord> _words = [];
    private readonly List<string> _inner = [];
    private readonly StringBuilder _shown = new();
    private readonly StringBuilder _value = new();
    private readonly ShellQuotes _quotes;
    private readonly ShellScope _scope;
    private bool _inWord;
    private int _at;

    private ShellSimplifier(string script, StringBuilder output, ShellScope scope)
    {
        (_script, _output, _scope) = (script, output, scope);
        _quotes = new ShellQuotes(script);
    }

    /// <summary>The simplified script, one line per level of nesting and per line.</summary>
    /// <param name="script">The script.</param>
    /// <param name="surroundings">Where it runs, and with which variables; its text is not used.</param>
    public static SimplifiedScript Simplify(string script, JudgedCommand surroundings)
    {
        var output = new StringBuilder();
        var scope = new ShellScope(surroundings);
        int limit = (8 * script.Length) + 4096;
        Simplify(script, output, scope, depth: 0, limit);

        // What was not followed to its end may be anything.
        if (output.Length > limit || scope.LostTrack) output.Append('\n').Append(CommandRules.UnreadScript);
        return new SimplifiedScript(output.ToString(), scope.Written);
    }

    private static void Simplify(string script, StringBuilder output, ShellScope scope, int depth, int limit)
    {
        var simplifier = new ShellSimplifier(script, output, scope);
        simplifier.Run();
        if (depth == MaxDepth)
        {
            scope.LostTrack |= simplifier._inner.Count > 0;
            return;
        }

        foreach (var inner in simplifier._inner)
        {
            if (output.Length > limit) return;
            output.Append('\n');
            Simplify(inner, output, scope, depth + 1, limit);
        }
    }

    private void Run()
    {
        var functions = ShellFunctions.In(_script, out bool isWhole);
        foreach (var (name, body) in functions)
        {
            _scope.Define(name, body);
            if (ShellFunctions.Multiplies(name, body)) _output.Append(ShellFunctions.ForkBomb).Append('\n');
        }

        _scope.LostTrack |= !isWhole;
        while (_at < _script.Length) Step(_script[_at]);
        EndCommand("");
        _scope.IsUncertain = false;
    }

    private void Step(char next)
    {
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
            case '(' when AssignsList():
                ReadList();
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
        (_inWord, _hasQuotes) = (true, true);
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

        _hasQuotes = true;
        var content = _script[(_at + 1)..end];
        if (quote == '"' && content.StartsWith('$')) AddTurns(content.AsSpan(1), end + 1);
        _at = end + 1;
        bool isList = quote == '"' && content.StartsWith('$') && (content is "$@" or "${@}" || content.EndsWith("[@]}", StringComparison.Ordinal));
        if (isList && _scope.Read(content.AsSpan(1), out int length) is var words && length == content.Length - 1)
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

    private void ReadOperator()
    {
        var start = _at;
        while (_at < _script.Length && _script[_at] == _script[start] && _at - start < 2) _at++;
        var sign = _script[start.._at];
        if (sign == "|" && _at < _script.Length && _script[_at] == '&') _at++;
        bool isGroup = sign[0] is '(' or ')';
        EndCommand(isGroup ? ";" : sign);
        if (!isGroup) return;
        if (sign[0] == ')')
        {
            for (int level = 0; level < sign.Length && !_inCalculation && _groups.Peek().IsSubshell; level++) LeaveGroup();
            _inCalculation = false;
        }
        else
        {
            _inCalculation = IsCalculation(start);
            for (int level = 0; level < sign.Length && !_inCalculation; level++) EnterGroup(isSubshell: true);
            _scope.IsUncertain |= _groups.Count > 1;
        }
    }

    private void Add(char next)
    {
        _inWord = true;
        _value.Append(next);
        _shown.Append(next);
    }

    // An unquoted value falls apart into words, but where it is assigned.
    private void AddExpanded(string value)
    {
        if (_inWord && IsAssignment() && (_words.Count == 0 || SimpleCommand.TakesAssignments(_words))) AddQuoted(value);
        else AddWords(value);
    }

    // Only the beginning of the word is looked at: it may be long, and is asked about often.
    private bool IsAssignment() => SimpleCommand.IsAssignment(_value.ToString(0, Math.Min(_value.Length, LongestName)));

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
        (_inWord, _hasQuotes) = (false, false);
    }

    private void EndWord()
    {
        if (!_inWord) return;
        var word = new ShellWord(_shown.ToString(), _value.ToString());
        bool isQuoted = _hasQuotes;
        DropWord();
        if (_expectsHereDocument) BeginHereDocument(word.Value, isQuoted);
        _words.AddRange(word.Expand());
    }
}
