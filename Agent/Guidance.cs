namespace Gateway.Agent;

/// <summary>What the user says to a turn that runs, until the model gets to hear it: with the results of the next tool calls
/// (WIRE 9.6). Safe from any thread.</summary>
internal sealed class Guidance
{
    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];

    /// <summary>Adds a text.</summary>
    public void Add(string text)
    {
        lock (_gate) _texts.Add(text);
    }

    /// <summary>Takes everything said so far, one text per line; null when there is nothing.</summary>
    public string? Take()
    {
        lock (_gate)
        {
            if (_texts.Count == 0) return null;
            string all = string.Join('\n', _texts);
            _texts.Clear();
            return all;
        }
    }
}
