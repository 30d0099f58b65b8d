namespace Gateway.Tools;

/// <summary>What the tools remember between the calls of one conversation, for as long as it is live. Every conversation and every
/// subagent has its own, so that a <c>cd</c> of one does not move another. Safe from any thread.</summary>
/// <param name="workingDirectory">Absolute directory that the conversation starts in.</param>
/// <param name="whole">For a part of a conversation: the conversation's; null for a conversation.</param>
internal sealed class ToolState(string workingDirectory, ToolState? whole = null)
{
    private const int ShortestHidden = 4;
    private volatile string _directory = workingDirectory;
    private Terminal.ShellState? _shell;
    private Sandbox.ConversationBox? _box;
    private string? _sudoPassword;
    private Terminal.ProcessOwner _processes = new();

    /// <summary>Absolute directory that commands run in and relative paths start from; a <c>cd</c> in the terminal moves it.</summary>
    public string CurrentDirectory
    {
        get => whole?.CurrentDirectory ?? _directory;
        set
        {
            if (whole is null) _directory = value;
            else whole.CurrentDirectory = value;
        }
    }

    /// <summary>What shells leave to each other; null before the first one. Set by the terminal tool.</summary>
    public Terminal.ShellState? Shell
    {
        get => whole is null ? _shell : whole.Shell;
        set
        {
            if (whole is null) _shell = value;
            else whole.Shell = value;
        }
    }

    /// <summary>What confined commands share; null before the first one.</summary>
    public Sandbox.ConversationBox? Box
    {
        get => whole is null ? _box : whole.Box;
        set
        {
            if (whole is null) _box = value;
            else whole.Box = value;
        }
    }

    /// <summary>The password of sudo, once the user gave it; never leaves the process but to sudo itself.</summary>
    public string? SudoPassword
    {
        get => whole is null ? _sudoPassword : whole.SudoPassword;
        set
        {
            if (whole is null) _sudoPassword = value;
            else whole.SudoPassword = value;
        }
    }

    /// <summary>Whom the commands in the background belong to, and who is told of them.</summary>
    public Terminal.ProcessOwner Processes
    {
        get => whole?.Processes ?? _processes;
        set => _processes = value;
    }

    /// <summary>The model's tasks.</summary>
    public Todo.TodoList Todos { get; } = whole?.Todos ?? new();

    /// <summary>The folders it has worked in.</summary>
    public SeenFolders Folders { get; } = whole?.Folders ?? new(workingDirectory);

    /// <summary>What the skills it has read may use.</summary>
    public Skills.SkillVariables Skills { get; } = whole?.Skills ?? new();

    /// <summary>What the file tools have shown.</summary>
    public Files.FileReads Reads { get; } = new();

    /// <summary>Parts of the conversation are gone: what was shown there may have to be shown again.</summary>
    public void Forget()
    {
        Reads.Forget();
        Folders.Forget();
    }

    /// <summary>The same conversation for a script: directory, shell, password, tasks and processes are shared, but what the script reads
    /// counts as shown to the script alone.</summary>
    public ToolState ForScript() => new(CurrentDirectory, whole ?? this);

    /// <summary>A text without the password of sudo, as it is and as it stands in JSON. One of fewer than 4 characters is left: hiding it
    /// everywhere would show it by the gaps.</summary>
    public string? WithoutPassword(string? text)
    {
        if (text is null || SudoPassword is not { Length: >= ShortestHidden } password) return text;
        string escaped = System.Text.Json.JsonEncodedText.Encode(password, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value;
        return text.Replace(password, "***", StringComparison.Ordinal).Replace(escaped, "***", StringComparison.Ordinal);
    }
}
