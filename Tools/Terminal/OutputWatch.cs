namespace Gateway.Tools.Terminal;

/// <summary>Looks for texts in the output of a process and tells of the lines that hold one: at most one notice in 15 s, and after three
/// such spans with more than that no further ones, but word of the end (AGENT.md 10.1).</summary>
/// <param name="patterns">The texts.</param>
/// <param name="time">The clock.</param>
/// <param name="budget">What may be told over all processes.</param>
/// <param name="tell">Called with the lines that were found.</param>
/// <param name="tooMany">Called once when it gives up.</param>
internal sealed class OutputWatch(IReadOnlyList<string> patterns, TimeProvider time, NoticeBudget budget, Action<string> tell, Action tooMany)
{
    private const int LongestLine = 2000;
    private const int CrowdedSpans = 3;
    private static TimeSpan Span => TimeSpan.FromSeconds(15);

    private readonly System.Text.StringBuilder _line = new();
    private long? _lastNotice;
    private int _crowded;
    private bool _dropped;
    private bool _off;

    /// <summary>Takes output, from one thread.</summary>
    public void See(ReadOnlySpan<char> text)
    {
        foreach (char character in text)
        {
            if (character != '\n')
            {
                if (_line.Length < LongestLine) _line.Append(character);
                continue;
            }

            Look();
        }
    }

    /// <summary>There is no more: looks at a last line without line end.</summary>
    public void SeeEnd() => Look();

    private void Look()
    {
        string line = AnsiText.Strip(_line.ToString()).TrimEnd('\r');
        _line.Clear();
        if (!_off && patterns.Any(pattern => line.Contains(pattern, StringComparison.Ordinal))) Found(line);
    }

    private void Found(string line)
    {
        if (_lastNotice is { } last && time.GetElapsedTime(last) < Span)
        {
            _dropped = true;
            return;
        }

        if (!budget.TryTake()) return;
        _crowded = _dropped ? _crowded + 1 : 0;
        _dropped = false;
        _lastNotice = time.GetTimestamp();
        if (_crowded >= CrowdedSpans)
        {
            _off = true;
            tooMany();
            return;
        }

        tell(line);
    }
}
