namespace Gateway.Agent;

/// <summary>What the user says to a turn that runs, and what else happens meanwhile, until the model gets to hear it: with the results of
/// the next tool calls (WIRE 9.6). Safe from any thread.</summary>
internal sealed class Guidance
{
    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];
    private readonly List<string> _notices = [];

    /// <summary>Adds a text of the user.</summary>
    public void Add(string text)
    {
        lock (_gate) _texts.Add(text);
    }

    /// <summary>Adds something that happened, which must not pass for the user's words.</summary>
    public void AddNotice(string notice)
    {
        lock (_gate) _notices.Add(notice);
    }

    /// <summary>Takes everything so far.</summary>
    /// <returns>What the user said and what happened, one text per line each; null where there is nothing.</returns>
    public (string? Said, string? Happened) TakeApart()
    {
        lock (_gate)
        {
            var taken = (Joined(_texts), Joined(_notices));
            _texts.Clear();
            _notices.Clear();
            return taken;
        }
    }

    /// <summary>Takes everything so far as it stands behind the result of a tool; "" when there is nothing.</summary>
    public string TakeForResult()
    {
        var (said, happened) = TakeApart();
        return (happened is null ? "" : $"\n\n{happened}") + (said is null ? "" : $"\n\nUser guidance: {said}");
    }

    /// <summary>Takes everything so far, one text per line; null when there is nothing.</summary>
    public string? Take() => TakeApart() switch
    {
        (null, var happened) => happened,
        (var said, null) => said,
        var (said, happened) => $"{happened}\n{said}",
    };

    private static string? Joined(List<string> texts) => texts.Count == 0 ? null : string.Join('\n', texts);
}
