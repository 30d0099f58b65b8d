using System.Text.RegularExpressions;

namespace Gateway.Agent;

/// <summary>Recognises replies in which a model only says what it is about to do and then stops, as models of the Responses format do
/// (AGENT.md section 4).</summary>
internal static partial class Announcement
{
    /// <summary>How often in a turn such a model is told to go on.</summary>
    public const int Max = 2;

    /// <summary>What it is told.</summary>
    public const string GoOn =
        "[System: Continue now. You said what you are going to do; do it in this reply with the tools you have, and answer only when it is done.]";

    // Longer texts say more than what comes next.
    private const int Longest = 1200;

    /// <summary>Whether a text is no more than an announcement. In doubt it is an answer.</summary>
    public static bool IsAll(string text)
    {
        text = text.Trim();

        // A question waits for the user, and code is a result.
        return text.Length is > 0 and <= Longest && text[^1] is not ('?' or '？') && !text.Contains("```", StringComparison.Ordinal) && Intention().IsMatch(text);
    }

    [GeneratedRegex(
        @"(?:^|[.!:;,\n]\s{0,3})(?:I['’]ll|I will|I['’]m going to|I am going to|I['’]m about to|let me)(?: (?:now|first|next|just|also|then|quickly|go ahead and|start by|begin by|proceed to))* "
        + "(?:analy[sz]|apply|build|change|check|compile|creat|debug|edit|examin|execut|explor|fetch|find|fix|gather|go through|implement|inspect|install|investigat|list|locate|look|make|open|read|refactor|"
        + "review|run|scan|search|see what|set up|start|summari|tak(?:e|ing) a (?:closer |quick )?look|test|trac|updat|us(?:e|ing)|verif|writ)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Intention();
}
