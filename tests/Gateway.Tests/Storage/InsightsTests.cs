using System.Globalization;
using Gateway.Storage;
using Gateway.Tests.Shared;

namespace Gateway.Tests.Storage;

/// <summary>insights.get: what counts, and what is refused.</summary>
public class InsightsTests
{
    [Test]
    public async Task Counts_what_the_reference_counts()
    {
        await using var stage = await Stage.SetAsync();

        // Recorded from the reference: compressed conversations count by their newest part, sub-agents not at all.
        const double T = 1700000000.25;
        Fill(
            stage,
            Row("a", "cli", T, 2),
            Row("b", "tui", T + 60, 1),
            Row("c", "tool", T + 120, 1),
            Row("d", "telegram", T + 180, 1),
            Row("e", "cli", T + 240, 1, ended: T + 300, reason: "compression"),
            Row("f", "cli", T + 310, 2, parent: "e"),
            Row("g", "cli", T + 370, 1, ended: T + 400, reason: "branched"),
            Row("h", "tui", T + 410, 1, parent: "g"),
            Row("i", "cli", T + 470, 1, parent: "a"),
            Row("j", "Tool ", T + 530, 1),
            Row("k", "", T + 590, 0),
            Row("l", "cli", 1, 1));
        await using var gateway = new GatewayHarness(stage);
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":100000}""")).Result().GetRawText()).IsEqualTo("""{"days":100000,"sessions":10,"messages":11}""");
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":1}""")).Result().GetRawText()).IsEqualTo("""{"days":1,"sessions":0,"messages":0}""");
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":1e300}""")).Result().GetProperty("sessions").GetInt32()).IsEqualTo(10);
        double almostAll = Math.Floor((DateTimeOffset.UtcNow.ToUnixTimeSeconds() - T) / 86400) + 30;
        string answer = (await gateway.AskAsync("insights.get", $$"""{"days":{{almostAll.ToString(CultureInfo.InvariantCulture)}}}""")).Result().GetRawText();
        await Assert.That(answer).EndsWith("""
            "sessions":9,"messages":10}
            """);
    }

    [Test]
    public async Task The_newest_500_count_and_the_window_ends_today()
    {
        await using var stage = await Stage.SetAsync();
        double now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Fill(stage, [.. Enumerable.Range(0, 510).Select(number => Row($"n{number}", "tui", now - number * 3600, number < 500 ? 3 : 100)), Row("old", "cli", now - 40 * 86400, 7)]);
        await using var gateway = new GatewayHarness(stage);
        await Assert.That((await gateway.AskAsync("insights.get")).Result().GetRawText()).IsEqualTo("""{"days":30,"sessions":500,"messages":1500}""");
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":0.52}""")).Result().GetRawText()).IsEqualTo("""{"days":0.52,"sessions":13,"messages":39}""");
    }

    [Test]
    public async Task Without_a_database_there_is_nothing_and_none_is_made()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":1.5}""")).Result().GetRawText()).IsEqualTo("""{"days":1.5,"sessions":0,"messages":0}""");
        await Assert.That((await gateway.AskAsync("insights.get", """{"days":null}""")).Result().GetRawText()).IsEqualTo("""{"days":30,"sessions":0,"messages":0}""");
        await Assert.That(File.Exists(Path.Combine(stage.Home, "state.db"))).IsFalse();
    }

    [Test]
    public async Task A_broken_database_and_odd_days_are_refused()
    {
        await using var stage = await Stage.SetAsync();
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "state.db"), new string('x', 5000));
        await using var gateway = new GatewayHarness(stage);
        await Assert.That((await gateway.AskAsync("insights.get")).Refusal()).IsEqualTo("5017 state.db unavailable: file is not a database");
        foreach (string days in (string[])["0", "-1", "-0.0", "1e400", "\"NaN\""])
            await Assert.That((await gateway.AskAsync("insights.get", $$"""{"days":{{days}}}""")).Refusal()).IsEqualTo("-32602 insights.get: params.days must be a number greater than 0").Because(days);
        foreach (string days in (string[])["\"many\"", "true", "[7]", "{}", "\"\""])
            await Assert.That((await gateway.AskAsync("insights.get", $$"""{"days":{{days}}}""")).Refusal()).IsEqualTo("-32602 insights.get: params.days must be a number").Because(days);
    }

    private static (string Id, string Source, double Started, int Messages, string? Parent, double? Ended, string? Reason) Row(
        string id, string source, double started, int messages, string? parent = null, double? ended = null, string? reason = null) => (id, source, started, messages, parent, ended, reason);

    private static void Fill(Stage stage, params (string Id, string Source, double Started, int Messages, string? Parent, double? Ended, string? Reason)[] rows)
    {
        using var file = new StateFile(Path.Combine(stage.Home, "state.db"));
        file.Write(connection =>
        {
            foreach (var row in rows)
            {
                using var command = connection.CreateCommand();
                command.CommandText = "INSERT INTO sessions(id, source, started_at, message_count, parent_session_id, ended_at, end_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
                object?[] values = [row.Id, row.Source, row.Started, row.Messages, row.Parent, row.Ended, row.Reason];
                for (int i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
                command.ExecuteNonQuery();
            }

            return true;
        });
    }
}
