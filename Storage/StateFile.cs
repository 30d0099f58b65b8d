using System.Diagnostics;
using System.Globalization;
using Gateway.Config;
using Gateway.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Storage;

/// <summary>state.db could not be read or written.</summary>
internal sealed class SessionDatabaseException : Exception
{
    /// <summary>What is said of a file that somebody else keeps.</summary>
    public const string Locked = "another program is writing to it; try again";

    /// <summary>Says what is wrong with the file.</summary>
    public SessionDatabaseException(string message, Exception? cause)
        : base(message, cause)
    {
    }

    /// <summary>Puts a failure of SQLite into words for the user.</summary>
    public SessionDatabaseException(SqliteException cause)
        : this(Reason(cause), cause)
    {
    }

    private static string Reason(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => "file is not a database",
        raw.SQLITE_CORRUPT => "the file is damaged; restore a copy or move it away",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Locked,
        raw.SQLITE_FULL => "the disk is full; free some space",
        raw.SQLITE_IOERR => "the disk reports an error; check free space and the file system",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => "it cannot be opened for writing; check its permissions",
        raw.SQLITE_ERROR => "it has no session tables",
        var code => string.Create(CultureInfo.InvariantCulture, $"SQLite error {code}"),
    };
}

/// <summary>The file state.db: one connection for writing, opened and brought to the schema on the first write, and a
/// connection of its own for each reading, so that a long one holds up nobody (STATE.md 3.1 and 3.2).</summary>
internal sealed class StateFile : IDisposable
{
    private const int MaxAttempts = 15;
    private const int WritesPerCheckpoint = 50;

    // A turn writes often: it must not wait as long again for each message while another program keeps the file.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Action<TimeSpan> _sleep;
    private SqliteConnection? _writer;
    private int _writes;
    private long _pausedSince;

    /// <summary>Names the file; nothing is opened.</summary>
    /// <param name="path">Path of state.db.</param>
    /// <param name="sleep">How to wait between two attempts on a locked file; default sleeps.</param>
    public StateFile(string path, Action<TimeSpan>? sleep = null)
    {
        _path = path;
        _sleep = sleep ?? Thread.Sleep;
    }

    /// <summary>Whether there is a file yet.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>Reads on a connection of its own, without a transaction.</summary>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public T Read<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            using var connection = Open(SqliteOpenMode.ReadOnly);
            return work(connection);
        }
        catch (SqliteException exception)
        {
            throw new SessionDatabaseException(exception);
        }
    }

    /// <summary>Reads like <see cref="Read{T}"/>, and answers <paramref name="none"/> while there is no database: no file, or one that is only
    /// just being made.</summary>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public T ReadOr<T>(T none, Func<SqliteConnection, T> work) => !Exists ? none : Read(connection =>
    {
        try
        {
            return work(connection);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_ERROR && IsEmpty(connection))
        {
            return none;
        }
    });

    /// <summary>Writes in one transaction: all of it is on disk when this returns, or nothing. Waits for other programs, about
    /// 15 attempts or four seconds; when that was in vain, writes fail at once for the next five.</summary>
    /// <param name="work">The statements; run again from the start when the file was locked.</param>
    /// <exception cref="SessionDatabaseException">The file cannot be written.</exception>
    public T Write<T>(Func<SqliteConnection, T> work)
    {
        lock (_gate)
        {
            if (_pausedSince != 0 && Stopwatch.GetElapsedTime(_pausedSince) < Pause) throw new SessionDatabaseException(SessionDatabaseException.Locked, null);
            long started = Stopwatch.GetTimestamp();
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    _writer ??= OpenWriter();
                    var result = Commit(_writer, work);
                    _pausedSince = 0;
                    return result;
                }
                catch (SqliteException exception) when (IsLocked(exception) && attempt < MaxAttempts && Stopwatch.GetElapsedTime(started) < Patience)
                {
                    _sleep(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 151)));
                }
                catch (SqliteException exception)
                {
                    if (IsLocked(exception)) _pausedSince = Stopwatch.GetTimestamp();
                    throw new SessionDatabaseException(exception);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new SessionDatabaseException("its directory cannot be made; check HERMES_HOME", exception);
                }
            }
        }
    }

    /// <summary>Moves what was written into the main file, as far as readers let it, and closes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_writer is null) return;
            Checkpoint(_writer);
            _writer.Dispose();
            _writer = null;
        }
    }

    private static bool IsEmpty(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master";
        return command.ExecuteScalar() is 0L;
    }

    private static bool IsLocked(SqliteException exception) => exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // How far it came is not ours to judge: readers may hold it up, and the next one goes on.
    private static void Checkpoint(SqliteConnection connection)
    {
        try
        {
            Run(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
        }
    }

    private T Commit<T>(SqliteConnection connection, Func<SqliteConnection, T> work)
    {
        T result;
        Run(connection, "BEGIN IMMEDIATE");
        try
        {
            result = work(connection);
            Run(connection, "COMMIT");
        }
        finally
        {
            // Still open means that something failed, unless a full disk has rolled back by itself.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0) Run(connection, "ROLLBACK");
        }

        if (++_writes % WritesPerCheckpoint == 0) Checkpoint(connection);
        return result;
    }

    private SqliteConnection OpenWriter()
    {
        PrivateFolder.Make(Path.GetDirectoryName(_path)!);
        MakePrivate();
        var connection = Open(SqliteOpenMode.ReadWriteCreate);
        try
        {
            Run(connection, "PRAGMA journal_mode = WAL");
            Run(connection, "PRAGMA foreign_keys = ON");
            Commit(connection, prepared =>
            {
                StateSchema.Prepare(prepared);
                return true;
            });
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    // SQLite would make it for everybody; its companions get the permissions that it has.
    private void MakePrivate()
    {
        if (Path.Exists(_path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = FileReplacement.OwnerOnly };
        try
        {
            using var file = new FileStream(_path, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // SQLite says what is wrong.
        }
    }

    // SQLite would wait for the other end of a pipe.
    private void RequireRegular()
    {
        foreach (string suffix in (string[])["", "-wal", "-shm", "-journal"])
            if (HomeFile.Problem(_path + suffix) is { } problem) throw new SessionDatabaseException($"{Path.GetFileName(_path)}{suffix} cannot be opened: {problem}", null);
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        RequireRegular();
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = mode, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }
}
