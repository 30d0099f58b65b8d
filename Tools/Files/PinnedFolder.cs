using Gateway.Processes;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tools.Files;

/// <summary>A folder that is held open, so that no link that is put into its path meanwhile leads a file elsewhere.</summary>
internal sealed class PinnedFolder : IDisposable
{
    private readonly SafeFileHandle _folder;
    private readonly string _way;

    /// <summary>Holds a folder.</summary>
    /// <param name="real">Absolute path without links.</param>
    /// <exception cref="IOException">It cannot be opened, or is not what the path said.</exception>
    public PinnedFolder(string real)
    {
        _folder = FileCalls.OpenPlace(real);
        string way = $"/proc/self/fd/{_folder.DangerousGetHandle()}";
        string? place = new FileInfo(way).LinkTarget;
        IsThere = place is null || place == real;

        // Where /proc is not mounted there is only the path.
        _way = place is null ? real : way;
    }

    /// <summary>Whether the folder that was opened is the one that was meant.</summary>
    public bool IsThere { get; }

    /// <summary>A path that leads to a file in it.</summary>
    public string At(string name) => Path.Combine(_way, name);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
