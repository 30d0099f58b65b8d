using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>Brings state.db to schema 11, whatever it was before (STATE.md 3.1): tables are created, columns that an older
/// program did not know are added, the search index is built anew where its form changed. A newer version is left alone.</summary>
internal static class StateSchema
{
    /// <summary>The version this program writes.</summary>
    public const int Version = 11;

    /// <summary>From this version on the word index holds what it holds now.</summary>
    private const int SearchVersion = 11;

    private static (string Table, string[] Columns, string Constraint)[] Tables =>
    [
        ("schema_version", ["version INTEGER NOT NULL"], ""),
        ("sessions",
        [
            "id TEXT PRIMARY KEY", "source TEXT NOT NULL", "user_id TEXT", "model TEXT", "model_config TEXT", "system_prompt TEXT",
            "parent_session_id TEXT", "started_at REAL NOT NULL", "ended_at REAL", "end_reason TEXT",
            "message_count INTEGER DEFAULT 0", "tool_call_count INTEGER DEFAULT 0", "input_tokens INTEGER DEFAULT 0",
            "output_tokens INTEGER DEFAULT 0", "cache_read_tokens INTEGER DEFAULT 0", "cache_write_tokens INTEGER DEFAULT 0",
            "reasoning_tokens INTEGER DEFAULT 0", "billing_provider TEXT", "billing_base_url TEXT", "billing_mode TEXT",
            "estimated_cost_usd REAL", "actual_cost_usd REAL", "cost_status TEXT", "cost_source TEXT", "pricing_version TEXT",
            "title TEXT", "api_call_count INTEGER DEFAULT 0",
        ], ", FOREIGN KEY (parent_session_id) REFERENCES sessions(id)"),
        ("messages",
        [
            "id INTEGER PRIMARY KEY AUTOINCREMENT", "session_id TEXT NOT NULL REFERENCES sessions(id)", "role TEXT NOT NULL",
            "content TEXT", "tool_call_id TEXT", "tool_calls TEXT", "tool_name TEXT", "timestamp REAL NOT NULL",
            "token_count INTEGER", "finish_reason TEXT", "reasoning TEXT", "reasoning_content TEXT", "reasoning_details TEXT",
            "codex_reasoning_items TEXT", "codex_message_items TEXT",
        ], ""),
        ("state_meta", ["key TEXT PRIMARY KEY", "value TEXT"], ""),
    ];

    private static string[] Indexes =>
    [
        "CREATE INDEX IF NOT EXISTS idx_sessions_source ON sessions(source)",
        "CREATE INDEX IF NOT EXISTS idx_sessions_parent ON sessions(parent_session_id)",
        "CREATE INDEX IF NOT EXISTS idx_sessions_started ON sessions(started_at DESC)",
        "CREATE INDEX IF NOT EXISTS idx_messages_session ON messages(session_id, timestamp)",
    ];

    private static (string Table, string Options)[] SearchTables => [("messages_fts", ""), ("messages_fts_trigram", ", tokenize='trigram'")];

    /// <summary>Creates, adopts or mends the schema. To be run inside one write transaction.</summary>
    /// <exception cref="SqliteException">The file cannot be written or is no database.</exception>
    public static void Prepare(SqliteConnection connection)
    {
        foreach (var (table, columns, constraint) in Tables)
        {
            Run(connection, $"CREATE TABLE IF NOT EXISTS {table} ({string.Join(", ", columns)}{constraint})");
            AddMissingColumns(connection, table, columns);
        }

        foreach (string index in Indexes) Run(connection, index);
        long? before = Scalar(connection, "SELECT MAX(version) FROM schema_version");
        if (before is null) Run(connection, $"INSERT INTO schema_version(version) VALUES ({Version})");
        PrepareSearch(connection, rebuild: before < SearchVersion);
        if (before < Version) Run(connection, $"UPDATE schema_version SET version = {Version}");
        UniqueTitles(connection);
    }

    // A primary key cannot be added later, and has never been missing.
    private static void AddMissingColumns(SqliteConnection connection, string table, string[] columns)
    {
        var present = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"SELECT name FROM pragma_table_info('{table}')";
            using var reader = command.ExecuteReader();
            while (reader.Read()) present.Add(reader.GetString(0));
        }

        foreach (string column in columns)
            if (!present.Contains(column[..column.IndexOf(' ')])) Run(connection, $"ALTER TABLE {table} ADD COLUMN {column}");
    }

    private static void PrepareSearch(SqliteConnection connection, bool rebuild)
    {
        foreach (var (table, options) in SearchTables)
        {
            if (rebuild)
            {
                foreach (string change in (string[])["insert", "delete", "update"]) Run(connection, $"DROP TRIGGER IF EXISTS {table}_{change}");
                Run(connection, $"DROP TABLE IF EXISTS {table}");
            }

            bool fill = Scalar(connection, $"SELECT 1 FROM sqlite_master WHERE name = '{table}'") is null;
            Run(connection, $"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(content{options})");
            string remove = $"DELETE FROM {table} WHERE rowid = old.id;";
            string add = $"INSERT INTO {table}(rowid, content) VALUES (new.id, {Searched("new.")});";
            Run(connection, $"CREATE TRIGGER IF NOT EXISTS {table}_insert AFTER INSERT ON messages BEGIN {add} END");
            Run(connection, $"CREATE TRIGGER IF NOT EXISTS {table}_delete AFTER DELETE ON messages BEGIN {remove} END");
            Run(connection, $"CREATE TRIGGER IF NOT EXISTS {table}_update AFTER UPDATE ON messages BEGIN {remove} {add} END");
            if (fill) Run(connection, $"INSERT INTO {table}(rowid, content) SELECT id, {Searched("")} FROM messages");
        }
    }

    private static string Searched(string row) =>
        $"COALESCE({row}content, '') || ' ' || COALESCE({row}tool_name, '') || ' ' || COALESCE({row}tool_calls, '')";

    // Titles that old programs gave twice stay as they are; only new ones are held apart.
    private static void UniqueTitles(SqliteConnection connection)
    {
        try
        {
            Run(connection, "CREATE UNIQUE INDEX IF NOT EXISTS idx_sessions_title_unique ON sessions(title) WHERE title IS NOT NULL");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
        {
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : null;
    }
}
