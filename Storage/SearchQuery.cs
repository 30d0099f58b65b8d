using System.Text.RegularExpressions;

namespace Gateway.Storage;

/// <summary>What people and models type to search for, as the full-text index takes it (STATE.md 3.7).</summary>
internal static partial class SearchQuery
{
    /// <summary>The query for the index of words; "" when nothing is left to search for.</summary>
    public static string ForWords(string text)
    {
        var phrases = new List<string>();
        text = Phrase().Replace(text.Replace('\0', ' '), match =>
        {
            phrases.Add(match.Value);
            return $"\0{phrases.Count - 1}\0";
        });
        text = Stars().Replace(Special().Replace(text, " "), "*");
        text = LeadingStar().Replace(text, "$1").Trim();
        text = LastOperator().Replace(FirstOperator().Replace(text, ""), "");
        text = Compound().Replace(text, "\"$1\"");
        return Kept().Replace(text, match => phrases[int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)]).Trim();
    }

    /// <summary>Every word between quotes, so that no sign in it has a meaning.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="joint">What stands between the words: a space wants all of them, <c> OR </c> any.</param>
    public static string Literal(string text, string joint) => string.Join(
        joint,
        text.Replace('\0', ' ').Replace('"', ' ').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word is not ("AND" or "OR" or "NOT")).Select(word => $"\"{word.Trim('*')}\""));

    /// <summary>How many characters of Chinese, Japanese or Korean it has; such text is not divided into words.</summary>
    public static int Ideographs(string text) => text.EnumerateRunes().Count(rune => rune.Value is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x3000 and <= 0x30FF) or (>= 0xAC00 and <= 0xD7AF));

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Phrase();

    [GeneratedRegex("[+{}()\"^]")]
    private static partial Regex Special();

    [GeneratedRegex(@"\*{2,}")]
    private static partial Regex Stars();

    [GeneratedRegex(@"(^|\s)\*")]
    private static partial Regex LeadingStar();

    [GeneratedRegex(@"^(?:(?:AND|OR|NOT)\b\s*)+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FirstOperator();

    [GeneratedRegex(@"(?:\s*\b(?:AND|OR|NOT))+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LastOperator();

    [GeneratedRegex(@"\b(\w+(?:[._-]\w+)+)\b")]
    private static partial Regex Compound();

    [GeneratedRegex("\0([0-9]+)\0")]
    private static partial Regex Kept();
}
