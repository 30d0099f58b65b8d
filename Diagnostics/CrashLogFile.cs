using System.Text;

namespace Gateway.Diagnostics;

/// <summary>The file of the crash log: readable by its owner alone, at most about 1 MiB, with one predecessor. Several
/// gateways may share it. Best effort: on a full or read-only disk entries are lost, and nothing else happens.</summary>
internal sealed class CrashLogFile
{
    /// <summary>Size in bytes from which the file is put aside before the next entry.</summary>
    public const long MaxBytes = 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly Lock _gate = new();
    private readonly Func<string> _path;

    /// <summary>Describes the file.</summary>
    /// <param name="path">Its path; asked for at each use.</param>
    public CrashLogFile(Func<string> path) => _path = path;

    /// <summary>Adds an entry.</summary>
    public void Append(string entry)
    {
        // A thread that hangs in here, on a disk that does not answer, must not take the others with it.
        if (!_gate.TryEnter(Patience)) return;
        try
        {
            Write(_path(), Encoding.UTF8.GetBytes(entry));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // The log is the last resort; there is nowhere left to complain.
        }
        finally
        {
            _gate.Exit();
        }
    }

    private static void Write(string path, byte[] entry)
    {
        PrivateFolder.Make(Path.GetDirectoryName(path)!);
        var present = new FileInfo(path);
        if (present.Exists && present.Length >= MaxBytes) File.Move(path, path + ".1", overwrite: true);

        using var file = AppendFile.Open(path);
        if (File.GetUnixFileMode(file.SafeFileHandle) != OwnerOnly) File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        file.Write(entry);
    }
}
