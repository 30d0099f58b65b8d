using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Terminal;

/// <summary>Recognises commands that do not end by themselves or leave the foreground (AGENT.md 10.1). Thread-safe.</summary>
internal sealed class LongLivedCommands
{
    private static readonly ImmutableArray<string> Patterns =
    [
        @"\b(?:nohup|disown|setsid)\b",
        @"\s&\s",
        @"\s&\s*(?:#.*)?$",
        @"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start|serve|watch)\b",
        @"\bdocker\s+compose\s+up\b",
        @"\bnext\s+dev\b",
        @"\bvite(?:\s|$)",
        @"\bnodemon\b",
        @"\buvicorn\b",
        @"\bgunicorn\b",
        @"\bpython(?:3)?\s+-m\s+http\.server\b",
    ];

    private readonly Lazy<Regex> _pattern = new(() => new Regex(
        string.Join('|', Patterns),
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    /// <summary>Whether the command would hold the foreground or escape from it. A question for help or the version never
    /// does.</summary>
    public bool Matches(string command) => !AsksForHelp(command) && _pattern.Value.IsMatch(command);

    private static bool AsksForHelp(string command)
    {
        var text = command.TrimEnd();
        return text.Contains(" --help", StringComparison.Ordinal)
            || text.Contains(" --version", StringComparison.Ordinal)
            || text.EndsWith(" -h", StringComparison.Ordinal)
            || text.EndsWith(" -v", StringComparison.Ordinal);
    }
}
