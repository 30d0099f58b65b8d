using System.Buffers;
using Gateway.Tools.Files;

namespace Gateway.Tools.Search;

/// <summary>One file of patterns for what is left out, such as <c>.gitignore</c> (gitignore(5)).</summary>
internal sealed class IgnoreFile
{
    private const long LargestFile = 1024 * 1024;
    private const int MostRules = 10_000;

    private readonly List<Rule> _rules;

    private IgnoreFile(List<Rule> rules) => _rules = rules;

    /// <summary>Reads one; null when there is none, or none with patterns.</summary>
    public static IgnoreFile? Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length is 0 or > LargestFile) return null;
            using var reader = new StreamReader(TextFile.OpenRead(path));
            return Parse(reader.ReadToEnd());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TextFileException)
        {
            return null;
        }
    }

    /// <summary>Reads its text; null when there are no patterns in it. What is no pattern is passed over.</summary>
    public static IgnoreFile? Parse(string text)
    {
        List<Rule> rules = [.. text.Split('\n').Select(line => Rule.Parse(line.TrimEnd('\r'))).OfType<Rule>().Take(MostRules)];
        return rules.Count == 0 ? null : new IgnoreFile(rules);
    }

    /// <summary>Whether a file or folder is left out: the last pattern that is about it decides; null: none is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="path">Its path below the folder that the file stands in.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool? LeavesOut(string name, string path, bool isFolder)
    {
        for (int i = _rules.Count - 1; i >= 0; i--)
            if ((isFolder || !_rules[i].ForFolders) && _rules[i].Matches(name, path)) return !_rules[i].TakesIn;
        return null;
    }

    private sealed class Rule
    {
        private static readonly SearchValues<char> Special = SearchValues.Create("*?[{\\/");

        private readonly string? _name;
        private readonly string? _ending;
        private readonly GlobPattern? _pattern;

        private Rule(string glob, bool takesIn, bool forFolders)
        {
            (TakesIn, ForFolders) = (takesIn, forFolders);

            // Most patterns are names or endings, for which no expression is needed.
            if (!glob.AsSpan().ContainsAny(Special)) _name = glob;
            else if (glob.StartsWith("*.", StringComparison.Ordinal) && !glob.AsSpan(1).ContainsAny(Special)) _ending = glob[1..];
            else _pattern = GlobPattern.Parse(glob.StartsWith('!') ? "\\" + glob : glob);
            IsPattern = _name is not null || _ending is not null || _pattern is not null;
        }

        public bool TakesIn { get; }

        public bool ForFolders { get; }

        private bool IsPattern { get; }

        public static Rule? Parse(string line)
        {
            if (line.StartsWith('#')) return null;
            string glob = TrimEnd(line);
            bool takesIn = glob.StartsWith('!');
            if (takesIn) glob = glob[1..];
            bool forFolders = glob.EndsWith('/');
            if (forFolders) glob = glob[..^1];
            if (glob.Length == 0) return null;
            var rule = new Rule(glob, takesIn, forFolders);
            return rule.IsPattern ? rule : null;
        }

        public bool Matches(string name, string path) =>
            _name is not null ? name == _name : _ending is not null ? name.EndsWith(_ending, StringComparison.Ordinal) : _pattern!.Matches(name, path);

        // Spaces at the end count only behind a backslash.
        private static string TrimEnd(string line)
        {
            string trimmed = line.TrimEnd(' ', '\t');
            return trimmed.Length < line.Length && trimmed.EndsWith('\\') && line[trimmed.Length] == ' ' ? trimmed + ' ' : trimmed;
        }
    }
}
