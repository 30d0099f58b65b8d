using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>What all statements on state.db need.</summary>
internal static class Sql
{
    /// <summary>Makes a session's row where there is none; wants $id, $model and $now.</summary>
    public const string InsertSession = "INSERT OR IGNORE INTO sessions(id, source, model, started_at) VALUES ($id, 'tui', $model, $now)";

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public static int Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Prepares a statement with its values.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    /// <summary>A column as text; null where the row has none.</summary>
    public static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
