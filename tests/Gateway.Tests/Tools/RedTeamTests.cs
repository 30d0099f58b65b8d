using Gateway.Tools.Approvals;

namespace Gateway.Tests.ToolsTests;

/// <summary>The tables of hostile spellings (RedTeam.txt) and of everyday commands. Commands are only judged here, never run.</summary>
public class RedTeamTests
{
    private static readonly DangerousCommands Patterns = new();

    public static IEnumerable<(string Verdict, string Command)> Spellings() => CommandTable.Read("RedTeam.txt");

    public static IEnumerable<(string Verdict, string Command)> Everyday() => CommandTable.Read("EverydayCommands.txt");

    [Test]
    [MethodDataSource(nameof(Spellings))]
    public async Task Every_spelling_gets_its_verdict(string verdict, string command)
    {
        string[] parts = verdict.Split(" @");
        await Assert.That(CommandTable.Judge(Patterns, command, parts.Length > 1 ? parts[1] : null)).IsEqualTo(parts[0]);
    }

    [Test]
    [MethodDataSource(nameof(Everyday))]
    public async Task Everyday_commands_are_asked_about_only_where_they_should_be(string verdict, string command) =>
        await Assert.That(CommandTable.Judge(Patterns, command, "/root/project")).IsEqualTo(verdict);

    public static IEnumerable<(string Verdict, string Command)> Typed() => CommandTable.Read("TypedText.txt");

    [Test]
    [MethodDataSource(nameof(Typed))]
    public async Task Text_that_edits_its_line_is_asked_about(string verdict, string text)
    {
        var judged = Patterns.Check(new JudgedCommand(text) { IsTyped = true });
        await Assert.That(judged.Findings.Count > 0 ? "ask" : "allow").IsEqualTo(verdict);
    }

    [Test]
    public async Task The_tables_are_long_enough_to_mean_something()
    {
        await Assert.That(Spellings().Count()).IsGreaterThanOrEqualTo(1_162);
        await Assert.That(Everyday().Count()).IsGreaterThanOrEqualTo(300);
    }
}
