using System.Text.RegularExpressions;

namespace Gateway.Tools.Terminal;

/// <summary>Reads what <c>export -p</c> of bash prints: lines of <c>declare -x NAME="value"</c>, with backslashes before <c>" \\ $ `</c>.</summary>
internal static partial class ExportList
{
    /// <summary>The variables and their values; those without one are left out.</summary>
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Variable().Matches(text)) variables[match.Groups[1].Value] = Escape().Replace(match.Groups[2].Value, "$1");
        return variables;
    }

    [GeneratedRegex(@"^(?:declare -x|export) (\w+)=""((?:[^""\\]|\\.)*)""$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\\([\s\S])")]
    private static partial Regex Escape();
}
