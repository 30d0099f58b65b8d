using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>A folder of this process that nobody else can look into, made when it is first needed and removed at the end. Those that killed
/// gateways left behind go when the first is made.</summary>
/// <param name="runtime">Folder for such things that the system made for the user (XDG_RUNTIME_DIR), which no cleaner visits; used when it
/// belongs to the user alone, else the one for temporary files.</param>
internal sealed class ScratchFolder(string? runtime = null) : IDisposable
{
    private const int MostNames = 5;
    private readonly Lock _gate = new();
    private string? _path;
    private FolderLock? _held;
    private bool _swept;

    /// <summary>Absolute path of a file or folder in it that does not exist yet.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public string NewName(string kind)
    {
        lock (_gate)
        {
            // A cleaner of temporary files may have taken it, and somebody else have put another in its place.
            if (_path is null || !FolderOwner.IsOursAlone(_path)) _path = Make();
            return Path.Combine(_path, $"{kind}-{Guid.NewGuid().ToString("N")[..12]}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_path is null) return;
            try
            {
                if (FolderOwner.IsOursAlone(_path)) Directory.Delete(_path, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Whoever cleans the temporary folder takes it.
            }

            _held?.Dispose();
            _held = null;
            _path = null;
        }
    }

    private string Make()
    {
        _held?.Dispose();
        _held = null;
        string path = runtime is ['/', ..] && FolderOwner.IsOursAlone(runtime) && MakeIn(runtime) is { } own
            ? own
            : MakeIn(Path.GetTempPath()) ?? throw new IOException($"no folder can be made in {Path.GetTempPath()}");
        if (!_swept) _ = Task.Run(() => ScratchSweep.Run(Path.GetDirectoryName(path)!, path));
        _swept = true;
        return path;
    }

    private string? MakeIn(string place)
    {
        for (int attempt = 0; attempt < MostNames; attempt++)
        {
            try
            {
                string path = Path.Combine(place, ScratchName.New());
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                _held = FolderLock.Take(path);

                // Somebody else may have had the name, or have swept the folder before it had a lock.
                if (FolderOwner.IsOursAlone(path)) return path;
                _held?.Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is full, or may not be written.
                return null;
            }
        }

        return null;
    }
}
