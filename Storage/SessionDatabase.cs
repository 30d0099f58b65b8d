using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Storage;

/// <summary>A stored session as lists show it.</summary>
/// <param name="Id">Stored key; of a compressed conversation the newest part's.</param>
/// <param name="Title">Title, "" if none.</param>
/// <param name="Preview">Start of its first user message, at most 60 characters and "...".</param>
/// <param name="StartedAt">Unix seconds.</param>
/// <param name="MessageCount">Stored messages.</param>
/// <param name="Source">Which program made it.</param>
internal sealed record StoredSession(string Id, string Title, string Preview, double StartedAt, long MessageCount, string Source);

/// <summary>state.db could not be read.</summary>
internal sealed class SessionDatabaseException : Exception
{
    /// <summary>Says what is wrong with the file.</summary>
    public SessionDatabaseException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>Reads the sessions that this and other programs stored in state.db (STATE.md section 3). Opens the file
/// read-only on each call and never creates it.</summary>
internal sealed class SessionDatabase
{
    /// <summary>Rows that one listing fetches at least, as the reference does.</summary>
    private const int MinimumFetch = 200;

    // Visible rows as STATE.md 3.5 defines them; a conversation that was compressed stands for its newest part.
    private const string ListSql = """
        WITH RECURSIVE visible AS (
            SELECT s.* FROM sessions s LEFT JOIN sessions p ON p.id = s.parent_session_id
            WHERE s.parent_session_id IS NULL OR (p.end_reason = 'branched' AND s.started_at >= p.ended_at)
            ORDER BY s.started_at DESC LIMIT $fetch),
        chain(root, id, hop) AS (
            SELECT id, id, 0 FROM visible
            UNION ALL
            SELECT chain.root,
                   (SELECT c.id FROM sessions c WHERE c.parent_session_id = e.id AND c.started_at >= e.ended_at
                    ORDER BY c.started_at DESC LIMIT 1),
                   hop + 1
            FROM chain JOIN sessions e ON e.id = chain.id
            WHERE e.end_reason = 'compression' AND hop < 100),
        tip AS (SELECT root, id, MAX(hop) FROM chain WHERE id IS NOT NULL GROUP BY root)
        SELECT t.id, COALESCE(t.title, ''), r.started_at, COALESCE(t.message_count, 0), COALESCE(r.source, ''),
               COALESCE((SELECT substr(m.content, 1, 63) FROM messages m
                         WHERE m.session_id = t.id AND m.role = 'user' AND m.content IS NOT NULL
                         ORDER BY m.timestamp, m.id LIMIT 1), '')
        FROM tip JOIN sessions t ON t.id = tip.id JOIN sessions r ON r.id = tip.root
        WHERE lower(r.source) <> 'tool'
        ORDER BY r.started_at DESC LIMIT $limit
        """;

    private readonly string _path;

    /// <summary>Names the database; nothing is opened.</summary>
    /// <param name="path">Path of state.db.</param>
    public SessionDatabase(string path) => _path = path;

    /// <summary>Lists sessions, newest first.</summary>
    /// <param name="limit">Most rows wanted.</param>
    /// <returns>Empty when there is no database yet.</returns>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public IReadOnlyList<StoredSession> List(int limit)
    {
        if (!File.Exists(_path)) return [];
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = _path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
                DefaultTimeout = 5,
            }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = ListSql;
            command.Parameters.AddWithValue("$fetch", Math.Max(2 * limit, MinimumFetch));
            command.Parameters.AddWithValue("$limit", limit);
            using var reader = command.ExecuteReader();
            var rows = new List<StoredSession>();
            while (reader.Read())
                rows.Add(new StoredSession(reader.GetString(0), reader.GetString(1), Preview(reader.GetString(5)), reader.GetDouble(2), reader.GetInt64(3), reader.GetString(4)));
            return rows;
        }
        catch (SqliteException exception)
        {
            throw new SessionDatabaseException(Reason(exception), exception);
        }
    }

    private static string Preview(string start)
    {
        start = start.ReplaceLineEndings(" ").Trim();
        return start.Length <= 60 ? start : start[..60] + "...";
    }

    private static string Reason(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => "file is not a database",
        raw.SQLITE_CORRUPT => "the file is damaged; restore a copy or move it away",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program is writing to it; try again",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => "it cannot be opened; check its permissions",
        raw.SQLITE_ERROR => "it has no session tables",
        var code => $"SQLite error {code}",
    };
}
