using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Tests.Shared;
using Gateway.Tools.Approvals;

namespace Gateway.Tests.ToolsTests;

/// <summary>Tables of commands and their verdicts: lines of a verdict, a tab and a command.</summary>
internal static partial class CommandTable
{
    /// <summary>The rows of a file in this folder.</summary>
    public static IEnumerable<(string Verdict, string Command)> Read(string file) =>
        from line in File.ReadLines(Path.Combine(Stage.RepositoryRoot, "tests/Gateway.Tests/Tools", file))
        where line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)
        let tab = line.IndexOf('\t')
        select (line[..tab], Written(line[(tab + 1)..]));

    /// <summary>What becomes of a command; <c>false</c> comes first, in case it is ever run.</summary>
    public static string Judge(DangerousCommands judge, string command, string? directory)
    {
        var verdict = judge.Check(new JudgedCommand("false && " + command) { Directory = directory, Home = directory is null ? null : "/root" });
        return verdict.Hardline is not null ? "refuse" : verdict.Findings.Count > 0 ? "ask" : "allow";
    }

    // ␁ and its like are pictures of the control characters.
    private static string Written(string text)
    {
        text = text.Replace('⏎', '\n').Replace('␉', '\t').Replace('␡', '\u007f');
        text = string.Concat(text.Select(sign => sign is >= '\u2400' and <= '\u241f' ? (char)(sign - '\u2400') : sign));
        return Filler().Replace(text, filler => Fill(int.Parse(filler.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));
    }

    private static string Fill(int length)
    {
        string line = ": " + new string('x', 96) + "; ";
        return string.Concat(Enumerable.Repeat(line, length / line.Length));
    }

    [GeneratedRegex("«([0-9]+)»")]
    private static partial Regex Filler();
}
