using Microsoft.Data.Sqlite;
using static Gateway.Storage.Sql;

namespace Gateway.Storage;

/// <summary>Sessions made from others: branches, and what goes on after a compression (STATE.md 3.5 and section 4). Each is one
/// transaction, so that a failure leaves nothing half made.</summary>
internal sealed class SessionCopies
{
    private const string Carried =
        "role, content, tool_call_id, tool_calls, tool_name, timestamp, token_count, finish_reason, reasoning, reasoning_content, "
        + "reasoning_details, codex_reasoning_items, codex_message_items";

    private readonly StateFile _file;
    private readonly TimeProvider _time;

    /// <summary>Works on this file; nothing is opened yet.</summary>
    public SessionCopies(StateFile file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    /// <summary>Copies a session with all its messages. The copy has no parent, since lists hide what has one (quirk Q18).</summary>
    /// <param name="source">Stored key.</param>
    /// <param name="key">Stored key of the copy.</param>
    /// <param name="title">A clean title; null takes the next in the line of the source's.</param>
    /// <param name="before">Copies only rows older than this one; null copies all.</param>
    /// <returns>The copy's title, and the row of its newest message.</returns>
    /// <exception cref="TitleRefusedException">Another session has the title.</exception>
    /// <exception cref="SessionDatabaseException">Nothing was copied.</exception>
    public (string Title, long? Tail) Branch(string source, string key, string? title, long? before) => _file.Write(connection =>
    {
        if (title is null)
        {
            using var current = Command(connection, "SELECT title FROM sessions WHERE id = $id", ("$id", source));
            title = SessionTitles.Next(connection, current.ExecuteScalar() as string ?? "branch");
        }
        else
        {
            SessionTitles.RequireFree(connection, key, title);
        }

        Execute(
            connection,
            """
            INSERT INTO sessions(id, source, model, model_config, system_prompt, started_at, title)
            SELECT $key, 'tui', model, model_config, system_prompt, $now, $title FROM sessions WHERE id = $source
            """,
            ("$key", key),
            ("$source", source),
            ("$now", _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0),
            ("$title", title));
        Execute(
            connection,
            $"INSERT INTO messages(session_id, {Carried}) SELECT $key, {Carried} FROM messages WHERE session_id = $source AND ($before IS NULL OR id < $before) ORDER BY timestamp, id",
            ("$key", key),
            ("$source", source),
            ("$before", before));
        Recount(connection, key);
        using var tail = Command(connection, "SELECT MAX(id) FROM messages WHERE session_id = $key", ("$key", key));
        return (title, tail.ExecuteScalar() is long row ? row : (long?)null);
    });

    /// <summary>Ends a session as compressed and goes on in a child that holds the shorter conversation; live ids lead to the child.</summary>
    /// <param name="source">Stored key; it keeps its messages.</param>
    /// <param name="key">Stored key of the child.</param>
    /// <param name="model">Model at creation.</param>
    /// <param name="messages">The shorter conversation.</param>
    /// <returns>The row of its newest message.</returns>
    /// <exception cref="SessionDatabaseException">Nothing was changed.</exception>
    public long? Continue(string source, string key, string model, IEnumerable<StoredMessage> messages) => _file.Write(connection =>
    {
        double now = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        Execute(connection, InsertSession, ("$id", source), ("$model", model), ("$now", now));
        using var current = Command(connection, "SELECT title FROM sessions WHERE id = $id", ("$id", source));
        string? title = current.ExecuteScalar() is string given ? SessionTitles.Next(connection, given) : null;
        Execute(connection, "UPDATE sessions SET ended_at = $now, end_reason = 'compression' WHERE id = $id AND ended_at IS NULL", ("$now", now), ("$id", source));
        Execute(
            connection,
            "INSERT INTO sessions(id, source, model, parent_session_id, started_at, title) VALUES ($key, 'tui', $model, $source, $now, $title)",
            ("$key", key),
            ("$model", model),
            ("$source", source),
            ("$now", now),
            ("$title", title));
        long? tail = null;
        int count = 0;
        foreach (var message in messages) tail = SessionRecords.Insert(connection, key, now + (count++ * 1e-6), message);
        Recount(connection, key);
        SessionRecords.MoveLiveIds(connection, source, key);
        return tail;
    });

    private static void Recount(SqliteConnection connection, string key) =>
        Execute(
            connection,
            """
            UPDATE sessions SET
                message_count = (SELECT COUNT(*) FROM messages WHERE session_id = $key),
                tool_call_count = (SELECT COALESCE(SUM(CASE WHEN json_valid(tool_calls) THEN json_array_length(tool_calls) ELSE 0 END), 0) FROM messages WHERE session_id = $key)
            WHERE id = $key
            """,
            ("$key", key));
}
