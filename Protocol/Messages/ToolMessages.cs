using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>One toolset of tools.list and toolsets.list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="ToolCount">How many tools it has here.</param>
/// <param name="Enabled">Whether it is on.</param>
/// <param name="Tools">Their names; absent in toolsets.list.</param>
internal sealed record ToolsetEntry(string Name, string Description, int ToolCount, bool Enabled, IReadOnlyList<string>? Tools);

/// <summary>tools.list and toolsets.list</summary>
internal sealed record ToolsetsResult(IReadOnlyList<ToolsetEntry> Toolsets);

/// <summary>One tool of tools.show.</summary>
internal sealed record ToolEntry(string Name, string Description);

/// <summary>The tools of one toolset in tools.show.</summary>
internal sealed record ToolSection(string Name, IReadOnlyList<ToolEntry> Tools);

/// <summary>tools.show</summary>
/// <param name="Sections">Toolsets that are on, by name.</param>
/// <param name="Total">Tools in all of them.</param>
internal sealed record ToolsShowResult(IReadOnlyList<ToolSection> Sections, int Total);

/// <summary>tools.configure</summary>
/// <param name="SessionId">Live session whose info is wanted.</param>
/// <param name="Action">enable or disable.</param>
/// <param name="Names">Toolsets.</param>
internal sealed record ToolsConfigureParams(string? SessionId = null, string? Action = null, JsonElement Names = default);

/// <summary>tools.configure</summary>
/// <param name="Changed">Names that are now as asked for.</param>
/// <param name="EnabledToolsets">All that are on, sorted.</param>
/// <param name="Info">The session as it is now; null without one.</param>
/// <param name="MissingServers">MCP servers that do not exist.</param>
/// <param name="Reset">Whether the session lost its history: never.</param>
/// <param name="Unknown">Names of nothing.</param>
internal sealed record ToolsConfigureResult(
    IReadOnlyList<string> Changed,
    IReadOnlyList<string> EnabledToolsets,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] SessionInfo? Info,
    IReadOnlyList<string> MissingServers,
    bool Reset,
    IReadOnlyList<string> Unknown);
