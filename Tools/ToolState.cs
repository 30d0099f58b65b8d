namespace Gateway.Tools;

/// <summary>What the tools remember between the calls of one conversation, for as long as it is live. Every conversation and every
/// subagent has its own, so that a <c>cd</c> of one does not move another. Safe from any thread.</summary>
/// <param name="workingDirectory">Absolute directory that the conversation starts in.</param>
internal sealed class ToolState(string workingDirectory)
{
    private volatile string _directory = workingDirectory;

    /// <summary>Absolute directory that commands run in and relative paths start from; a <c>cd</c> in the terminal moves it.</summary>
    public string CurrentDirectory
    {
        get => _directory;
        set => _directory = value;
    }

    /// <summary>What the file tools have shown.</summary>
    public Files.FileReads Reads { get; } = new();
}
