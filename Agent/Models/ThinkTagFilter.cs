using System.Collections.Immutable;

namespace Gateway.Agent.Models;

/// <summary>Where <see cref="ThinkTagFilter"/> puts the two kinds of text. Spans are only valid during the call.</summary>
internal interface IThinkTagSink
{
    /// <summary>Text outside reasoning blocks.</summary>
    void OnText(ReadOnlySpan<char> text);

    /// <summary>Text inside a reasoning block.</summary>
    void OnThought(ReadOnlySpan<char> text);
}

/// <summary>Separates inline reasoning blocks (<c>&lt;think&gt;</c> and its relatives) from visible text, however the stream
/// cuts the tags. A tag right after a quote or backtick is text: models quote these tags when they talk about them.
/// A closing tag without an opening one is removed, because some prompt templates open the block themselves.</summary>
internal sealed class ThinkTagFilter(IThinkTagSink sink)
{
    private static readonly ImmutableArray<string> Names = ["think", "thinking", "reasoning", "thought", "reasoning_scratchpad"];

    // Room for "</reasoning_scratchpad>".
    private readonly char[] _pending = new char[24];
    private int _pendingLength;
    private bool _inside;
    private char _previous;


    /// <summary>Takes the next piece of the stream; passes on all of it except what may be the start of a tag.</summary>
    public void Feed(ReadOnlySpan<char> chunk)
    {
        while (!chunk.IsEmpty)
        {
            if (_pendingLength == 0)
            {
                var open = chunk.IndexOf('<');
                if (open < 0)
                {
                    Emit(chunk);
                    return;
                }

                Emit(chunk[..open]);
                _pending[_pendingLength++] = '<';
                chunk = chunk[(open + 1)..];
                continue;
            }

            var candidate = _pending.AsSpan(0, _pendingLength + 1);
            candidate[^1] = chunk[0];
            switch (Match(candidate, out var closing))
            {
                case TagMatch.No:
                    Flush();
                    break;
                case TagMatch.Partly:
                    _pendingLength++;
                    chunk = chunk[1..];
                    break;
                default:
                    chunk = chunk[1..];
                    TakeTag(candidate, closing);
                    break;
            }
        }
    }

    /// <summary>The stream ended: what looked like the start of a tag was text.</summary>
    public void Flush()
    {
        var length = _pendingLength;
        _pendingLength = 0;
        Emit(_pending.AsSpan(0, length));
    }

    private void TakeTag(ReadOnlySpan<char> tag, bool closing)
    {
        _pendingLength = 0;
        var quoted = _previous is '`' or '"' or '\'';
        if (_inside ? !closing : quoted)
        {
            Emit(tag);
            return;
        }

        _inside = !closing;
        _previous = '>';
    }

    private void Emit(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        _previous = text[^1];
        if (_inside)
        {
            sink.OnThought(text);
        }
        else
        {
            sink.OnText(text);
        }
    }

    private static TagMatch Match(ReadOnlySpan<char> candidate, out bool closing)
    {
        closing = candidate[1] == '/';
        var name = candidate[(closing ? 2 : 1)..];
        foreach (var known in Names)
        {
            if (name.Length <= known.Length)
            {
                if (known.AsSpan().StartsWith(name, StringComparison.OrdinalIgnoreCase))
                {
                    return TagMatch.Partly;
                }
            }
            else if (name.Length == known.Length + 1 && name[^1] == '>' && name[..^1].Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return TagMatch.Fully;
            }
        }

        return TagMatch.No;
    }

    private enum TagMatch
    {
        No,
        Partly,
        Fully,
    }
}
