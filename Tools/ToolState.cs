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

    /// <summary>What shells leave to each other; null before the first one. Set by the terminal tool.</summary>
    public Terminal.ShellState? Shell { get; set; }

    /// <summary>The password of sudo, once the user gave it; never leaves the process but to sudo itself.</summary>
    public string? SudoPassword { get; set; }

    /// <summary>Tells the model something that happened outside a tool call; null where nobody can be told.</summary>
    public Action<string>? Notify { get; set; }

    /// <summary>The model's tasks.</summary>
    public Todo.TodoList Todos { get; } = new();

    /// <summary>The folders it has worked in.</summary>
    public SeenFolders Folders { get; } = new(workingDirectory);

    /// <summary>What the skills it has read may use.</summary>
    public Skills.SkillVariables Skills { get; } = new();

    /// <summary>What the file tools have shown.</summary>
    public Files.FileReads Reads { get; } = new();

    /// <summary>Parts of the conversation are gone: what was shown there may have to be shown again.</summary>
    public void Forget()
    {
        Reads.Forget();
        Folders.Forget();
    }
}
