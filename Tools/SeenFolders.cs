namespace Gateway.Tools;

/// <summary>The folders that an agent has worked in, so that each is looked into once. Safe from any thread.</summary>
/// <param name="workingDirectory">The folder it starts in, which is known from the instructions.</param>
internal sealed class SeenFolders(string workingDirectory)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal) { workingDirectory };

    /// <summary>Notes a folder.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Enter(string folder)
    {
        lock (_gate) return _seen.Add(folder);
    }

    /// <summary>The conversation was shortened: what was said about folders may be gone from it.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _seen.Clear();
            _seen.Add(workingDirectory);
        }
    }
}
