using Microsoft.Data.Sqlite;
using static Gateway.Storage.Sql;

namespace Gateway.Storage;

/// <summary>An earlier conversation in which something was found.</summary>
/// <param name="Id">Stored key of the part that holds the best hit.</param>
/// <param name="Root">Stored key of the conversation's first part.</param>
/// <param name="Source">Which program made it.</param>
/// <param name="Model">Its model, "" if unknown.</param>
/// <param name="StartedAt">Unix seconds.</param>
/// <param name="Row">The message that fits best.</param>
internal sealed record FoundSession(string Id, string Root, string Source, string Model, double StartedAt, long Row);

/// <summary>Finds what was said in earlier conversations (STATE.md 3.7, AGENT.md section 11).</summary>
internal sealed class SessionSearch(StateFile file)
{
    private const int Hits = 50;
    private const int SqlError = 1;

    private const string Roots = """
        WITH RECURSIVE up(id, hop) AS (
            SELECT $id, 0
            UNION ALL
            SELECT s.parent_session_id, hop + 1 FROM up JOIN sessions s ON s.id = up.id WHERE s.parent_session_id IS NOT NULL AND hop < 100)
        SELECT id FROM up ORDER BY hop DESC LIMIT 1
        """;

    private const string Columns = "SELECT m.id, m.session_id, COALESCE(s.source, ''), COALESCE(s.model, ''), COALESCE(s.started_at, 0) FROM ";
    private const string Joined = " JOIN sessions s ON s.id = m.session_id WHERE s.source <> 'tool' AND ($roles = '' OR instr($roles, '|' || m.role || '|') > 0) AND ";

    /// <summary>The newest conversations but the one that asks, and when each was last spoken in (Unix seconds).</summary>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public IReadOnlyList<(StoredSession Session, double LastActive)> Recent(string current, int limit)
    {
        var listed = new SessionDatabase(file).List(limit + 5);
        return listed.Count == 0 ? [] : file.Read(connection =>
        {
            string own = Root(connection, current);
            return listed.Where(session => Root(connection, session.Id) != own).Take(limit).Select(session => (session, LastActive(connection, session))).ToArray();
        });
    }

    /// <summary>Conversations in which the query occurs, best first.</summary>
    /// <param name="query">Words, phrases between quotes, AND, OR, NOT, prefix*.</param>
    /// <param name="roles">Whose messages count; empty for all.</param>
    /// <param name="current">Stored key of the conversation that asks and is left out.</param>
    /// <param name="limit">Most conversations.</param>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public IReadOnlyList<FoundSession> Find(string query, IReadOnlyCollection<string> roles, string current, int limit) => file.ReadOr<IReadOnlyList<FoundSession>>([], connection =>
    {
        var found = new List<FoundSession>();
        string own = Root(connection, current);
        foreach (var hit in Matches(connection, query, roles.Count == 0 ? "" : $"|{string.Join('|', roles)}|"))
        {
            string root = Root(connection, hit.Id);
            if (root != own && found.TrueForAll(one => one.Root != root)) found.Add(hit with { Root = root });
            if (found.Count == limit) break;
        }

        return found;
    });

    /// <summary>The conversation as text, and where in it a message stands; long results of tools are shortened.</summary>
    /// <exception cref="SessionDatabaseException">The file cannot be read.</exception>
    public (string Text, int At) Transcript(string id, long row) => file.Read(connection =>
    {
        using var command = Command(
            connection,
            """
            SELECT id, role, COALESCE(tool_name, ''),
                   CASE WHEN role = 'tool' AND id <> $row AND length(content) > 500
                        THEN substr(content, 1, 250) || ' …[shortened]… ' || substr(content, -250) ELSE COALESCE(content, '') END
            FROM messages WHERE session_id = $id ORDER BY timestamp, id
            """,
            ("$id", id),
            ("$row", row));
        using var reader = command.ExecuteReader();
        var text = new System.Text.StringBuilder();
        int at = 0;
        while (reader.Read())
        {
            if (reader.GetInt64(0) == row) at = text.Length;
            if (reader.GetString(3) is not { Length: > 0 } content) continue;
            string tool = reader.GetString(2);
            text.Append('[').Append(reader.GetString(1).ToUpperInvariant()).Append(tool.Length == 0 ? "" : ":" + tool).Append("]: ").Append(content).Append("\n\n");
        }

        return (text.ToString(), at);
    });

    private static List<FoundSession> Matches(SqliteConnection connection, string query, string roles)
    {
        int ideographs = SearchQuery.Ideographs(query);
        if (ideographs is > 0 and < 3)
        {
            string like = "%" + query.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
            const string where = "(m.content LIKE $query ESCAPE '\\' OR m.tool_name LIKE $query ESCAPE '\\' OR m.tool_calls LIKE $query ESCAPE '\\') ORDER BY m.timestamp DESC LIMIT $limit";
            return Rows(connection, Columns + "messages m" + Joined + where, like, roles);
        }

        string table = ideographs > 0 ? "messages_fts_trigram" : "messages_fts";
        string sql = $"{Columns}{table} JOIN messages m ON m.id = {table}.rowid{Joined}{table} MATCH $query ORDER BY rank LIMIT $limit";
        string words = ideographs > 0 ? SearchQuery.Literal(query, " ") : SearchQuery.ForWords(query);
        if (words.Length == 0) return [];
        try
        {
            if (Rows(connection, sql, words, roles) is var found && (found.Count > 0 || query.Contains("NOT ", StringComparison.Ordinal))) return found;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SqlError)
        {
            // Signs that the index takes for its own; the words stand below without them.
        }

        string literal = SearchQuery.Literal(query, " ");
        if (literal.Length == 0) return [];
        var exact = Rows(connection, sql, literal, roles);
        return exact.Count > 0 || query.Count(sign => sign == '"') > 1 ? exact : Rows(connection, sql, SearchQuery.Literal(query, " OR "), roles);
    }

    private static List<FoundSession> Rows(SqliteConnection connection, string sql, string query, string roles)
    {
        using var command = Command(connection, sql, ("$query", query), ("$roles", roles), ("$limit", Hits));
        using var reader = command.ExecuteReader();
        var rows = new List<FoundSession>();
        while (reader.Read()) rows.Add(new FoundSession(reader.GetString(1), "", reader.GetString(2), reader.GetString(3), reader.GetDouble(4), reader.GetInt64(0)));
        return rows;
    }

    private static string Root(SqliteConnection connection, string id)
    {
        using var command = Command(connection, Roots, ("$id", id));
        return command.ExecuteScalar() as string ?? id;
    }

    private static double LastActive(SqliteConnection connection, StoredSession session)
    {
        using var command = Command(connection, "SELECT MAX(timestamp) FROM messages WHERE session_id = $id", ("$id", session.Id));
        return command.ExecuteScalar() is double last ? last : session.StartedAt;
    }
}
