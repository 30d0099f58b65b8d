namespace Gateway.Tools.Files;

/// <summary>What a comparison of texts may cost. Over it nothing more is compared; an interrupt ends it at once.</summary>
/// <param name="steps">Characters that may be compared with each other, about a thousand million of them in a second.</param>
/// <param name="cancellationToken">The user's interruption.</param>
internal sealed class Effort(long steps, CancellationToken cancellationToken)
{
    private long _left = steps;

    /// <summary>Whether more was wanted than there was.</summary>
    public bool IsSpent => _left < 0;

    /// <summary>Takes some of it.</summary>
    /// <returns>Whether there was as much.</returns>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public bool Spend(long steps)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_left >= 0) _left -= steps;
        return _left >= 0;
    }
}
