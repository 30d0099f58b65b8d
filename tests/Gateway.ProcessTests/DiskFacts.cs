using Gateway.Tests.Shared;
using Microsoft.Data.Sqlite;

namespace Gateway.ProcessTests;

/// <summary>What state.db says to somebody who did not write it.</summary>
internal static class DiskFacts
{
    /// <summary>The first column of a query's rows, as text.</summary>
    public static IReadOnlyList<string> Query(Stage stage, string sql) => Query(Path.Combine(stage.Home, "state.db"), sql);

    /// <summary>The same of any file.</summary>
    public static IReadOnlyList<string> Query(string path, string sql)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.IsDBNull(0) ? "NULL" : reader.GetValue(0).ToString()!);
        return rows;
    }

    /// <summary>A connection as another program would have it.</summary>
    public static SqliteConnection Open(string path)
    {
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        var connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=10");
        connection.Open();
        return connection;
    }

    /// <summary>What is wrong with the file; "" when it is whole, every message is in both search indexes, and all counts are right.</summary>
    public static string Faults(Stage stage)
    {
        var faults = new List<string>(Query(stage, "PRAGMA integrity_check").Where(line => line != "ok"));
        string messages = Query(stage, "SELECT COUNT(*) FROM messages")[0];
        foreach (string index in (string[])["messages_fts", "messages_fts_trigram"])
        {
            string indexed = Query(stage, $"SELECT COUNT(*) FROM {index}")[0];
            if (indexed != messages) faults.Add($"{index} has {indexed} of {messages} messages");
        }

        faults.AddRange(Query(
            stage,
            "SELECT s.id || ' says ' || s.message_count FROM sessions s WHERE s.message_count <> (SELECT COUNT(*) FROM messages m WHERE m.session_id = s.id)"));
        return string.Join('\n', faults);
    }
}
