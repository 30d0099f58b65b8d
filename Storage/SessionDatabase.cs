namespace Gateway.Storage;

/// <summary>A stored session as lists show it.</summary>
/// <param name="Id">Stored key; of a compressed conversation the newest part's.</param>
/// <param name="Title">Title, "" if none.</param>
/// <param name="Preview">Start of its first user message, at most 60 characters and "...".</param>
/// <param name="StartedAt">Unix seconds.</param>
/// <param name="MessageCount">Stored messages.</param>
/// <param name="Source">Which program made it.</param>
internal sealed record StoredSession(string Id, string Title, string Preview, double StartedAt, long MessageCount, string Source);

/// <summary>Reads the sessions that this and other programs stored in state.db (STATE.md section 3), and never creates
/// the file.</summary>
internal sealed class SessionDatabase
{
    /// <summary>Rows that one listing fetches at least, as the reference does.</summary>
    private const int MinimumFetch = 200;

    // Visible rows as STATE.md 3.5 defines them, without those where nothing was ever said (Q34); a conversation that was compressed stands for its newest part.
    private const string ListSql = """
        WITH RECURSIVE visible AS (
            SELECT s.* FROM sessions s LEFT JOIN sessions p ON p.id = s.parent_session_id
            WHERE (s.parent_session_id IS NULL OR (p.end_reason = 'branched' AND s.started_at >= p.ended_at))
              AND (s.title IS NOT NULL OR s.end_reason = 'compression' OR EXISTS (SELECT 1 FROM messages m WHERE m.session_id = s.id))
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

    /// <summary>Newest conversations that figures are made of, as in the reference.</summary>
    private const int MostCounted = 500;

    // The same rows with those where nothing was said yet, counted and not fetched.
    private const string FiguresSql = """
        WITH RECURSIVE visible AS (
            SELECT s.id FROM sessions s LEFT JOIN sessions p ON p.id = s.parent_session_id
            WHERE s.started_at >= $since
              AND (s.parent_session_id IS NULL OR (p.end_reason = 'branched' AND s.started_at >= p.ended_at))
            ORDER BY s.started_at DESC LIMIT $most),
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
        SELECT COUNT(*), COALESCE(SUM(t.message_count), 0) FROM tip JOIN sessions t ON t.id = tip.id
        """;

    private readonly StateFile _file;

    /// <summary>Reads from this file; nothing is opened yet.</summary>
    public SessionDatabase(StateFile file) => _file = file;

    /// <summary>Lists sessions, newest first.</summary>
    /// <param name="limit">Most rows wanted.</param>
    /// <returns>Empty when there is no database yet.</returns>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public IReadOnlyList<StoredSession> List(int limit)
    {
        return _file.ReadOr<IReadOnlyList<StoredSession>>([], connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = ListSql;
            command.Parameters.AddWithValue("$fetch", Math.Max(2 * limit, MinimumFetch));
            command.Parameters.AddWithValue("$limit", limit);
            using var reader = command.ExecuteReader();
            var rows = new List<StoredSession>();
            while (reader.Read())
                rows.Add(new StoredSession(reader.GetString(0), reader.GetString(1), Preview(reader.GetString(5)), reader.GetDouble(2), reader.GetInt64(3), reader.GetString(4)));
            return rows;
        });
    }

    /// <summary>Counts the newest conversations, 500 at most, and their messages.</summary>
    /// <param name="since">Unix seconds; what started earlier does not count.</param>
    /// <returns>Zeros when there is no database yet.</returns>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public (long Sessions, long Messages) Figures(double since)
    {
        return _file.ReadOr((0L, 0L), connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = FiguresSql;
            command.Parameters.AddWithValue("$since", since);
            command.Parameters.AddWithValue("$most", MostCounted);
            using var reader = command.ExecuteReader();
            reader.Read();
            return (reader.GetInt64(0), reader.GetInt64(1));
        });
    }

    private static string Preview(string start)
    {
        start = start.ReplaceLineEndings(" ").Trim();
        return start.Length <= 60 ? start : start[..60] + "...";
    }
}
