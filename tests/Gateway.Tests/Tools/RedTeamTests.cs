using Gateway.Tests.Shared;
using Gateway.Tools.Approvals;

namespace Gateway.Tests.ToolsTests;

/// <summary>The table of spellings (RedTeam.txt). Commands are only judged here, never run.</summary>
public class RedTeamTests
{
    private static readonly DangerousCommands Patterns = new();

    public static IEnumerable<(string Verdict, string Command)> Rows() =>
        from line in File.ReadLines(Path.Combine(Stage.RepositoryRoot, "tests/Gateway.Tests/Tools/RedTeam.txt"))
        where line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)
        let tab = line.IndexOf('\t')
        select (line[..tab], line[(tab + 1)..].Replace('⏎', '\n').Replace('␉', '\t'));

    [Test]
    [MethodDataSource(nameof(Rows))]
    public async Task Every_spelling_gets_its_verdict(string verdict, string command)
    {
        var judged = Patterns.Check("false && " + command);
        await Assert.That(judged.Hardline is not null ? "refuse" : judged.Findings.Count > 0 ? "ask" : "allow").IsEqualTo(verdict);
    }

    [Test]
    public async Task The_table_has_at_least_two_hundred_rows() => await Assert.That(Rows().Count()).IsGreaterThanOrEqualTo(200);
}
