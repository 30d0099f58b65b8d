using Gateway.Storage;
using Gateway.Tests.Shared;

namespace Gateway.Tests.StorageTests;

/// <summary>state.db ends up the same as other programs make it, whatever it was before, and loses no message on the way.</summary>
public class StateSchemaTests
{
    private const string Shape = """
        SELECT 'column', m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '%\_fts%' ESCAPE '\'
        UNION ALL SELECT m.type, m.name, m.tbl_name, '', '', '', '' FROM sqlite_master m WHERE m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
        UNION ALL SELECT 'index column', i.name, c.name, '', '', '', '' FROM sqlite_master i JOIN pragma_index_info(i.name) c WHERE i.type = 'index'
        UNION ALL SELECT 'reference', m.name, f."table", f."from", f."to", '', '' FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
        ORDER BY 1, 2, 3
        """;

    private const string Messages = """
        INSERT INTO sessions(id, source, started_at) VALUES ('s', 'cli', 1.5);
        INSERT INTO messages(session_id, role, content, timestamp) VALUES ('s', 'user', 'a walrus', 2.5);
        INSERT INTO messages(session_id, role, content, tool_calls, timestamp) VALUES ('s', 'assistant', '', '[{"id":"c","function":{"name":"terminal","arguments":"{}"}}]', 3.5);
        INSERT INTO messages(session_id, role, content, tool_name, timestamp) VALUES ('s', 'tool', '東京タワー', 'terminal', 4.5);
        """;

    [Test]
    public async Task A_new_file_has_the_shape_that_other_programs_give_it()
    {
        await using var theirs = await Stage.SetAsync();
        await using var ours = await Stage.SetAsync();
        using var expected = ForeignDatabase.Make(theirs);
        Prepare(ours);
        using var made = ForeignDatabase.Open(ours);
        await Assert.That(string.Join('\n', made.Rows(Shape))).IsEqualTo(string.Join('\n', expected.Rows(Shape)));
        await Assert.That(made.Rows("PRAGMA journal_mode")[0]).IsEqualTo("wal");
        await Assert.That(made.Rows("SELECT version FROM schema_version")).IsEquivalentTo(["11"]);
    }

    [Test]
    [Arguments(1, "DROP TABLE state_meta; ALTER TABLE sessions DROP COLUMN api_call_count; ALTER TABLE messages DROP COLUMN reasoning_content; ALTER TABLE messages DROP COLUMN finish_reason; DROP INDEX idx_sessions_title_unique; ALTER TABLE sessions DROP COLUMN title;")]
    [Arguments(6, "ALTER TABLE messages DROP COLUMN codex_message_items; ALTER TABLE sessions DROP COLUMN cost_status;")]
    [Arguments(9, "DROP TRIGGER messages_fts_trigram_insert; DROP TRIGGER messages_fts_trigram_delete; DROP TRIGGER messages_fts_trigram_update; DROP TABLE messages_fts_trigram;")]
    [Arguments(10, "DELETE FROM messages_fts; DELETE FROM messages_fts_trigram;")]
    [Arguments(11, "DROP TABLE messages_fts_trigram; DROP TABLE messages_fts;")]
    public async Task An_older_file_is_adopted_and_every_message_is_found(int version, string older)
    {
        await using var fresh = await Stage.SetAsync();
        await using var stage = await Stage.SetAsync();
        using var shape = ForeignDatabase.Make(fresh);
        using (var before = ForeignDatabase.Make(stage, Messages)) before.Run($"UPDATE schema_version SET version = {version};" + older);
        Prepare(stage);
        Prepare(stage);
        using var after = ForeignDatabase.Open(stage);
        await Assert.That(string.Join('\n', after.Rows(Shape).Order())).IsEqualTo(string.Join('\n', shape.Rows(Shape).Order()));
        await Assert.That(after.Rows("SELECT version FROM schema_version")).IsEquivalentTo(["11"]);
        await Assert.That(after.Rows("SELECT COUNT(*) FROM messages")[0]).IsEqualTo("3");
        await Assert.That(after.Rows("SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'walrus'")).IsEquivalentTo(["1"]);
        await Assert.That(after.Rows("SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'terminal' ORDER BY rowid")).IsEquivalentTo(["2", "3"]);
        await Assert.That(after.Rows("SELECT rowid FROM messages_fts_trigram WHERE messages_fts_trigram MATCH '京タワ'")).IsEquivalentTo(["3"]);
    }

    [Test]
    public async Task A_newer_file_is_used_and_its_version_left_alone()
    {
        await using var stage = await Stage.SetAsync();
        using (var before = ForeignDatabase.Make(stage, Messages)) before.Run("UPDATE schema_version SET version = 12; ALTER TABLE sessions ADD COLUMN mood TEXT DEFAULT 'fine';");
        using (var file = new StateFile(Path.Combine(stage.Home, "state.db")))
            new SessionRecords(file, TimeProvider.System).Append("s", "m", new StoredMessage("user", "a heron"));
        using var after = ForeignDatabase.Open(stage);
        await Assert.That(after.Rows("SELECT version FROM schema_version")).IsEquivalentTo(["12"]);
        await Assert.That(after.Rows("SELECT mood FROM sessions")).IsEquivalentTo(["fine"]);
        await Assert.That(after.Rows("SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'heron'").Count).IsEqualTo(1);
    }

    [Test]
    public async Task Titles_given_twice_stay()
    {
        await using var stage = await Stage.SetAsync();
        using (var before = ForeignDatabase.Make(stage))
            before.Run("DROP INDEX idx_sessions_title_unique; INSERT INTO sessions(id, source, started_at, title) VALUES ('a', 'cli', 1, 'same'), ('b', 'cli', 2, 'same');");
        Prepare(stage);
        using var after = ForeignDatabase.Open(stage);
        await Assert.That(after.Rows("SELECT id FROM sessions WHERE title = 'same' ORDER BY id")).IsEquivalentTo(["a", "b"]);
    }

    private static void Prepare(Stage stage)
    {
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        _ = file.Write(_ => 0);
    }

    [Test]
    public async Task A_database_that_is_only_just_being_made_is_an_empty_one()
    {
        await using var stage = await Stage.SetAsync();
        string path = Path.Combine(stage.Home, "state.db");
        await File.WriteAllBytesAsync(path, []);
        using var file = new StateFile(path);
        await Assert.That(new SessionDatabase(file).List(10)).IsEmpty();
        await Assert.That(new SessionDatabase(file).Figures(0)).IsEqualTo((0L, 0L));
    }
}
