using Gateway.Tools.Terminal;

namespace Gateway.Tools.Sandbox;

/// <summary>What confined commands of one conversation share: a folder of ours, temporary files, and what shells leave to each other, which
/// unconfined shells never take up.</summary>
/// <param name="scratch">Where the folder is made.</param>
internal sealed class ConversationBox(ScratchFolder scratch)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly Lock _gate = new();
    private string? _folder;

    /// <summary>The shell of the confined commands; null before the first one.</summary>
    public ShellState? Shell { get; set; }

    /// <summary>Absolute path of the folder, which exists.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public string Folder()
    {
        lock (_gate)
        {
            _folder ??= scratch.NewName("box");
            Directory.CreateDirectory(_folder, OwnerOnly);
            return _folder;
        }
    }

    /// <summary>Absolute path of the folder for temporary files, which exists.</summary>
    public string Temporary() => Directory.CreateDirectory(Path.Combine(Folder(), "tmp"), OwnerOnly).FullName;

    /// <summary>A name in the folder that is not used yet.</summary>
    public string NewName(string kind) => Path.Combine(Folder(), $"{kind}-{Guid.NewGuid().ToString("N")[..12]}");
}
