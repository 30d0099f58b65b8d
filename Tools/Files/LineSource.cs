using System.Text;

namespace Gateway.Tools.Files;

/// <summary>Reads lines of any length in bounded memory, and looks at the interrupt between blocks, not between lines.</summary>
internal sealed class LineSource(TextReader reader, CancellationToken cancellationToken)
{
    private const int BlockLength = 32 * 1024;
    private readonly char[] _block = new char[BlockLength];
    private int _at;
    private int _end;

    /// <summary>Characters read so far, in whole blocks.</summary>
    public long Characters { get; private set; }

    /// <summary>Characters after which no further block is read. Default all.</summary>
    public long StopAt { get; set; } = long.MaxValue;

    /// <summary>Whether there may be more than was read.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Whether a NUL was met: the file is no text. Nothing is read behind it.</summary>
    public bool HoldsNul { get; private set; }

    /// <summary>Reads a line.</summary>
    /// <param name="keep">Characters to keep of it; the rest is passed over.</param>
    /// <param name="line">The line without its end; "" at the end of the file.</param>
    /// <returns>False at the end of the file, at a NUL, and where reading was to stop.</returns>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public bool Next(int keep, out string line)
    {
        line = "";
        StringBuilder? text = null;
        long length = 0;
        bool any = false;
        while (_at < _end || Fill())
        {
            any = true;
            var rest = _block.AsSpan(_at, _end - _at);
            int end = rest.IndexOf('\n');
            var piece = end < 0 ? rest : rest[..end];
            if (length < keep) (text ??= new StringBuilder()).Append(piece[..(int)Math.Min(piece.Length, keep - length)]);
            length += piece.Length;
            _at += piece.Length;
            if (end < 0) continue;
            _at++;
            break;
        }

        if (HoldsNul || !any) return false;
        line = Shown(text, length > keep);
        return true;
    }

    private static string Shown(StringBuilder? text, bool cut)
    {
        if (text is null) return "";
        if (!cut && text.Length > 0 && text[^1] == '\r') text.Length--;
        if (text.Length > 0 && char.IsHighSurrogate(text[^1])) text.Length--;
        if (cut) text.Append("... [truncated]");
        return text.ToString();
    }

    private bool Fill()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (HoldsNul) return false;
        if (Characters >= StopAt)
        {
            Stopped = true;
            return false;
        }

        _at = 0;
        _end = reader.Read(_block, 0, _block.Length);
        Characters += _end;
        HoldsNul = _block.AsSpan(0, _end).Contains('\0');
        return _end > 0 && !HoldsNul;
    }
}
