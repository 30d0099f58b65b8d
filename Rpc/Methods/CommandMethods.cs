using Gateway.Commands;
using Gateway.Config;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc.Methods;

/// <summary>The slash commands a client can offer (WIRE 13.2).</summary>
internal sealed class CommandMethods
{
    private readonly ConfigFile _config;
    private readonly SkillIndex _skills;

    /// <summary>Creates the group.</summary>
    public CommandMethods(ConfigFile config, SkillIndex skills)
    {
        _config = config;
        _skills = skills;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
        [Route.Of("commands.catalog", Lane.Worker, json => json.NoParams, json => json.CommandsCatalogResult, Catalog)];

    private CommandsCatalogResult Catalog(NoParams request)
    {
        var config = _config.Read().Root;
        var catalog = CommandCatalog.Build(config, _skills.Read(config));
        return new CommandsCatalogResult(
            Pairs(catalog.Pairs),
            catalog.Sub,
            catalog.Canon,
            [.. catalog.Categories.Select(category => new CatalogCategory(category.Name, Pairs(category.Pairs)))],
            catalog.SkillCount,
            catalog.Warning);
    }

    private static string[][] Pairs(IReadOnlyList<CommandPair> pairs) => [.. pairs.Select(pair => new[] { pair.Name, pair.Description })];
}
