using System.Text;
using Gateway.Config;

namespace Gateway.Sessions;

/// <summary>Keeps two gateways on one HERMES_HOME from running turns on the same stored session at a time. A turn holds a record
/// lock (fcntl(2)) on one byte of a common file, at a place that its key decides; the kernel drops it whenever the process ends,
/// so that a crash leaves nothing behind.</summary>
internal sealed class TurnLocks : IDisposable
{
    /// <summary>EAGAIN of Linux: somebody else holds the lock.</summary>
    private const int HeldElsewhere = 11;

    private readonly string _path;
    private readonly Lock _gate = new();
    private FileStream? _file;
    private bool _unavailable;

    /// <summary>Names the file; it is opened at the first turn and then stays open, since closing it would drop every lock.</summary>
    public TurnLocks(string hermesHome) => _path = Path.Combine(hermesHome, "gateway_turns.lock");

    /// <summary>Claims a stored session for a turn.</summary>
    /// <param name="key">Stored key.</param>
    /// <param name="held">Gives the claim back when disposed; null on file systems that cannot lock, where turns run unguarded.</param>
    /// <returns><see langword="false"/> when another process runs a turn on it.</returns>
    public bool TryTake(string key, out IDisposable? held)
    {
        held = null;
        lock (_gate)
        {
            if (!OperatingSystem.IsLinux() || Open() is not { } file) return true;
            long place = PlaceOf(key);
            try
            {
                file.Lock(place, 1);
                held = new Held(this, place);
                return true;
            }
            catch (IOException exception)
            {
                return exception.HResult != HeldElsewhere;
            }
            catch (UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _unavailable = true;
            _file?.Dispose();
            _file = null;
        }
    }

    private FileStream? Open()
    {
        if (_file is not null || _unavailable) return _file;
        _unavailable = HomeFile.Problem(_path) is not null;
        if (_unavailable) return null;
        try
        {
            _file = new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A read-only home stores nothing, so there is nothing to guard.
            _unavailable = true;
        }

        return _file;
    }

    // FNV-1a, 62 bits of it: two keys on one byte would refuse a turn only while the other one runs.
    private static long PlaceOf(string key)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in Encoding.UTF8.GetBytes(key)) hash = (hash ^ value) * 1099511628211;
        return (long)(hash >> 2);
    }

    private void Release(long place)
    {
        lock (_gate)
        {
            if (OperatingSystem.IsLinux()) _file?.Unlock(place, 1);
        }
    }

    private sealed class Held(TurnLocks locks, long place) : IDisposable
    {
        private bool _released;

        public void Dispose()
        {
            if (_released) return;
            _released = true;
            locks.Release(place);
        }
    }
}
