using Gateway.Commands;
using Gateway.Config;

namespace Gateway.Completion;

/// <summary>Completes slash commands and their first argument (WIRE.md 14.3).</summary>
/// <remarks>Unlike upstream it offers nothing once the word is exact: with a menu open, Enter takes the highlighted row instead of
/// sending the command (TUI_CONTRACT.md 9).</remarks>
internal static class SlashCompleter
{
    private const int MaximumCommands = 30;
    private const int MetaLength = 50;

    /// <summary>Completes the input up to the cursor.</summary>
    /// <param name="text">The whole input.</param>
    /// <param name="config">The raw root of config.yaml, for model aliases and personalities.</param>
    /// <param name="skills">Installed skills.</param>
    /// <param name="hermesHome">Where user skins are.</param>
    public static SlashCompletion Complete(string text, ConfigNode config, IReadOnlyList<Skill> skills, string hermesHome)
    {
        if (!text.StartsWith('/'))
        {
            return new SlashCompletion([], null);
        }

        var space = text.IndexOf(' ');
        if (space < 0)
        {
            return new SlashCompletion(Names(text[1..], skills), 1);
        }

        var command = text[1..space];
        var replaceFrom = text.LastIndexOf(' ') + 1;
        if (command.Equals("details", StringComparison.OrdinalIgnoreCase))
        {
            return new SlashCompletion(Details(text[space..]), replaceFrom);
        }

        // Only the first argument is completed, so any blank behind its beginning ends it.
        var argument = text[space..].TrimStart(' ');
        var items = argument.Contains(' ') ? [] : Unless(argument, Arguments(command, config, hermesHome));
        return new SlashCompletion(items, replaceFrom);
    }

    private static List<CompletionItem> Names(string word, IReadOnlyList<Skill> skills)
    {
        var items = new List<CompletionItem>();
        foreach (var command in CommandRegistry.All.Where(command => command.Scope != CommandScope.Chat))
        {
            items.Add(new CompletionItem(command.Name, "/" + command.Name, command.Help));
            items.AddRange(command.Aliases.Select(alias => new CompletionItem(alias, "/" + alias, $"{command.Description} (alias for /{command.Name})")));
        }

        items.AddRange(skills.Select(skill => new CompletionItem(skill.SlashName, "/" + skill.SlashName, "⚡ " + Shorten(skill.Description))));
        var isExact = items.Exists(item => item.Text == word);
        items = [.. items.Where(item => item.Text.StartsWith(word, StringComparison.Ordinal)).Take(MaximumCommands)];

        foreach (var (name, description) in Extras())
        {
            isExact |= name.Equals(word, StringComparison.OrdinalIgnoreCase);
            if (name.StartsWith(word, StringComparison.OrdinalIgnoreCase) && !items.Exists(item => item.Text == name))
            {
                items.Add(new CompletionItem("/" + name, "/" + name, description));
            }
        }

        return isExact ? [] : items;
    }

    private static IEnumerable<(string Name, string Description)> Extras() =>
        CommandRegistry.TerminalExtras.Append(("details", "How much of the agent's work is shown")).OrderBy(extra => extra.Item1, StringComparer.Ordinal);

    private static IEnumerable<CompletionItem> Arguments(string command, ConfigNode config, string hermesHome)
    {
        switch (CommandRegistry.Find(command))
        {
            case { Name: "model" }:
                return ModelAliases(config).Concat(ShortModelNames());
            case { Name: "skin" }:
                return SkinCatalog.List(hermesHome).Select(skin => new CompletionItem(skin.Name, skin.Name, skin.Description));
            case { Name: "personality" }:
                return Personalities(config);
            case { } known:
                return known.Subcommands.Select(word => new CompletionItem(word, word, ""));
            default:
                return [];
        }
    }

    private static IEnumerable<CompletionItem> ModelAliases(ConfigNode config) =>
        from entry in config.Find("model_aliases").Entries
        let model = entry.Value.Find("model").AsText()
        where model is not null
        select new CompletionItem(entry.Key, entry.Key, $"{model} ({entry.Value.Find("provider").AsText() ?? "custom"})");

    private static IEnumerable<CompletionItem> ShortModelNames()
    {
        (string Name, string Family)[] names =
        [
            ("claude", "anthropic/claude"), ("codex", "openai/codex"), ("deepseek", "deepseek/deepseek-chat"), ("gemini", "google/gemini"),
            ("glm", "z-ai/glm"), ("gpt", "openai/gpt"), ("gpt5", "openai/gpt-5"), ("grok", "x-ai/grok"), ("haiku", "anthropic/claude-haiku"),
            ("kimi", "moonshotai/kimi"), ("llama", "meta-llama/llama"), ("mimo", "xiaomi/mimo"), ("minimax", "minimax/minimax"),
            ("nemotron", "nvidia/nemotron"), ("o3", "openai/o3"), ("o4", "openai/o4"), ("opus", "anthropic/claude-opus"), ("qwen", "qwen/qwen"),
            ("sonnet", "anthropic/claude-sonnet"), ("step", "stepfun/step"), ("trinity", "arcee-ai/trinity"),
        ];
        return names.Select(entry => new CompletionItem(entry.Name, entry.Name, entry.Family));
    }

    private static IEnumerable<CompletionItem> Personalities(ConfigNode config)
    {
        yield return new CompletionItem("none", "none", "no special manner");
        foreach (var (name, value) in config.Find("agent", "personalities").Entries)
        {
            var meta = value.IsMap ? CustomProvider.Text(value, "description", "system_prompt") : value.AsString();
            yield return new CompletionItem(name, name, Shorten(meta ?? ""));
        }
    }

    private static List<CompletionItem> Details(string rest)
    {
        string[] modes = ["hidden", "collapsed", "expanded"];
        string[] sections = ["thinking", "tools", "subagents", "activity"];
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isOpen = rest.EndsWith(' ');
        var section = words.Length > 0 ? words[0].ToLowerInvariant() : "";
        switch (words.Length)
        {
            case 0:
            case 1 when !isOpen:
                return Unless(section,
                [
                    .. modes.Select(mode => new CompletionItem(mode, mode, "global mode")),
                    new CompletionItem("cycle", "cycle", "cycle global mode"),
                    .. sections.Select(name => new CompletionItem(name, name, "section override")),
                ]);
            case 1 or 2 when sections.Contains(section) && (words.Length == 1 || !isOpen):
                return Unless(words.Length == 2 ? words[1].ToLowerInvariant() : "",
                [
                    .. modes.Select(mode => new CompletionItem(mode, mode, $"set {section}")),
                    new CompletionItem("reset", "reset", $"clear {section} override"),
                ]);
            default:
                return [];
        }
    }

    // What starts with the word, and nothing at all once the word is complete.
    private static List<CompletionItem> Unless(string word, IEnumerable<CompletionItem> candidates)
    {
        var items = candidates.Where(item => item.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase)).ToList();
        return items.Exists(item => item.Text.Equals(word, StringComparison.OrdinalIgnoreCase)) ? [] : items;
    }

    private static string Shorten(string text) => text.Length <= MetaLength ? text : text[..MetaLength] + "...";
}
