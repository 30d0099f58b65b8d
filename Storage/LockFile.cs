using Gateway.Config;
using Mono.Unix.Native;

namespace Gateway.Storage;

/// <summary>A lock that programs share, of the kind flock(2), on a file that only serves it. The kernel drops it with the process.</summary>
internal static class LockFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int PauseMilliseconds = 20;

    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(2);

    /// <summary>Takes the lock; waits for whoever has it.</summary>
    /// <param name="path">The file, made when it is not there; its folder exists.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="patience">How long to wait; two seconds unless given.</param>
    /// <returns>Gives the lock back when disposed.</returns>
    /// <exception cref="StoredFileException">Another program keeps it, or the file cannot be opened.</exception>
    public static async Task<IDisposable> TakeAsync(string path, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        // .NET takes the lock of flock(2) on files that are opened for one user only.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly };
        if (HomeFile.Problem(path) is { } problem) throw new StoredFileException($"{path} cannot be locked: {problem}");
        int attempts = (int)((patience ?? UsualPatience).TotalMilliseconds / PauseMilliseconds);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException exception) when ((Errno)exception.HResult == Errno.EWOULDBLOCK)
            {
                if (attempt >= attempts) throw new StoredFileException($"another program keeps {path} locked; try again in a moment");
                await Task.Delay(PauseMilliseconds, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StoredFileException(exception);
            }
        }
    }
}
