using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>spawn_tree.save</summary>
/// <param name="SessionId">Free text that names the session; blank means none.</param>
/// <param name="Subagents">Array that is not empty; stored as it is.</param>
/// <param name="StartedAt">Unix seconds; absent, null and 0 mean unknown.</param>
/// <param name="FinishedAt">Unix seconds; absent, null and 0 mean now.</param>
/// <param name="Label">Words for people.</param>
internal sealed record SpawnTreeSaveParams(
    string? SessionId = null,
    JsonElement Subagents = default,
    [property: JsonConverter(typeof(LenientDoubleConverter))] double? StartedAt = null,
    [property: JsonConverter(typeof(LenientDoubleConverter))] double? FinishedAt = null,
    string? Label = null);

/// <summary>spawn_tree.save</summary>
/// <param name="Path">Absolute path of the file.</param>
/// <param name="SessionId">As it was sent, without blanks around it.</param>
internal sealed record SpawnTreeSaveResult(string Path, string SessionId);

/// <summary>spawn_tree.list</summary>
/// <param name="SessionId">Free text that names the session; blank means those saved without one.</param>
/// <param name="Limit">Most entries wanted; absent, null, 0 and less mean 50.</param>
/// <param name="CrossSession">Whether all sessions count.</param>
internal sealed record SpawnTreeListParams(
    string? SessionId = null,
    [property: JsonConverter(typeof(LenientInt32Converter))] int? Limit = null,
    bool? CrossSession = null);

/// <summary>spawn_tree.list</summary>
/// <param name="Entries">Newest first.</param>
internal sealed record SpawnTreeListResult(IReadOnlyList<SpawnTreeRow> Entries);

/// <summary>A stored tree in a list.</summary>
/// <param name="Path">Absolute path, for spawn_tree.load.</param>
/// <param name="SessionId">The id it was saved under.</param>
/// <param name="StartedAt">Unix seconds; null when unknown.</param>
/// <param name="FinishedAt">Unix seconds.</param>
/// <param name="Label">Words for people, "" if none.</param>
/// <param name="Count">Sub-agents in it.</param>
internal sealed record SpawnTreeRow(
    string Path,
    string SessionId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? StartedAt,
    double FinishedAt,
    string Label,
    long Count);

/// <summary>spawn_tree.load</summary>
/// <param name="Path">A path that save or list returned.</param>
internal sealed record SpawnTreeLoadParams(string? Path = null);

/// <summary>spawn_tree.load: the stored document itself is the result.</summary>
/// <param name="Json">A JSON object on one line.</param>
[JsonConverter(typeof(SpawnTreeDocumentConverter))]
internal sealed record SpawnTreeDocument(byte[] Json);
