namespace Gateway.Sessions;

/// <summary>What a conversation is looked back over for.</summary>
/// <param name="Memory">Notes about the user and the work.</param>
/// <param name="Skills">Ways of doing things.</param>
internal readonly record struct ReviewDue(bool Memory, bool Skills);

/// <summary>How often a conversation is looked back over; 0: never.</summary>
/// <param name="Turns">Turns from one look for notes to the next.</param>
/// <param name="Rounds">Rounds of tool calls from one look for skills to the next.</param>
internal readonly record struct ReviewIntervals(int Turns, int Rounds);

/// <summary>Counts until it is time to look back over a conversation. What the agent kept by itself starts the count anew. Safe from any
/// thread.</summary>
internal sealed class ReviewCounter
{
    private readonly Lock _gate = new();
    private int _turns;
    private int _rounds;

    /// <summary>Counts a turn.</summary>
    /// <param name="noted">Whether it kept a note.</param>
    /// <param name="taught">Whether it kept a skill.</param>
    /// <param name="rounds">Its rounds of tool calls.</param>
    /// <param name="every">How often is looked back.</param>
    /// <returns>What it is time to look for; null when it is time for nothing.</returns>
    public ReviewDue? Count(bool noted, bool taught, int rounds, ReviewIntervals every)
    {
        lock (_gate)
        {
            _turns = noted ? 0 : _turns + 1;
            _rounds = taught ? 0 : _rounds + rounds;
            var due = new ReviewDue(every.Turns > 0 && _turns >= every.Turns, every.Rounds > 0 && _rounds >= every.Rounds);
            if (due.Memory) _turns = 0;
            if (due.Skills) _rounds = 0;
            return due.Memory || due.Skills ? due : null;
        }
    }
}
