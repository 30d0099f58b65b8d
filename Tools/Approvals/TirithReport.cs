using System.Text;
using System.Text.Json;

namespace Gateway.Tools.Approvals;

/// <summary>Reads what tirith prints about a command: a JSON object with findings of rule_id, severity, title and description.</summary>
internal static class TirithReport
{
    private const int LongestText = 400;
    private const int LongestRule = 64;

    /// <summary>The report of a scan that found something; what cannot be read leaves one finding without a text.</summary>
    /// <param name="output">What it printed.</param>
    /// <param name="otherwise">What is said when that holds no summary.</param>
    public static ScanReport Read(string output, string otherwise)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            var root = document.RootElement;
            var findings = Member(root, "findings") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(Finding).ToArray() : [];
            string summary = Text(root, "summary");
            return new ScanReport(findings.Length == 0 ? [Unnamed] : findings, summary.Length == 0 ? otherwise : summary);
        }
        catch (JsonException)
        {
            return new ScanReport([Unnamed], otherwise);
        }
    }

    /// <summary>The key of a finding of a rule.</summary>
    public static string Key(string rule) => $"tirith:{rule}";

    private static ScanFinding Unnamed => new(Key("unknown"), null);

    private static ScanFinding Finding(JsonElement finding)
    {
        string rule = Text(finding, "rule_id");
        bool isName = rule.Length is > 0 and <= LongestRule && rule.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        var (severity, title, text) = (Text(finding, "severity"), Text(finding, "title"), Text(finding, "description"));
        return new ScanFinding(
            Key(isName ? rule : "unknown"),
            title.Length == 0 ? null : (severity.Length == 0 ? "" : $"[{severity}] ") + title + (text.Length == 0 ? "" : $": {text}"));
    }

    // The words may quote the command, and with it what would repaint the user's screen.
    private static string Text(JsonElement owner, string name)
    {
        var plain = new StringBuilder();
        foreach (char c in AnsiText.Strip(ArgumentText.OrNull(Member(owner, name)) ?? ""))
        {
            if (plain.Length >= LongestText) return plain.ToString().TrimEnd('\uD800') + "…";
            bool isSpace = char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format;
            if (!isSpace) plain.Append(c);
            else if (plain.Length > 0 && plain[^1] != ' ') plain.Append(' ');
        }

        return plain.ToString().Trim();
    }

    private static JsonElement? Member(JsonElement owner, string name) => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) ? member : null;
}
