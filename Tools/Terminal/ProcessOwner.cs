namespace Gateway.Tools.Terminal;

/// <summary>The conversation that commands in the background belong to, and the way to tell it about them. It outlives the live sessions of
/// the conversation: what happens while nobody listens is told to the next one. Safe from any thread.</summary>
/// <param name="key">The stored key that the conversation began with; "" for none.</param>
internal sealed class ProcessOwner(string key = "")
{
    private const int MostUntold = 16;
    private readonly Lock _gate = new();
    private readonly Queue<string> _untold = [];
    private Func<string, bool>? _tell;

    /// <summary>The stored key that the conversation began with; "" for none.</summary>
    public string Key => key;

    /// <summary>Whether anybody was ever there to be told.</summary>
    public bool IsHeard
    {
        get
        {
            lock (_gate) return _tell is not null;
        }
    }

    /// <summary>Says who is told from now on, who also gets what could not be told before.</summary>
    /// <param name="tell">Returns at once, and <see langword="false"/> when it could not tell anybody.</param>
    public void Listen(Func<string, bool> tell)
    {
        string[] untold;
        lock (_gate)
        {
            _tell = tell;
            untold = [.. _untold];
            _untold.Clear();
        }

        foreach (string notice in untold) Tell(notice);
    }

    /// <summary>Tells the model something that happened outside a tool call.</summary>
    public void Tell(string notice)
    {
        Func<string, bool>? tell;
        lock (_gate) tell = _tell;
        if (tell?.Invoke(notice) == true) return;
        lock (_gate)
        {
            if (_untold.Count == MostUntold) _untold.Dequeue();
            _untold.Enqueue(notice);
        }
    }
}
