namespace Gateway.Config;

/// <summary>Reads the head of a SKILL.md: the front matter and the first line of text.</summary>
internal static class SkillFile
{
    private const int LongestName = 64;
    private const int LongestDescription = 1024;

    /// <summary>What the file says about its skill.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Description">Its description, one line.</param>
    /// <param name="Platforms">Platforms it is for; empty for all.</param>
    /// <param name="FrontMatter">All of its front matter, a map.</param>
    internal readonly record struct Head(string Name, string Description, IReadOnlyList<string> Platforms, ConfigNode FrontMatter);

    /// <summary>Parses the text; a broken front matter degrades to its "key: value" lines.</summary>
    public static Head Parse(string text, string directoryName)
    {
        var (matter, body) = Split(text);
        var map = matter is null ? ConfigNode.EmptyMap : YamlReader.Read(matter, out _) is { IsMap: true } parsed ? parsed : Lines(matter);
        var name = map.Find("name").AsText() ?? directoryName;
        var description = map.Find("description").AsText() ?? FirstLine(body);
        description = string.Join(' ', description.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var platforms = map.Find("platforms");
        return new Head(
            Cut(name, LongestName),
            Cut(description, LongestDescription),
            [.. (platforms.Kind == ConfigKind.List ? platforms.Items : [platforms]).Select(item => item.AsText()?.ToLowerInvariant()).OfType<string>()],
            map);
    }

    /// <summary>What keeps a text from being a whole SKILL.md; null when nothing does.</summary>
    public static string? Problem(string text)
    {
        if (!text.StartsWith("---", StringComparison.Ordinal)) return "SKILL.md must start with front matter (---).";
        var (matter, body) = Split(text);
        if (matter is null) return "The front matter of SKILL.md is not closed; end it with a line ---.";
        if (YamlReader.Read(matter, out _) is not { IsMap: true } map) return "The front matter of SKILL.md is not valid YAML.";
        if (string.IsNullOrWhiteSpace(map.Find("name").AsText())) return "The front matter must include 'name'.";
        if (map.Find("description").AsText() is not { } description || string.IsNullOrWhiteSpace(description)) return "The front matter must include 'description'.";
        if (description.Length > LongestDescription) return $"The description exceeds {LongestDescription} characters.";
        return body.Trim().Length == 0 ? "SKILL.md must have instructions after the front matter." : null;
    }

    /// <summary>The command name: lower case, spaces and underscores as hyphens, other characters dropped, runs of hyphens as one (WIRE.md 13.8).</summary>
    public static string SlashName(string name)
    {
        var result = new System.Text.StringBuilder();
        foreach (var c in name.Trim().ToLowerInvariant())
        {
            var mapped = c is ' ' or '_' ? '-' : c;
            if (char.IsAsciiLetterLower(mapped) || char.IsAsciiDigit(mapped) || (mapped == '-' && result.Length > 0 && result[^1] != '-'))
            {
                result.Append(mapped);
            }
        }

        return result.ToString().TrimEnd('-');
    }

    private static (string? Matter, string Body) Split(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (!text.StartsWith("---\n", StringComparison.Ordinal))
        {
            return (null, text);
        }

        var end = text.IndexOf("\n---", 3, StringComparison.Ordinal);
        if (end < 0)
        {
            return (null, text);
        }

        var bodyStart = text.IndexOf('\n', end + 4);
        return (text[4..Math.Max(4, end)], bodyStart < 0 ? "" : text[(bodyStart + 1)..]);
    }

    private static ConfigNode Lines(string matter) => ConfigNode.Of(
        from line in matter.Split('\n')
        let colon = line.IndexOf(':')
        where colon > 0 && !char.IsWhiteSpace(line[0])
        select KeyValuePair.Create(line[..colon].Trim(), ConfigNode.Of(line[(colon + 1)..].Trim().Trim('"', '\''))));

    private static string FirstLine(string body) =>
        body.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#') ?? "";

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
