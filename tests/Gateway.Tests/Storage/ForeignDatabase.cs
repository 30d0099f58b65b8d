using Gateway.Tests.Shared;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Tests.StorageTests;

/// <summary>A state.db as another program makes and reads it: by plain SQL.</summary>
internal sealed class ForeignDatabase : IDisposable
{
    private readonly SqliteConnection _connection;

    private ForeignDatabase(string path)
    {
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        _connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=10");
        _connection.Open();
    }

    /// <summary>The tables of schema version 11.</summary>
    public static string Schema => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Storage", "schema11.sql"));

    /// <summary>Opens the file of a stage as it is.</summary>
    public static ForeignDatabase Open(Stage stage) => new(Path.Combine(stage.Home, "state.db"));

    /// <summary>Opens a file as it is.</summary>
    public static ForeignDatabase Open(string path) => new(path);

    /// <summary>Makes the tables and then rows.</summary>
    public static ForeignDatabase Make(Stage stage, string sql = "")
    {
        var database = Open(stage);
        database.Run(Schema + sql);
        return database;
    }

    /// <summary>Runs statements.</summary>
    public void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Rows of a query, columns joined by "|", NULL as "-".</summary>
    public IReadOnlyList<string> Rows(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "-" : reader.GetString(column))));
        return rows;
    }

    public void Dispose() => _connection.Dispose();
}
