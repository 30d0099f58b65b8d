namespace Gateway.Tools.Approvals;

/// <summary>Variables and what commands print, put into the place where a script names them.</summary>
internal sealed partial class ShellSimplifier
{
    private void ReadDollar()
    {
        var rest = _script.AsSpan(_at + 1);
        if (rest.StartsWith("("))
        {
            ReadSubstitution(_at + 2, _quotes.FindParenthesis(_at + 2));
        }
        else if (rest.StartsWith("'") && _quotes.FindAnsiQuote(_at + 2) is var quote and >= 0)
        {
            _hasQuotes = true;
            AddQuoted(ShellQuotes.DecodeAnsi(_script.AsSpan(_at + 2, quote - _at - 2)));
            _at = quote + 1;
        }
        else if (rest.StartsWith("{ifs", StringComparison.OrdinalIgnoreCase) && _script.IndexOf('}', _at) is var brace and >= 0)
        {
            EndWord();
            _at = brace + 1;
        }
        else if (rest.StartsWith("ifs", StringComparison.OrdinalIgnoreCase) && (rest.Length == 3 || (!char.IsLetterOrDigit(rest[3]) && rest[3] != '_')))
        {
            EndWord();
            _at += 4;
        }
        else if (_scope.Read(rest, out int length) is var value && length > 0)
        {
            // An unquoted value falls apart into words.
            AddTurns(rest[..length], _at + 1 + length);
            ShellQuotes.CollectFrom(rest[..length], value, _inner, _scope, Printed);
            AddExpanded(_scope.Expand(value));
            _at += 1 + length;
        }
        else if (rest.StartsWith("\""))
        {
            _at++;
        }
        else
        {
            Add('$');
            _at++;
        }
    }

    private void ReadSubstitution(int start, int end)
    {
        if (end < 0)
        {
            // Without an end its inside is read as the commands it would be.
            EndCommand("\n");
            _at = start;
            return;
        }

        var inside = _script[start..end];
        _inner.Add(ShellQuotes.Substituted(inside));
        _at = end + 1;
        _inWord = true;
        AddExpanded(_scope.Expand(ShellQuotes.IsCalculation(inside) ? "0" : Printed(inside).Trim()));
    }
}
