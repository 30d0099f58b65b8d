using Gateway.Processes;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tools.Files;

/// <summary>A folder that is held open. It was reached without a single link, so that its path is the one that was judged, and what is done
/// in it stays in it, whatever happens to that path meanwhile.</summary>
internal sealed class PinnedFolder : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1FF;
    private const UnixFileMode EverybodysFile = (UnixFileMode)0x1B6;
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SafeFileHandle _folder;
    private readonly string _real;

    private PinnedFolder(SafeFileHandle folder, string real)
    {
        _folder = folder;
        _real = real;
    }

    /// <summary>What only the owner can read and write.</summary>
    public static UnixFileMode OwnersFile => UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Holds a folder.</summary>
    /// <param name="real">Absolute path without links.</param>
    /// <exception cref="TextFileException">A link is in the way: the path changed after it was looked at.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static PinnedFolder Open(string real) => Checked(FolderCalls.OpenWithoutLinks(real) ?? Walk(real, null, out _), real);

    /// <summary>The same; folders that are missing are made.</summary>
    /// <param name="real">Absolute path without links. It was judged before: nothing is made in a place that was not.</param>
    /// <param name="isPrivate">Whether a folder that is made is for its owner alone.</param>
    /// <param name="made">Whether any was made.</param>
    /// <exception cref="TextFileException">A link is in the way: the path changed after it was looked at.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static PinnedFolder Make(string real, Func<string, bool> isPrivate, out bool made)
    {
        made = false;
        return Checked(FolderCalls.OpenWithoutLinks(real) ?? Walk(real, isPrivate, out made), real);
    }

    /// <summary>What a name in it leads to, links not followed; null for nothing.</summary>
    public FileFacts? Facts(string name) => FolderCalls.Facts(_folder, name);

    /// <summary>Whether this process may write a file in it.</summary>
    public bool IsWritable(string name) => FolderCalls.IsWritable(_folder, name);

    /// <summary>Makes a file that was not there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isPrivate">Whether it is for its owner alone.</param>
    public FileStream Create(string name, bool isPrivate) =>
        new(FolderCalls.CreateFile(_folder, name, isPrivate ? OwnersFile : EverybodysFile), FileAccess.Write, bufferSize: 0);

    /// <summary>Opens a file, no link, for reading and writing.</summary>
    public FileStream OpenFile(string name) => new(FolderCalls.OpenFile(_folder, name, write: true), FileAccess.ReadWrite, bufferSize: 0);

    /// <summary>Opens a file, no link, for reading.</summary>
    public FileStream OpenRead(string name) => new(FolderCalls.OpenFile(_folder, name, write: false), FileAccess.Read, bufferSize: 0);

    /// <summary>Gives a file another name.</summary>
    /// <param name="name">Its name here.</param>
    /// <param name="to">The folder it goes to.</param>
    /// <param name="wanted">Its name there.</param>
    /// <param name="replaces">Whether what has that name goes.</param>
    public void Rename(string name, PinnedFolder to, string wanted, bool replaces) => FolderCalls.Rename(_folder, name, to._folder, wanted, replaces);

    /// <summary>Takes a file or link away.</summary>
    public void Remove(string name) => FolderCalls.Remove(_folder, name);

    /// <summary>Takes a folder away with all that is in it; links in it are taken away, never what they lead to.</summary>
    public void RemoveTree(string name)
    {
        using (var inner = new PinnedFolder(FolderCalls.OpenFolder(_folder, name), Path.Combine(_real, name)))
        {
            foreach (string entry in inner.Names())
            {
                if (inner.Facts(entry) is { IsFolder: true }) inner.RemoveTree(entry);
                else inner.Remove(entry);
            }
        }

        FolderCalls.Remove(_folder, name, isFolder: true);
    }

    /// <summary>Takes an empty folder away; one that is not empty, or may not be taken away, stays.</summary>
    public void RemoveEmpty(string name)
    {
        try
        {
            FolderCalls.Remove(_folder, name, isFolder: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody needs it still.
        }
    }

    /// <summary>Names of all that is in it.</summary>
    public string[] Names() => [.. Directory.EnumerateFileSystemEntries(Way).Select(entry => Path.GetFileName(entry)!)];

    /// <summary>A path for calls that know no held folders and change nothing.</summary>
    public string At(string name) => Path.Combine(Way, name);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    // Where /proc is not mounted there is only the path.
    private string Way => FileCalls.PathOf(_folder) is null ? _real : $"/proc/self/fd/{_folder.DangerousGetHandle()}";

    private static PinnedFolder Checked(SafeFileHandle folder, string real)
    {
        if (FileCalls.PathOf(folder) is not { } place || place == real) return new PinnedFolder(folder, real);
        folder.Dispose();
        throw new TextFileException(Moved(real));
    }

    /// <summary>What is said of a path that changed after it was judged.</summary>
    public static string Moved(string path) => $"'{path}' changed its place while it was being written; nothing was written.";

    private static SafeFileHandle Walk(string real, Func<string, bool>? isPrivate, out bool made)
    {
        made = false;
        var folder = FolderCalls.OpenRoot();
        string place = "/";
        foreach (string name in real.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            place = Path.Combine(place, name);
            using var outer = folder;
            if (isPrivate is not null && FolderCalls.Facts(outer, name) is null)
            {
                FolderCalls.MakeFolder(outer, name, isPrivate(place) ? OwnersFolder : Everybody);
                made = true;
            }

            if (FolderCalls.Facts(outer, name) is { IsLink: true }) throw new TextFileException(Moved(place));
            folder = FolderCalls.OpenFolder(outer, name);
        }

        return folder;
    }
}
