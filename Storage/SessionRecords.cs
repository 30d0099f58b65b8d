using System.Globalization;
using Microsoft.Data.Sqlite;
using static Gateway.Storage.Sql;

namespace Gateway.Storage;

/// <summary>The rows of single sessions: what a conversation writes while it goes on, and what a resume reads (STATE.md 3.4).
/// Every method that writes is one transaction and throws <see cref="SessionDatabaseException"/> when it cannot.</summary>
internal sealed class SessionRecords
{
    private const string LiveKeyPrefix = "tui_live_";
    private const double LiveKeyLifetimeSeconds = 30 * 24 * 3600;

    // The parent chain, newest first; a chain that bites its own tail ends after 100 hops and counts each row once.
    private const string Lineage = """
        WITH RECURSIVE line(id, hop) AS (
            SELECT $id, 0
            UNION
            SELECT s.parent_session_id, hop + 1 FROM line JOIN sessions s ON s.id = line.id
            WHERE s.parent_session_id IS NOT NULL AND hop < 100)
        """;

    private readonly StateFile _file;
    private readonly TimeProvider _time;

    /// <summary>Works on this file; nothing is opened yet.</summary>
    public SessionRecords(StateFile file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    private double Now => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Stores a session without messages, and under which live id clients know it.</summary>
    /// <param name="key">Stored key; a row that exists is left as it is, but is open again.</param>
    /// <param name="liveId">Live id.</param>
    /// <param name="model">Model at creation.</param>
    public void Open(string key, string liveId, string model) => Write(connection =>
    {
        Execute(connection, InsertSession, ("$id", key), ("$model", model), ("$now", Now));
        Execute(connection, "UPDATE sessions SET ended_at = NULL, end_reason = NULL WHERE id = $id AND ended_at IS NOT NULL", ("$id", key));
        Execute(
            connection,
            "DELETE FROM state_meta WHERE key LIKE 'tui\\_live\\_%' ESCAPE '\\' AND CAST(substr(value, 1, instr(value, ' ') - 1) AS REAL) < $oldest",
            ("$oldest", Now - LiveKeyLifetimeSeconds));
        Execute(
            connection,
            "INSERT INTO state_meta(key, value) VALUES ($key, $value) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            ("$key", LiveKeyPrefix + liveId),
            ("$value", string.Create(CultureInfo.InvariantCulture, $"{Now:0.000} {key}")));
    });

    /// <summary>The stored key that a live id of an earlier process stood for; null when it is unknown.</summary>
    public string? KeyOfLiveId(string liveId) => Find("SELECT substr(value, instr(value, ' ') + 1) FROM state_meta WHERE key = $key", LiveKeyPrefix + liveId);

    /// <summary>A stored session by its key or else its exact title; null when there is none. A compressed one stands for the newest
    /// part of its conversation, which shows all parts: going on in an old part would hide the newer from every list.</summary>
    public SessionHead? Head(string keyOrTitle) => _file.ReadOr<SessionHead?>(null, connection =>
    {
        using var named = Command(
            connection,
            "SELECT id FROM sessions WHERE id = $key OR title = $key ORDER BY id = $key DESC, started_at DESC LIMIT 1",
            ("$key", keyOrTitle));
        if (named.ExecuteScalar() is not string key) return null;
        using var command = Command(connection, "SELECT id, title, system_prompt FROM sessions WHERE id = $key", ("$key", Tip(connection, key)));
        using var reader = command.ExecuteReader();
        return reader.Read() ? new SessionHead(reader.GetString(0), Text(reader, 1), Text(reader, 2)) : null;
    });

    /// <summary>The newest part of a conversation that was compressed, perhaps by another process; else the key itself.</summary>
    public string Tip(string key) => _file.Write(connection => Tip(connection, key));

    /// <summary>The first part of a conversation that was compressed; else the key itself.</summary>
    public string Root(string key) => _file.ReadOr(key, connection =>
    {
        using var command = Command(connection, $"{Lineage} SELECT id FROM line ORDER BY hop DESC LIMIT 1", ("$id", key));
        return command.ExecuteScalar() as string ?? key;
    });

    /// <summary>The messages of a session in the order they came.</summary>
    public IReadOnlyList<StoredMessage> Messages(string key) =>
        Messages("", "content, tool_call_id, tool_name, tool_calls, finish_reason, reasoning, reasoning_details, codex_reasoning_items, reasoning_content, codex_message_items", "session_id = $id", key);

    /// <summary>What clients show of a session and of those it continues, in the order it came: neither reasoning nor the results of
    /// tools, which are most of a long conversation.</summary>
    public IReadOnlyList<StoredMessage> Shown(string key) => Messages(
        Lineage, "CASE role WHEN 'tool' THEN NULL ELSE content END, tool_call_id, tool_name, tool_calls, NULL, NULL, NULL, NULL, NULL, NULL", "session_id IN (SELECT id FROM line)", key);

    private List<StoredMessage> Messages(string common, string columns, string which, string key) => _file.ReadOr<List<StoredMessage>>([], connection =>
    {
        using var command = Command(connection, $"{common} SELECT role, {columns}, session_id FROM messages WHERE {which} ORDER BY timestamp, id", ("$id", key));
        using var reader = command.ExecuteReader();
        var messages = new List<StoredMessage>();
        while (reader.Read())
        {
            messages.Add(new StoredMessage(reader.GetString(0), Text(reader, 1))
            {
                ToolCallId = Text(reader, 2),
                ToolName = Text(reader, 3),
                ToolCallsJson = Text(reader, 4),
                FinishReason = Text(reader, 5),
                Reasoning = Text(reader, 6),
                ReasoningDetailsJson = Text(reader, 7),
                CodexReasoningItemsJson = Text(reader, 8),
                ReasoningContent = Text(reader, 9),
                CodexMessageItemsJson = Text(reader, 10),
                SessionKey = reader.GetString(11),
            });
        }

        return messages;
    });

    /// <summary>Adds a message at the end of a session, which is created when it has no row.</summary>
    /// <returns>The row's id, for <see cref="Replace"/> and <see cref="Remove"/>.</returns>
    public long Append(string key, string model, StoredMessage message) => _file.Write(connection =>
    {
        Execute(connection, InsertSession, ("$id", key), ("$model", model), ("$now", Now));
        long row = Insert(connection, key, Now, message);
        Count(connection, key, 1, message.ToolCallCount);
        return row;
    });

    /// <summary>Puts a message in the place of one stored earlier; its time stays.</summary>
    public void Replace(string key, long row, StoredMessage message) => Write(connection =>
    {
        Execute(
            connection,
            """
            UPDATE messages SET role = $role, content = $content, tool_call_id = $callId, tool_name = $toolName, tool_calls = $calls,
                finish_reason = $finish, reasoning = $reasoning, reasoning_details = $details, codex_reasoning_items = $codex,
                reasoning_content = $thought, codex_message_items = $items
            WHERE id = $row
            """,
            [("$row", row), .. Values(message)]);
        Count(connection, key, 0, message.ToolCallCount);
    });

    /// <summary>Takes a message out again.</summary>
    public void Remove(string key, long row) => Write(connection =>
    {
        Execute(connection, "DELETE FROM messages WHERE id = $row", ("$row", row));
        Count(connection, key, -1, 0);
    });

    /// <summary>Takes the newest user message and everything after it out of a session.</summary>
    /// <returns>The row that is now the newest; null when none is left.</returns>
    public long? RemoveLastExchange(string key) =>
        RemoveFrom(key, "SELECT timestamp, id FROM messages WHERE session_id = $id AND role = 'user' ORDER BY timestamp DESC, id DESC LIMIT 1");

    /// <summary>Takes a message and everything after it out of a session.</summary>
    /// <returns>The row that is now the newest; null when none is left.</returns>
    public long? RemoveFrom(string key, long row) =>
        RemoveFrom(key, "SELECT timestamp, id FROM messages WHERE session_id = $id AND id = $row", ("$row", row));

    private long? RemoveFrom(string key, string first, params (string Name, object? Value)[] values) => _file.Write(connection =>
    {
        string tail = $"FROM messages WHERE session_id = $id AND (timestamp, id) >= ({first})";
        using var calls = Command(connection, "SELECT COALESCE(SUM(CASE WHEN json_valid(tool_calls) THEN json_array_length(tool_calls) ELSE 0 END), 0) " + tail, [("$id", key), .. values]);
        int called = Convert.ToInt32(calls.ExecuteScalar(), CultureInfo.InvariantCulture);
        int removed = Execute(connection, "DELETE " + tail, [("$id", key), .. values]);
        Count(connection, key, -removed, -called);
        return Tail(connection, key);
    });

    /// <summary>The row of the newest message of a session; null when it has none.</summary>
    public long? Tail(string key) => _file.Write(connection => Tail(connection, key));

    /// <summary>Counts calls of a model (STATE.md 3.4): counters grow, what is known first of who is paid stays, of the cost what is known
    /// last.</summary>
    public void AddTokens(string key, StoredUsage usage) => Write(connection => Execute(
        connection,
        """
        UPDATE sessions SET input_tokens = COALESCE(input_tokens, 0) + $input, output_tokens = COALESCE(output_tokens, 0) + $output,
            cache_read_tokens = COALESCE(cache_read_tokens, 0) + $cacheRead, cache_write_tokens = COALESCE(cache_write_tokens, 0) + $cacheWrite,
            reasoning_tokens = COALESCE(reasoning_tokens, 0) + $reasoning, api_call_count = COALESCE(api_call_count, 0) + $calls,
            estimated_cost_usd = COALESCE(estimated_cost_usd, 0) + COALESCE($cost, 0), cost_status = $status, cost_source = $source,
            billing_provider = COALESCE(billing_provider, $provider), billing_base_url = COALESCE(billing_base_url, $address)
        WHERE id = $id
        """,
        ("$id", key),
        ("$input", usage.Input),
        ("$output", usage.Output),
        ("$cacheRead", usage.CacheRead),
        ("$cacheWrite", usage.CacheWrite),
        ("$reasoning", usage.Reasoning),
        ("$calls", usage.Calls),
        ("$cost", usage.Cost),
        ("$status", usage.Cost is null ? "unknown" : "estimated"),
        ("$source", usage.Cost is null ? "none" : "official_docs_snapshot"),
        ("$provider", usage.Provider),
        ("$address", usage.BaseUrl)));

    /// <summary>Makes the row of an agent that works for another session; lists leave out what has a parent. The parent is the newest
    /// part of that session: a child of an older part would pass for what it goes on in.</summary>
    public void OpenChild(string key, string parent, string model) => Write(connection => Execute(
        connection,
        "INSERT INTO sessions(id, source, model, parent_session_id, started_at) SELECT $id, 'tui', $model, (SELECT id FROM sessions WHERE id = $parent), $now",
        ("$id", key),
        ("$model", model),
        ("$parent", Tip(connection, parent)),
        ("$now", Now)));

    /// <summary>Marks a session as ended.</summary>
    public void End(string key, string reason) => Write(connection => Execute(
        connection,
        "UPDATE sessions SET ended_at = $now, end_reason = $reason WHERE id = $id AND ended_at IS NULL",
        ("$now", Now),
        ("$reason", reason),
        ("$id", key)));

    /// <summary>Keeps the instructions of a session, so that a resume repeats them word for word.</summary>
    public void SetSystemPrompt(string key, string text) =>
        Write(connection => Execute(connection, "UPDATE sessions SET system_prompt = $text WHERE id = $id", ("$text", text), ("$id", key)));

    /// <summary>Lets the live ids of a session lead to another one, inside a transaction.</summary>
    public static void MoveLiveIds(SqliteConnection connection, string from, string to) => Execute(
        connection,
        "UPDATE state_meta SET value = substr(value, 1, instr(value, ' ')) || $to WHERE key LIKE 'tui\\_live\\_%' ESCAPE '\\' AND substr(value, instr(value, ' ') + 1) = $from",
        ("$from", from),
        ("$to", to));

    /// <summary>Writes a message's row inside a transaction.</summary>
    /// <returns>The row's id.</returns>
    public static long Insert(SqliteConnection connection, string key, double timestamp, StoredMessage message)
    {
        Execute(
            connection,
            """
            INSERT INTO messages(
                session_id, timestamp, role, content, tool_call_id, tool_name, tool_calls, finish_reason, reasoning, reasoning_details, codex_reasoning_items,
                reasoning_content, codex_message_items)
            VALUES ($id, $now, $role, $content, $callId, $toolName, $calls, $finish, $reasoning, $details, $codex, $thought, $items)
            """,
            [("$id", key), ("$now", timestamp), .. Values(message)]);
        return SQLitePCL.raw.sqlite3_last_insert_rowid(connection.Handle);
    }

    private static (string, object?)[] Values(StoredMessage message) =>
    [
        ("$role", message.Role), ("$content", message.Content), ("$callId", message.ToolCallId), ("$toolName", message.ToolName),
        ("$calls", message.ToolCallsJson), ("$finish", message.FinishReason), ("$reasoning", message.Reasoning), ("$details", message.ReasoningDetailsJson),
        ("$codex", message.CodexReasoningItemsJson), ("$thought", message.ReasoningContent), ("$items", message.CodexMessageItemsJson),
    ];

    private static void Count(SqliteConnection connection, string key, int messages, int calls) => Execute(
        connection,
        "UPDATE sessions SET message_count = MAX(0, COALESCE(message_count, 0) + $messages), tool_call_count = MAX(0, COALESCE(tool_call_count, 0) + $calls) WHERE id = $id",
        ("$messages", messages),
        ("$calls", calls),
        ("$id", key));

    private static string Tip(SqliteConnection connection, string key)
    {
        using var command = Command(
            connection,
            """
            WITH RECURSIVE chain(id, hop) AS (
                SELECT $key, 0
                UNION ALL
                SELECT (SELECT c.id FROM sessions c WHERE c.parent_session_id = e.id AND c.started_at >= e.ended_at ORDER BY c.started_at DESC LIMIT 1), hop + 1
                FROM chain JOIN sessions e ON e.id = chain.id
                WHERE e.end_reason = 'compression' AND hop < 100)
            SELECT id FROM chain WHERE id IS NOT NULL ORDER BY hop DESC LIMIT 1
            """,
            ("$key", key));
        return command.ExecuteScalar() as string ?? key;
    }

    private static long? Tail(SqliteConnection connection, string key)
    {
        using var command = Command(connection, "SELECT id FROM messages WHERE session_id = $id ORDER BY timestamp DESC, id DESC LIMIT 1", ("$id", key));
        return command.ExecuteScalar() is long row ? row : null;
    }

    private string? Find(string sql, string key) => _file.ReadOr<string?>(null, connection =>
    {
        using var command = Command(connection, sql, ("$key", key));
        return command.ExecuteScalar() as string;
    });

    private void Write(Action<SqliteConnection> work) => _file.Write(connection =>
    {
        work(connection);
        return true;
    });
}
