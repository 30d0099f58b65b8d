using System.Collections.Immutable;

namespace Gateway.Tools;

/// <summary>The tools of the product, sorted by name. Immutable: the list that a model is given must not change within a
/// conversation, or its provider's cache is lost.</summary>
internal sealed class ToolRegistry
{
    private readonly Dictionary<string, ITool> _byName;

    /// <summary>Takes the tools.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public ToolRegistry(IEnumerable<ITool> tools)
    {
        All = [.. tools.OrderBy(tool => tool.Name, StringComparer.Ordinal)];
        _byName = All.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    /// <summary>Every tool, sorted by name.</summary>
    public ImmutableArray<ITool> All { get; }

    /// <summary>The tool with exactly this name; null when there is none.</summary>
    public ITool? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The tool a model means by a name that is not quite right (AGENT.md section 4); null when none is near.</summary>
    public ITool? FindNearest(string name) =>
        ToolNameRepair.Repair(name, [.. All.Select(tool => tool.Name)]) is { } repaired ? Find(repaired) : null;

    /// <summary>Tool names by toolset, both sorted, as <c>session.info</c> lists them.</summary>
    public IReadOnlyDictionary<string, ImmutableArray<string>> ByToolset() =>
        new SortedDictionary<string, ImmutableArray<string>>(
            All.GroupBy(tool => tool.Toolset).ToDictionary(group => group.Key, group => group.Select(tool => tool.Name).ToImmutableArray()),
            StringComparer.Ordinal);
}
