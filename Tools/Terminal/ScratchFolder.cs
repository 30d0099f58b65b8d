namespace Gateway.Tools.Terminal;

/// <summary>A folder of this process that nobody else can look into, made when it is first needed and removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly Lock _gate = new();
    private string? _path;

    /// <summary>Absolute path of a file or folder in it that does not exist yet.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public string NewName(string kind)
    {
        lock (_gate)
        {
            _path ??= Directory.CreateTempSubdirectory("tui-gateway-").FullName;
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
                Directory.Delete(_path, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Whoever cleans the temporary folder takes it.
            }

            _path = null;
        }
    }
}
