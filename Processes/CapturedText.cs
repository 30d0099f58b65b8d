namespace Gateway.Processes;

/// <summary>The kept part of a stream.</summary>
/// <param name="Head">Its start.</param>
/// <param name="Tail">Its end; directly follows <paramref name="Head"/> when nothing is omitted.</param>
/// <param name="Total">UTF-16 code units the stream had.</param>
internal sealed record CapturedText(string Head, string Tail, long Total)
{
    /// <summary>A stream without output.</summary>
    public static CapturedText Empty { get; } = new("", "", 0);

    /// <summary>Code units that were not kept.</summary>
    public long Omitted => Total - Head.Length - Tail.Length;

    /// <summary>The text with <paramref name="marker"/> (given omitted and total counts) where something is missing.</summary>
    public string ToText(Func<long, long, string> marker) =>
        Omitted > 0 ? Head + marker(Omitted, Total) + Tail : Head + Tail;
}

/// <summary>Collects a stream of any length in fixed memory. Not thread-safe.</summary>
internal sealed class OutputCapture(OutputLimit limit)
{
    private readonly System.Text.StringBuilder _head = new();
    private char[] _ring = [];
    private long _total;
    private long _ringTotal;

    /// <summary>Takes the next piece.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        _total += text.Length;
        var room = Math.Min(limit.Head - _head.Length, text.Length);
        _head.Append(text[..room]);
        text = text[room..];
        if (text.IsEmpty || limit.Tail == 0) return;

        if (_ring.Length == 0) _ring = new char[limit.Tail];
        _ringTotal += text.Length;
        if (text.Length > _ring.Length) text = text[^_ring.Length..];
        var end = (int)(_ringTotal % _ring.Length);
        var start = end - text.Length;
        if (start >= 0)
        {
            text.CopyTo(_ring.AsSpan(start));
        }
        else
        {
            text[..-start].CopyTo(_ring.AsSpan(_ring.Length + start));
            text[-start..].CopyTo(_ring);
        }
    }

    /// <summary>What has been kept so far. Never leaves half of a surrogate pair at a cut.</summary>
    public CapturedText ToCaptured()
    {
        var head = _head.ToString();
        var kept = (int)Math.Min(_ringTotal, _ring.Length);
        var end = kept == 0 ? 0 : (int)(_ringTotal % _ring.Length);
        var tail = _ringTotal <= _ring.Length
            ? new string(_ring, 0, kept)
            : string.Concat(_ring.AsSpan(end), _ring.AsSpan(0, end));
        if (_total > head.Length + tail.Length)
        {
            if (head.Length > 0 && char.IsHighSurrogate(head[^1])) head = head[..^1];
            if (tail.Length > 0 && char.IsLowSurrogate(tail[0])) tail = tail[1..];
        }

        return new CapturedText(head, tail, _total);
    }
}
