using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes;

/// <summary>Says that a folder is in use (flock(2) on the folder itself). The kernel lets go with the process, however that ends.</summary>
internal sealed partial class FolderLock : IDisposable
{
    private const int Exclusive = 2;
    private const int WithoutWaiting = 4;

    private readonly SafeFileHandle _folder;

    private FolderLock(SafeFileHandle folder) => _folder = folder;

    /// <summary>Takes the lock of a folder; null when somebody has it, when there is no such folder, and where folders cannot be locked.</summary>
    /// <param name="path">Absolute path without NUL.</param>
    public static FolderLock? Take(string path)
    {
        SafeFileHandle? folder = null;
        try
        {
            folder = FileCalls.Open(path);
            bool taken = Lock((int)folder.DangerousGetHandle(), Exclusive | WithoutWaiting) == 0;

            // The path may have got another folder since it was opened.
            if (taken && FileFacts.Of(folder) is { IsFolder: true } held && FileFacts.Of(path, followLink: false) is { } there && held.IsSameFile(there)) return new FolderLock(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is none, or none for us.
        }

        folder?.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);
}
