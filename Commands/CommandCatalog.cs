using Gateway.Config;

namespace Gateway.Commands;

/// <summary>A command as a row: <c>/name</c> and its description.</summary>
/// <param name="Name">Name with the slash.</param>
/// <param name="Description">One line.</param>
internal readonly record struct CommandPair(string Name, string Description);

/// <summary>Rows under a headline.</summary>
/// <param name="Name">Headline.</param>
/// <param name="Pairs">Rows.</param>
internal sealed record CommandCategory(string Name, IReadOnlyList<CommandPair> Pairs);

/// <summary>The answer to commands.catalog (WIRE.md 13.2).</summary>
/// <param name="Pairs">All rows: registry, terminal extras, quick commands, skills.</param>
/// <param name="Sub">/name to its subcommand words.</param>
/// <param name="Canon">Lower-case /name or /alias to the canonical /name.</param>
/// <param name="Categories">Rows by headline; skills have none.</param>
/// <param name="SkillCount">How many skills there are.</param>
/// <param name="Warning">What could not be listed, or "".</param>
internal sealed record CommandCatalog(
    IReadOnlyList<CommandPair> Pairs,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Sub,
    IReadOnlyDictionary<string, string> Canon,
    IReadOnlyList<CommandCategory> Categories,
    int SkillCount,
    string Warning)
{
    private const int LongestDescription = 120;

    /// <summary>Builds the catalogue.</summary>
    /// <param name="config">The raw root of config.yaml, for <c>quick_commands</c>.</param>
    /// <param name="skills">Installed skills.</param>
    public static CommandCatalog Build(ConfigNode config, IReadOnlyList<Skill> skills)
    {
        var pairs = new List<CommandPair>();
        var sub = new OrderedDictionary<string, IReadOnlyList<string>>();
        var canon = new OrderedDictionary<string, string>();
        var categories = new OrderedDictionary<string, List<CommandPair>>();

        void Add(string category, CommandPair pair)
        {
            pairs.Add(pair);
            if (!categories.TryGetValue(category, out var rows))
            {
                categories[category] = rows = [];
            }

            rows.Add(pair);
        }

        foreach (var command in CommandRegistry.All)
        {
            var name = "/" + command.Name;
            canon[name] = name;
            foreach (var alias in command.Aliases)
            {
                canon["/" + alias] = name;
            }

            if (command.Subcommands.Count > 0)
            {
                sub[name] = command.Subcommands;
            }

            if (!command.Hidden)
            {
                Add(command.Category, new CommandPair(name, command.Help));
            }
        }

        foreach (var (name, description) in CommandRegistry.TerminalExtras)
        {
            Add("TUI", new CommandPair("/" + name, description));
        }

        foreach (var quick in QuickCommand.All(config))
        {
            Add("User commands", new CommandPair("/" + quick.Name, Cut(quick.Help)));
            canon.TryAdd("/" + quick.Name.ToLowerInvariant(), "/" + quick.Name);
        }

        pairs.AddRange(skills.OrderBy(skill => skill.SlashName, StringComparer.Ordinal).Select(skill => new CommandPair("/" + skill.SlashName, Cut(skill.Description))));
        return new CommandCatalog(pairs, sub, canon, [.. categories.Select(entry => new CommandCategory(entry.Key, entry.Value))], skills.Count, QuickCommand.Warning(config));
    }

    private static string Cut(string text) => text.Length <= LongestDescription ? text : text[..LongestDescription] + "…";
}
